import { isDeepStrictEqual } from "node:util";
import { type handleUnaryCall, status, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import type { IResourceProviderServer } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Provider } from "./provider";
import { explainFailure, Refusal } from "./refusal";
import type { Call, Problem, ResourceType } from "./resource";
import { decode, encode, hasSecret, hasUnknown, plain, type Properties, remark, unknownValue } from "./wire";

/** What of the service a stand-in offers; the rest answers "unimplemented", as gRPC does by itself. */
type Offered = Pick<
  IResourceProviderServer,
  | "handshake"
  | "getPluginInfo"
  | "getSchema"
  | "checkConfig"
  | "diffConfig"
  | "configure"
  | "invoke"
  | "check"
  | "diff"
  | "create"
  | "read"
  | "update"
  | "delete"
  | "cancel"
>;

/** Pulumi's provider protocol over a vendor's definitions; the same for every vendor. */
export class ProviderService<C> {
  #context: C | undefined;
  readonly #cancelled = new AbortController();
  #running = 0;
  readonly #types: ReadonlyMap<string, ResourceType<C>>;

  constructor(private readonly provider: Provider<C>) {
    this.#types = new Map(provider.types.map((type) => [type.token, type]));
  }

  /** Ends what can be ended: what runs fails, and nothing new begins. */
  cancel(): void {
    this.#cancelled.abort();
  }

  get idle(): boolean {
    return this.#running === 0;
  }

