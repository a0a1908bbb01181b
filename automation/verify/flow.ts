import { z } from "zod";

/** What became of the packets of one direction. */
export interface Flow {
  readonly from: string;
  readonly to: string;
  readonly sent: number;
  readonly lost: number;
  /** Every row of lost packets of one source port, in order of their beginnings. */
  readonly gaps: readonly Gap[];
}

export interface Gap {
  /** When the last packet before and the first after it were sent: seconds of the sender's clock. */
  readonly from: number;
  readonly to: number;
  readonly lost: number;
}

export const senderTold = z.object({ sent: z.int() });

const flowTold = z.object({
  received: z.int(),
  last: z.int(),
  gaps: z.array(z.object({ from: z.number(), to: z.number(), lost: z.int() })),
});

export const receiverTold = z.object({ flows: z.array(flowTold) });

/**
 * A direction's packets, over all its source ports. The last few of each may have been on their way; a silence of more
 * than a second at the end is a loss like any other, and one without an end.
 * @param sent by the sender, numbered from 1 and dealt to the flows in turn
 */
export function flowOf(
  sent: number,
  flows: readonly z.infer<typeof flowTold>[],
  perSecond: number,
): Omit<Flow, "from" | "to"> {
  const each = flows.map(({ received, last, gaps }) => {
    const silent = Math.floor((sent - last) / flows.length);
    const ended = silent <= perSecond / flows.length;
    const counted = Math.ceil(last / flows.length) + (ended ? 0 : silent);
    return {
      sent: counted,
      lost: counted - received,
      gaps: ended ? gaps : [...gaps, { from: 0, to: Infinity, lost: silent }],
    };
  });
  const sum = (key: "sent" | "lost"): number => each.reduce((total, flow) => total + flow[key], 0);
  const gaps = each.flatMap((flow) => flow.gaps).sort((one, other) => one.from - other.from);
  return { sent: sum("sent"), lost: sum("lost"), gaps };
}

/** The longest silence of a flow, in seconds; with a window, of gaps that began in it. */
export function longestSilence({ gaps }: Pick<Flow, "gaps">, after = 0, before = Infinity): number {
  return Math.max(
    0,
    ...gaps.filter(({ from }) => from >= after && from < before).map(({ from, to }) => to - from),
  );
}
