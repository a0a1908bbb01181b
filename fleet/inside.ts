import { type Cidr6, parseCidr6 } from "./cidr6";
import { hashWords } from "./hash";

/** Where the inside addresses of a fleet's tunnels are from. */
export function insidePrefix(fleet: string): Cidr6 {
  const cidr = parseCidr6(`${ulaPrefix(fleet).join(":")}::/48`);
  if (typeof cidr !== "object") throw new Error(`the prefix of fleet ${fleet} is none`);
  return cidr;
}

/** A locally assigned /48 of the fleet (RFC 4193): `fd` and 40 bits by hash. */
function ulaPrefix(fleet: string): string[] {
  const [first = 0, second = 0, third = 0] = hashWords(fleet, "ula");
  return [0xfd00 | (first & 0xff), second, third].map((word) => (word === 0 ? 1 : word).toString(16));
}

/** One /127 (RFC 6164) by 79 bits of hash. */
export function insideNet(fleet: string, tunnel: string): (host: 0 | 1) => string {
  const words = hashWords(fleet, "inside", tunnel).slice(0, 5);
  // A first word of zero would have a canonical form with "::", which nothing needs to know here.
  const upper = words.slice(0, 4).map((word) => (word === 0 ? 1 : word).toString(16));
  const last = ((words[4] ?? 0) | 2) & 0xfffe;
  return (host) => [...ulaPrefix(fleet), ...upper, (last | host).toString(16)].join(":");
}
