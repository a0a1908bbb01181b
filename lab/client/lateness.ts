import { z } from "zod";

/** How late timers ran on one kernel of a lab. */
export const latenessSchema = z.object({
  /** Each that was at least 30 ms late, in order: when it ran in the end, in seconds since 1970, and by how many it was late. */
  late: z.array(z.object({ at: z.number(), seconds: z.number() })),
  samples: z.int(),
  /** What the kernel's clocks said at one moment, in seconds: kernels share the first, and each has a second of its own. */
  clock: z.object({ wall: z.number(), monotonic: z.number() }),
});
export type Lateness = Readonly<z.infer<typeof latenessSchema>>;
