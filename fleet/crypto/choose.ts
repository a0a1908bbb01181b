import { wordsOf } from "../proposal";
import type { Offer } from "./offer";
import type { Policy } from "./policy";
import { furtherExchange, type PostQuantum } from "./post-quantum";
import { proposalsOf, type Refusal, solve } from "./solve";

/** What a fleet file wants of the tunnels of one link. */
export interface CryptoChoice {
  readonly policy: Policy;
  /** Proposals that the file names, in place of the strongest. */
  readonly ike?: string;
  readonly esp?: string;
  readonly postQuantum: PostQuantum;
}

export type Proposals =
  | { readonly ok: true; readonly ike: string; readonly esp: string }
  | { readonly ok: false; readonly refusals: readonly Refusal[] };

/** A fleet of a hundred regions asks the same some ten thousand times. */
const chosen = new WeakMap<CryptoChoice, Map<string, Proposals>>();

/** Of a tunnel between two ends: the strongest proposals, or those that the file names if both take them. */
export function chooseProposals(choice: CryptoChoice, one: Offer, other: Offer): Proposals {
  const known = chosen.get(choice) ?? new Map<string, Proposals>();
  chosen.set(choice, known);
  const key = `${one.whose}~${other.whose}`;
  const proposals = known.get(key) ?? choose(choice, one, other);
  known.set(key, proposals);
  return proposals;
}

function choose(choice: CryptoChoice, one: Offer, other: Offer): Proposals {
  const { policy, ike, esp } = choice;
  const solved = solve(one, other, policy);
  const refusals = [
    ...(solved.ok ? [] : solved.refusals),
    ...(ike === undefined && esp === undefined
      ? []
      : (one.whose === other.whose ? [one] : [one, other]).flatMap((end) => {
          const named = solve(end, namedOffer(choice, end), policy);
          return named.ok
            ? []
            : named.refusals.map((refusal) => ({ ...refusal, remedy: remedyIn(refusal, end) }));
        })),
  ];
  if (!solved.ok || refusals.length > 0) return { ok: false, refusals };
  const strongest = proposalsOf(solved.suite);
  return { ok: true, ike: withKem(ike ?? strongest.ike, choice), esp: esp ?? strongest.esp };
}

/** A proposal that names an additional key exchange by itself keeps it. */
function withKem(ike: string, { policy, postQuantum }: CryptoChoice): string {
  if (postQuantum !== "mlkem" || wordsOf(ike)["additional key exchange"] !== undefined) return ike;
  return `${ike}-${furtherExchange(policy)}`;
}

/** What the file names is mended in the file. */
function remedyIn({ protocol, role, ends }: Refusal, { whose }: Offer): string {
  const takes = ends.find((end) => end.whose === whose)?.takes ?? [];
  return `Name another ${role}, such as ${takes[0] ?? "none"}, or leave \`${protocol}\` out: then it is the strongest that both ends take.`;
}

/** The named words alone as an end of their own; where none are named, all that the end takes. */
function namedOffer({ ike, esp }: CryptoChoice, own: Offer): Offer {
  const only = (word: string | undefined): string[] => (word === undefined ? [] : [word]);
  const words = { ike: wordsOf(ike ?? ""), esp: wordsOf(esp ?? "") };
  return {
    whose: "the fleet file",
    ike:
      ike === undefined
        ? own.ike
        : {
            encryption: only(words.ike.encryption),
            integrity: only(words.ike.integrity),
            prf: only(words.ike.prf),
            group: only(words.ike.group),
          },
    esp:
      esp === undefined
        ? own.esp
        : {
            encryption: only(words.esp.encryption),
            integrity: only(words.esp.integrity),
            group: only(words.esp.group),
          },
  };
}
