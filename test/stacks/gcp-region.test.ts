import assert from "node:assert/strict";
import { planFleet } from "../../fleet/derive";
import { parseFleet } from "../../fleet/parse";
import { fabricHandover, regionHandover } from "../../stacks/handover";
import { named, only, type Recorded } from "../components/recorder";
import { type FleetRun, upFleet } from "./up";

const text = `fleet: acme
management: { allowFrom: [203.0.113.0/24] }
regions:
  use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16 }
  euw1: { cloud: gcp, region: europe-west1, cidr: 10.20.0.0/16, tags: { team: core } }
`;

describe("a region of Google Cloud beside one of AWS", () => {
  let run: FleetRun;
  let resources: readonly Recorded[];
  before(async () => {
    const parsed = parseFleet(text, "fleet.yaml");
    assert.ok(parsed.ok);
    const planned = planFleet(parsed.value);
    assert.ok(planned.ok);
    run = await upFleet(planned.value);
    resources = run.stack("acme.region-euw1");
  });

  it("hands on what the schema says, by the schema of every cloud", () => {
    const handover = regionHandover.parse(run.handovers["acme.region-euw1"]);
    assert.deepEqual(
      [handover.cloud, handover.gateways[0]?.routerAddress, handover.routeService.endpoints.length],
      ["gcp", "10.20.0.1", 2],
    );
    assert.equal(handover.gateways[0]?.instanceId, "8acme-euw1-pair-a");
    for (const region of ["euw1", "use1"])
      assert.equal(fabricHandover.parse(run.handovers[`acme.fabric-${region}`]).releases.length, 2);
  });

  it("gives every resource of a region its own provider, and none of another cloud's", () => {
    assert.equal(named(resources, "acme-euw1-cloud").inputs["region"], "europe-west1");
    for (const { type, name, provider } of resources) {
      assert.ok(!type.startsWith("aws:"), name);
      if (type.startsWith("gcp:")) assert.equal(provider, "acme-euw1-cloud", `${type} ${name}`);
    }
    for (const { type, name } of run.stack("acme.region-use1")) assert.ok(!type.startsWith("gcp:"), name);
  });

  it("protects the network and the public addresses, and nothing else", () => {
    assert.deepEqual(
      resources.filter(({ protect }) => protect).map(({ name }) => name),
      ["acme-euw1-pair-a-address", "acme-euw1-pair-b-address", "acme-euw1-network-vpc"],
    );
  });

  it("has machines that forward, in two zones, with fixed addresses both ways", () => {
    const machines = only(resources, "gcp:compute/instance:Instance");
    assert.deepEqual(
      machines.map(({ inputs }) => [inputs["zone"], inputs["canIpForward"], inputs["tags"]]),
      [
        ["europe-west1-b", true, ["acme-euw1-gateway"]],
        ["europe-west1-c", true, ["acme-euw1-gateway"]],
      ],
    );
    const kinds = only(resources, "gcp:compute/address:Address").map(
      ({ name, inputs }) => `${name} ${String(inputs["addressType"])}`,
    );
    assert.deepEqual(kinds, [
      "acme-euw1-pair-a-address EXTERNAL",
      "acme-euw1-pair-a-inside INTERNAL",
      "acme-euw1-pair-b-address EXTERNAL",
      "acme-euw1-pair-b-inside INTERNAL",
      "acme-euw1-pair-interface-0-address INTERNAL",
      "acme-euw1-pair-interface-1-address INTERNAL",
    ]);
  });

  it("replaces one machine at a time, the old one first", () => {
    const second = named(resources, "acme-euw1-pair-b");
    assert.ok(second.dependsOn.includes("acme-euw1-pair-a"));
    assert.ok(second.deleteBeforeReplace);
  });

  describe("least privilege", () => {
    it("gives no role to anybody, and machines an account without a scope", () => {
      const roles = resources.filter(({ type }) => /iam/i.test(type));
      assert.deepEqual(roles, []);
      for (const { inputs } of only(resources, "gcp:compute/instance:Instance"))
        assert.deepEqual(Object(inputs["serviceAccount"]).scopes, []);
    });

    it("admits SSH from the management ranges, the region's own networks, and exactly its peers", () => {
      const rules = [...resources, ...run.stack("acme.fabric-euw1")].filter(
        ({ type }) => type === "gcp:compute/firewall:Firewall",
      );
      const peers = regionHandover
        .parse(run.handovers["acme.region-use1"])
        .gateways.map(({ publicAddress }) => `${publicAddress}/32`);
      assert.deepEqual(
        rules.map(({ inputs }) => [inputs["direction"], inputs["sourceRanges"], inputs["allows"]]),
        [
          ["INGRESS", ["10.20.0.0/16"], [{ protocol: "all" }]],
          ["INGRESS", ["203.0.113.0/24"], [{ protocol: "tcp", ports: ["22"] }]],
          ["INGRESS", peers.sort(), [{ protocol: "udp", ports: ["500", "4500"] }]],
        ],
      );
      for (const { inputs } of rules) assert.deepEqual(inputs["targetTags"], ["acme-euw1-gateway"]);
    });

    it("keeps what boots a machine secret, and opens it to no key of the project", () => {
      for (const { name, inputs, secrets } of only(resources, "gcp:compute/instance:Instance")) {
        assert.ok(
          secrets.some((path) => path.startsWith("metadata")),
          name,
        );
        const { "startup-script": script, ...rest } = Object(inputs["metadata"]);
        assert.match(String(script), /^#!\/bin\/sh\n/);
        assert.deepEqual(rest, {
          "block-project-ssh-keys": "TRUE",
          "enable-oslogin": "FALSE",
          "serial-port-enable": "FALSE",
        });
      }
    });
  });

  it("has a Cloud Router with two redundant interfaces, and every gateway's session with each", () => {
    const [router] = only(resources, "gcp:compute/router:Router");
    const bgp = Object(router?.inputs["bgp"]);
    const endpoints = regionHandover.parse(run.handovers["acme.region-euw1"]).routeService;
    assert.equal(bgp.asn, endpoints.asn);
    assert.equal(bgp.keepaliveInterval, 20);
    assert.deepEqual(
      only(resources, "gcp:compute/routerInterface:RouterInterface").map(({ inputs }) => [
        inputs["name"],
        inputs["redundantInterface"],
      ]),
      [
        ["interface-0", "interface-1"],
        ["interface-1", undefined],
      ],
    );
    const peers = only(resources, "gcp:compute/routerPeer:RouterPeer");
    assert.equal(peers.length, 4);
    for (const { name, inputs, dependsOn } of peers) {
      assert.ok(dependsOn.includes("acme-euw1-pair-spoke"), name);
      assert.match(String(inputs["routerApplianceInstance"]), /acme-euw1-pair-[ab]$/);
    }
  });

  it("labels what takes labels with the fleet, the region and the user's own", () => {
    for (const { inputs } of only(resources, "gcp:compute/instance:Instance"))
      assert.deepEqual(inputs["labels"], {
        team: "core",
        "trunkline-fleet": "acme",
        "trunkline-region": "euw1",
      });
  });

  it("names nothing longer than Google takes", () => {
    for (const { type, inputs } of resources)
      if (type.startsWith("gcp:") && typeof inputs["name"] === "string")
        assert.match(inputs["name"], /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/);
  });
});