  implementation(): UntypedServiceImplementation {
    const { name, version } = this.provider;
    const service = {
      handshake: this.#unary(() =>
        new rpc.ProviderHandshakeResponse()
          .setAcceptSecrets(true)
          .setAcceptResources(false)
          .setAcceptOutputs(false),
      ),
      getPluginInfo: this.#unary(() => new PluginInfo().setVersion(version)),
      getSchema: this.#unary(() =>
        new rpc.GetSchemaResponse().setSchema(
          JSON.stringify({ name, version, resources: {}, functions: {} }),
        ),
      ),
      checkConfig: this.#unary((request: rpc.CheckRequest) => {
        const raw = decode(request.getNews());
        const known = Object.entries(plain(raw)).filter(([, value]) => !hasUnknown(value));
        return checked(raw, this.provider.checkConfig(Object.fromEntries(known)));
      }),
      diffConfig: this.#unary((request: rpc.DiffRequest) => {
        const olds = plain(decode(request.getOldInputs() ?? request.getOlds()));
        const changed = changedKeys(olds, plain(decode(request.getNews()))).filter(
          (key) => key !== "version",
        );
        const replaces = changed.filter((key) => this.provider.replacingConfig.includes(key));
        return new rpc.DiffResponse()
          .setChanges(
            changed.length > 0
              ? rpc.DiffResponse.DiffChanges.DIFF_SOME
              : rpc.DiffResponse.DiffChanges.DIFF_NONE,
          )
          .setDiffsList(changed)
          .setReplacesList(replaces);
      }),
      configure: this.#unary((request: rpc.ConfigureRequest) => {
        const config = plain(decode(request.getArgs()));
        // In a preview a region may be unknown; then nothing that asks the cloud can be answered.
        if (!hasUnknown(config)) this.#context = this.provider.configure(config);
        return new rpc.ConfigureResponse()
          .setAcceptsecrets(true)
          .setSupportspreview(true)
          .setAcceptresources(false)
          .setAcceptoutputs(false);
      }),
      invoke: this.#unary((request: rpc.InvokeRequest) => this.#invoke(request)),
      check: this.#unary((request: rpc.CheckRequest) => this.#check(request)),
      diff: this.#unary((request: rpc.DiffRequest) => this.#diff(request)),
      create: this.#unary((request: rpc.CreateRequest) => this.#create(request)),
      read: this.#unary((request: rpc.ReadRequest) => this.#read(request)),
      update: this.#unary((request: rpc.UpdateRequest) => this.#update(request)),
      delete: this.#unary((request: rpc.DeleteRequest) => this.#delete(request)),
      cancel: this.#unary(() => {
        this.cancel();
        return new Empty();
      }),
    } satisfies Offered;
    return service;
  }

  async #invoke(request: rpc.InvokeRequest): Promise<rpc.InvokeResponse> {
    const token = request.getTok();
    const called = this.provider.functions.find((candidate) => candidate.token === token);
    if (called === undefined)
      throw new Refusal("NoStandIn", `the lab has no stand-in for the function ${token}`);
    const answer = await doing(`calling ${token}`, () =>
      called.invoke(plain(decode(request.getArgs())), this.#configured()),
    );
    return new rpc.InvokeResponse().setReturn(encode(answer));
  }

  #check(request: rpc.CheckRequest): rpc.CheckResponse {
    const type = this.#typeOf(request);
    const raw = decode(request.getNews());
    const inputs = plain(raw);
    const naming = { name: nameOf(request.getUrn()), seed: request.getRandomseed_asU8() };
    const added = type.defaults(inputs, plain(decode(request.getOlds())), naming);
    return checked({ ...added, ...raw }, type.check({ ...added, ...inputs }, this.#context));
  }

  #diff(request: rpc.DiffRequest): rpc.DiffResponse {
    const type = this.#typeOf(request);
    const state = plain(decode(request.getOlds()));
    const olds = inputsOf(type, plain(decode(request.getOldInputs())), state);
    const ignored = new Set(request.getIgnorechangesList());
    const due = type.due(state);
    const news = plain(decode(request.getNews()));
    const changed = changedKeys(olds, news).filter((key) => !ignored.has(key));
    const replaces = [...changed.filter((key) => type.replaces(key)), ...due];
    const response = new rpc.DiffResponse()
      .setChanges(
        changed.length + due.length > 0
          ? rpc.DiffResponse.DiffChanges.DIFF_SOME
          : rpc.DiffResponse.DiffChanges.DIFF_NONE,
      )
      .setDiffsList([...changed, ...due])
      .setReplacesList(replaces)
      .setHasdetaileddiff(true);
    for (const key of [...changed, ...due])
      response
        .getDetaileddiffMap()
        .set(
          key,
          new rpc.PropertyDiff()
            .setInputdiff(changed.includes(key))
            .setKind(kindOf(key, olds, news, replaces.includes(key))),
        );
    return response;
  }

  async #create(request: rpc.CreateRequest): Promise<rpc.CreateResponse> {
    const type = this.#typeOf(request);
    const raw = decode(request.getProperties());
    const inputs = plain(raw);
    if (request.getPreview()) {
      const open = Object.fromEntries(type.computed.map((key) => [key, unknownValue]));
      return new rpc.CreateResponse().setProperties(this.#marked(type, { ...open, ...inputs }, raw, raw));
    }
    const { id, outputs } = await doing(`creating ${type.token} "${nameOf(request.getUrn())}"`, () =>
      type.create(inputs, this.#call(request)),
    );
    return new rpc.CreateResponse()
      .setId(id)
      .setProperties(this.#marked(type, { ...inputs, ...outputs }, raw, raw));
  }

  async #read(request: rpc.ReadRequest): Promise<rpc.ReadResponse> {
    const type = this.#typeOf(request);
    const state = decode(request.getProperties());
    if (Object.keys(state).length === 0)
      throw new Refusal("NoStandIn", `the lab has no stand-in for reading ${type.token} by its id alone`);
    const before = plain(state);
    const now = await doing(`reading ${type.token} "${nameOf(request.getUrn())}"`, () =>
      type.read(request.getId(), before, this.#call(request)),
    );
    if (now === undefined) return new rpc.ReadResponse();
    const outputs = { ...before, ...now };
    const rawInputs = decode(request.getInputs());
    const inputs = Object.fromEntries(Object.keys(plain(rawInputs)).map((key) => [key, outputs[key]]));
    return new rpc.ReadResponse()
      .setId(request.getId())
      .setProperties(encode(remark(outputs, state, (key) => type.isSecret(key, hasSecret(rawInputs)))))
      .setInputs(encode(remark(inputs, rawInputs, () => false)));
  }

  async #update(request: rpc.UpdateRequest): Promise<rpc.UpdateResponse> {
    const type = this.#typeOf(request);
    const raw = decode(request.getNews());
    const inputs = plain(raw);
    const old = decode(request.getOlds());
    const state = plain(old);
    // An input that is no longer given is no output any more; what the cloud made stays.
    const kept = Object.fromEntries(
      Object.entries(state).filter(([key]) => !type.fields.includes(key) || type.computed.includes(key)),
    );
    if (request.getPreview()) {
      const open = Object.fromEntries(type.changing.map((key) => [key, unknownValue]));
      return new rpc.UpdateResponse().setProperties(
        this.#marked(type, { ...kept, ...open, ...inputs }, { ...old, ...raw }, raw),
      );
    }
    const outputs = await doing(`updating ${type.token} "${nameOf(request.getUrn())}"`, () =>
      type.update(request.getId(), inputs, state, this.#call(request)),
    );
    return new rpc.UpdateResponse().setProperties(
      this.#marked(type, { ...kept, ...inputs, ...outputs }, { ...old, ...raw }, raw),
    );
  }

  async #delete(request: rpc.DeleteRequest): Promise<Empty> {
    const type = this.#typeOf(request);
    await doing(`deleting ${type.token} "${nameOf(request.getUrn())}"`, () =>
      type.remove(request.getId(), plain(decode(request.getProperties())), this.#call(request)),
    );
    return new Empty();
  }

  #marked(type: ResourceType<C>, outputs: Properties, marked: Properties, inputs: Properties) {
    const secretInputs = hasSecret(inputs);
    return encode(remark(outputs, marked, (key) => type.isSecret(key, secretInputs)));
  }

  #call(request: { getUrn(): string; getTimeout?(): number }): Call<C> {
    return {
      context: this.#configured(),
      urn: request.getUrn(),
      name: nameOf(request.getUrn()),
      timeoutSeconds: request.getTimeout?.() ?? 0,
      signal: this.#cancelled.signal,
    };
  }

  #configured(): C {
    if (this.#context === undefined)
      throw new Refusal("NotConfigured", `the provider ${this.provider.name} is not configured yet`);
    return this.#context;
  }

  #typeOf(request: { getUrn(): string }): ResourceType<C> {
    const token = typeOf(request.getUrn());
    const type = this.#types.get(token);
    if (type === undefined)
      throw new Refusal(
        "NoStandIn",
        `the lab has no stand-in for the resource type ${token}; see lab/clouds`,
      );
    return type;
  }

  #unary<Req, Res>(handle: (request: Req) => Res | Promise<Res>): handleUnaryCall<Req, Res> {
    return (call, callback) => {
      this.#running += 1;
      Promise.resolve()
        .then(() => handle(call.request))
        .then(
          (response) => callback(null, response),
          (error: unknown) =>
            callback({
              code: status.UNKNOWN,
              details: error instanceof Error ? error.message : String(error),
            }),
        )
        .finally(() => {
          this.#running -= 1;
        });
    };
  }
}

