import { isDeepStrictEqual } from "node:util";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { z } from "zod";

/** Properties of a resource: JSON, an unknown of a preview standing as the engine's own mark. */
export type Properties = Readonly<Record<string, unknown>>;

/** @see sdk/go/common/resource/plugin/rpc.go: `UnknownStringValue` */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** @see sdk/go/common/resource/sig: `Key`, `Secret` */
const signature = { key: "4dabf18193072939515e22adb298388d", secret: "1b47061264138c4ac30d75fd1eb44270" };

const record = z.record(z.string(), z.unknown());

/** What the engine sent, secrets still wrapped. */
export function decode(struct: Struct | undefined): Properties {
  return record.parse(struct?.toJavaScript() ?? {});
}

export function encode(properties: Properties): Struct {
  return Struct.fromJavaScript(z.record(z.string(), z.json()).parse(JSON.parse(JSON.stringify(properties))));
}

/** The same with secrets unwrapped, at any depth. */
export function plain(properties: Properties): Properties {
  return record.parse(unwrap(properties));
}

function unwrap(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrap);
  if (!isRecord(value)) return value;
  if (value[signature.key] === signature.secret) return unwrap(value["value"]);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unwrap(item)]));
}

export function hasSecret(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasSecret);
  if (!isRecord(value)) return false;
  return value[signature.key] === signature.secret || Object.values(value).some(hasSecret);
}

export function hasUnknown(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasUnknown);
  return value === unknownValue || (isRecord(value) && Object.values(value).some(hasUnknown));
}

/**
 * Properties for the engine: a value that is the same as in `marked` goes back exactly as it came, so that a secret
 * inside of it stays the secret it was; of the others those named in `secret` are wrapped.
 */
export function remark(
  properties: Properties,
  marked: Properties,
  secret: (key: string) => boolean,
): Properties {
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => {
        const before = marked[key];
        if (
          before !== undefined &&
          isDeepStrictEqual(unwrap(before), value) &&
          (hasSecret(before) || !secret(key))
        )
          return [key, before];
        return [key, secret(key) ? { [signature.key]: signature.secret, value } : value];
      }),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
