import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { z } from "zod";
import { answerOf, type Cloud } from "./cloud";

/** One resource as a program asked the engine for it. */
export interface Recorded {
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  /** Secrets unwrapped; where they stood is in `secrets`. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Paths of secret inputs, such as `environment.TRUNKLINE_PUSH_KEY`. */
  readonly secrets: readonly string[];
  /** Names of the resources that it depends on, whether by name or through an input; sorted. */
  readonly dependsOn: readonly string[];
  readonly protect: boolean;
  readonly deleteBeforeReplace: boolean;
  readonly ignoreChanges: readonly string[];
  readonly replacementTrigger: unknown;
  /** Name of the parent; empty for the stack. */
  readonly parent: string;
  /** Logical name of the explicit provider; empty for a default one. */
  readonly provider: string;
}

export interface Run<T> {
  readonly resources: readonly Recorded[];
  /** Questions to the clouds, with the logical name of the explicit provider; empty for a default one. */
  readonly calls: readonly { readonly token: string; readonly provider: string }[];
  readonly result: T;
}

const registered = z.instanceof(Object).transform((value) => value);
const organization = "organization";

/**
 * Runs a program on Pulumi's mocks with made-up but consistent answers of the clouds.
 * @param handovers what other stacks handed on, by stack name
 * @param cloud what is in the account already
 */
export async function run<T>(
  program: () => T | Promise<T>,
  handovers: Readonly<Record<string, unknown>> = {},
  cloud?: Cloud,
): Promise<Run<pulumi.Unwrap<T>>> {
  const calls: { token: string; provider: string }[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: (args) => ({ id: idOf(args), state: stateOf(args, handovers) }),
      call: ({ token, provider, inputs }) => {
        calls.push({ token, provider: providerOf(provider ?? "") });
        return answerOf(token, z.record(z.string(), z.unknown()).parse(inputs), cloud);
      },
    },
    "trunkline",
    "test",
    false,
    organization,
  );
  const resources: Recorded[] = [];
  const monitor = pulumi.runtime.getMonitor();
  if (monitor === undefined) throw new Error("The mocks have no monitor.");
  const register = monitor.registerResource.bind(monitor);
  Object.assign(monitor, {
    registerResource(request: RegisterResourceRequest, ...rest: unknown[]) {
      resources.push(record(request));
      return Reflect.apply(register, monitor, [request, ...rest]);
    },
  });
  const outputs = await program();
  const result = await new Promise<pulumi.Unwrap<T>>((resolve) => {
    pulumi.output(outputs).apply((value) => {
      resolve(value);
    });
  });
  await pulumi.runtime.disconnect();
  return { resources: resources.sort((one, other) => order(one, other)), calls, result };
}

function order(one: Recorded, other: Recorded): number {
  return `${one.type} ${one.name}` < `${other.type} ${other.name}` ? -1 : 1;
}

export function only(resources: readonly Recorded[], type: string): Recorded[] {
  return resources.filter((resource) => resource.type === type);
}

export function named(resources: readonly Recorded[], name: string): Recorded {
  const found = resources.find((resource) => resource.name === name);
  if (found === undefined)
    throw new Error(`No resource "${name}" among:\n${resources.map((resource) => resource.name).join("\n")}`);
  return found;
}

/** Pulumi's marks for secret values on the wire (sdk/nodejs/runtime/rpc.ts). */
const mark = { key: "4dabf18193072939515e22adb298388d", secret: "1b47061264138c4ac30d75fd1eb44270" };

function record(request: RegisterResourceRequest): Recorded {
  registered.parse(request);
  const secrets: string[] = [];
  const inputs = z
    .record(z.string(), z.unknown())
    .parse(unwrap(request.getObject()?.toJavaScript() ?? {}, "", (path) => secrets.push(path)));
  return {
    type: request.getType(),
    name: request.getName(),
    custom: request.getCustom(),
    inputs,
    secrets,
    dependsOn: [...new Set(request.getDependenciesList().map(nameOf))].sort(),
    protect: request.getProtect() ?? false,
    deleteBeforeReplace: request.getDeletebeforereplace(),
    ignoreChanges: request.getIgnorechangesList(),
    replacementTrigger: request.getReplacementTrigger()?.toJavaScript(),
    parent: nameOf(request.getParent()),
    provider: providerOf(request.getProvider()),
  };
}