/** Inputs as the last update had them; an older state without them has them among its outputs. */
function inputsOf<C>(type: ResourceType<C>, olds: Properties, state: Properties): Properties {
  if (Object.keys(olds).length > 0) return olds;
  return Object.fromEntries(Object.entries(state).filter(([key]) => type.fields.includes(key)));
}

function changedKeys(olds: Properties, news: Properties): string[] {
  return [...new Set([...Object.keys(olds), ...Object.keys(news)])].filter(
    (key) => !isDeepStrictEqual(olds[key], news[key]),
  );
}

function kindOf(key: string, olds: Properties, news: Properties, replaces: boolean): rpc.PropertyDiff.Kind {
  const { Kind } = rpc.PropertyDiff;
  if (!(key in olds)) return replaces ? Kind.ADD_REPLACE : Kind.ADD;
  if (!(key in news)) return replaces ? Kind.DELETE_REPLACE : Kind.DELETE;
  return replaces ? Kind.UPDATE_REPLACE : Kind.UPDATE;
}

function checked(inputs: Properties, problems: readonly Problem[]): rpc.CheckResponse {
  return new rpc.CheckResponse()
    .setInputs(encode(inputs))
    .setFailuresList(
      problems.map(({ property, reason }) => new rpc.CheckFailure().setProperty(property).setReason(reason)),
    );
}

async function doing<T>(what: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw new Error(explainFailure(what, error));
  }
}

/** `urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME`; a name may hold `::`. */
function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