/** A reference to a provider is its URN and its id. */
function providerOf(reference: string): string {
  return nameOf(reference.split("::").slice(0, -1).join("::"));
}

function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? "";
}

function unwrap(value: unknown, path: string, secret: (path: string) => void): unknown {
  if (Array.isArray(value)) return value.map((item, index) => unwrap(item, `${path}[${index}]`, secret));
  const object = z.record(z.string(), z.unknown()).safeParse(value);
  if (!object.success) return value;
  if (object.data[mark.key] === mark.secret) {
    secret(path);
    return unwrap(object.data["value"], path, secret);
  }
  const at = (key: string) => (path === "" ? key : `${path}.${key}`);
  return Object.fromEntries(
    Object.entries(object.data).map(([key, item]) => [key, unwrap(item, at(key), secret)]),
  );
}

/** Azure's ids are paths, and some are taken apart. */
function idOf({ type, name, inputs }: pulumi.runtime.MockResourceArgs): string {
  const given = z.record(z.string(), z.unknown()).parse(inputs);
  const path = (kind: string, named: string) =>
    `/subscriptions/s/resourceGroups/${String(given["resourceGroupName"])}/providers/Microsoft.Network/${kind}/${named}`;
  switch (type) {
    case "azure-native:network:NetworkSecurityGroup":
      return path("networkSecurityGroups", String(given["networkSecurityGroupName"]));
    case "azure-native:network:VirtualNetworkGateway":
      return path("virtualNetworkGateways", String(given["virtualNetworkGatewayName"]));
    case "azure-native:network:Subnet":
      return given["subnetName"] === "GatewaySubnet"
        ? path("virtualNetworks", `${String(given["virtualNetworkName"])}/subnets/GatewaySubnet`)
        : `${name}-id`;
    default:
      return `${name}-id`;
  }
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** An address that belongs to a name. */
function address(network: string, name: string): string {
  const bytes = createHash("sha256").update(name).digest();
  return `${network}.${bytes.readUInt8(0)}.${1 + (bytes.readUInt8(1) % 250)}`;
}

function stateOf(
  { type, name, inputs }: pulumi.runtime.MockResourceArgs,
  handovers: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const given = z.record(z.string(), z.unknown()).parse(inputs);
  switch (type) {
    case "pulumi:pulumi:StackReference": {
      const stack = name.split("/").at(-1) ?? "";
      const handover = handovers[stack];
      return { name, outputs: handover === undefined ? {} : { handover }, secretOutputNames: ["handover"] };
    }
    case "pulumi:index:Stash":
      return { ...given, output: given["input"] };
    case "aws:ec2/networkInterface:NetworkInterface":
      return {
        ...given,
        privateIp: address("10.1", name),
        privateIps: [
          address("10.1", name),
          ...(given["privateIpsCount"] === 1 ? [address("10.1", `${name} second`)] : []),
        ].sort(),
        ...(given["ipv6AddressCount"] === 1
          ? { ipv6Addresses: [`fd8a:1b2c:3d00:1::1${hash(name).slice(0, 3)}`] }
          : {}),
        arn: `arn:aws:ec2:us-east-1:123456789012:network-interface/${name}-id`,
      };
    case "aws:ec2/vpc:Vpc":
      return {
        ...given,
        ipv6CidrBlock: given["assignGeneratedIpv6CidrBlock"] === true ? "2001:db8:12:3400::/56" : "",
      };
    case "aws:iam/role:Role":
    case "aws:iam/instanceProfile:InstanceProfile":
      return { ...given, name };
    case "aws:ec2/eip:Eip":
      return {
        ...given,
        allocationId: `eipalloc-${name}`,
        arn: `arn:aws:ec2:us-east-1:123456789012:elastic-ip/eipalloc-${name}`,
        publicIp: address("198.18", name),
      };
    case "aws:ec2/vpnConnection:VpnConnection":
      return {
        ...given,
        tunnel1Address: address("198.20", `${name} 1`),
        tunnel2Address: address("198.20", `${name} 2`),
      };
    case "aws:vpc/routeServer:RouteServer":
      return { ...given, routeServerId: `rs-${name}` };
    case "aws:vpc/routeServerEndpoint:RouteServerEndpoint":
      return { ...given, routeServerEndpointId: `rse-${name}`, eniAddress: address("10.2", name) };
    case "aws:vpc/routeServerPeer:RouteServerPeer":
      return { ...given, routeServerPeerId: `rsp-${name}`, endpointEniAddress: address("10.2", name) };
    case "azure-native:resources:ResourceGroup":
      return { ...given, name: given["resourceGroupName"] };
    case "azure-native:network:VirtualNetwork":
      return { ...given, name: given["virtualNetworkName"] };
    case "azure-native:network:NetworkSecurityGroup":
      return { ...given, name: given["networkSecurityGroupName"] };
    case "azure-native:network:PublicIPAddress":
      return { ...given, ipAddress: address("198.19", name) };
    case "azure-native:network:VirtualHub":
      return { ...given, name: given["virtualHubName"] };
    case "azure-native:compute:VirtualMachine":
      return { ...given, vmId: `9${name}` };
    case "gcp:compute/address:Address":
      return { ...given, address: address(given["addressType"] === "INTERNAL" ? "10.3" : "198.19", name) };
    case "gcp:compute/haVpnGateway:HaVpnGateway":
      return {
        ...given,
        vpnInterfaces: [0, 1].map((id) => ({ id, ipAddress: address("198.21", `${name} ${id}`) })),
      };
    case "gcp:compute/instance:Instance":
      return { ...given, instanceId: `8${name}`, selfLink: `https://compute/instances/${name}` };
    case "gcp:serviceaccount/account:Account":
      return { ...given, email: `${String(given["accountId"])}@project.iam.gserviceaccount.com` };
    case "tls:index/privateKey:PrivateKey":
      return {
        ...given,
        privateKeyPem: pulumi.secret(
          given["algorithm"] === "ED25519" ? ed25519Pem(name) : `PRIVATE pem of ${name}`,
        ),
        privateKeyOpenssh: pulumi.secret(`PRIVATE openssh of ${name}`),
        publicKeyOpenssh: `ssh-test ${hash(name).slice(0, 16)}\n`,
      };
    case "tls:index/selfSignedCert:SelfSignedCert":
    case "tls:index/locallySignedCert:LocallySignedCert":
      return { ...given, certPem: `CERTIFICATE ${name}` };
    case "tls:index/certRequest:CertRequest":
      return { ...given, certRequestPem: `REQUEST ${name}` };
    case "command:local:Command":
      // As the command provider does: what is run with a secret prints a secret.
      return { ...given, stdout: pulumi.secret(JSON.stringify(answer(name, given))) };
    default:
      return given;
  }
}

/** A key of RFC 8410 whose seed is of the name alone. */
function ed25519Pem(name: string): string {
  const der = Buffer.concat([
    Buffer.from("302e020100300506032b657004220420", "hex"),
    createHash("sha256").update(name).digest(),
  ]);
  return `-----BEGIN PRIVATE KEY-----\n${der.toString("base64")}\n-----END PRIVATE KEY-----\n`;
}

/** What the gateway's program would print. */
function answer(name: string, inputs: Readonly<Record<string, unknown>>): Record<string, string> {
  const { TRUNKLINE_IDENTITY: identity, TRUNKLINE_KEY_ALGORITHM: algorithm } = z
    .object({ TRUNKLINE_IDENTITY: z.string().optional(), TRUNKLINE_KEY_ALGORITHM: z.string().optional() })
    .parse(unwrap(inputs["environment"] ?? {}, "", () => undefined));
  if (name.endsWith("-csr")) return { csr: request(identity ?? "", algorithm) };
  return { hostKey: `ssh-ed25519 ${hash(name).slice(0, 16)}` };
}

const requests = new Map<string, string>();

/** A real certificate request, made once for each identity and kind of key. */
export function request(identity: string, algorithm = "ecdsa-p256"): string {
  const known = requests.get(`${identity} ${algorithm}`);
  if (known !== undefined) return known;
  const kind =
    algorithm === "ecdsa-p256"
      ? ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
      : [algorithm.replace("-", ":")];
  const key = ["-newkey", ...kind, "-nodes", "-keyout", "/dev/null"];
  const alternative = identity
    .split(",")
    .map((name) => `DNS:${name}`)
    .join(",");
  const names = ["-subj", `/CN=${identity.split(",")[0] ?? ""}`, "-addext", `subjectAltName=${alternative}`];
  const made = execFileSync("openssl", ["req", "-new", ...key, ...names], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  requests.set(`${identity} ${algorithm}`, made);
  return made;
}
