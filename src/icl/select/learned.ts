// The demonstrations that were found to be worth the most: a set was chosen by its results on held-out questions (see
// learnDemonstrations of eval), and every question is shown it. The options say how it was found.
import { type Selector, takeAllowed } from "../selector.ts";
import { positionsOf } from "./fixed.ts";

export interface LearnedOptions {
  /** The chosen set. */
  ids: readonly string[];
  /** Sets that were tried. */
  sets: number;
  /** Questions that decided, and questions that the winner was tested on afterwards. */
  searched: number;
  confirmed: number;
  /** Mean score on the latter, minus that of the set that `fixed` would show, and the two-sided p of the pairs. */
  gain: number;
  p: number;
  /** Calls that it took. */
  calls: number;
}

/** Makes the selector of a learned set. A question that is one of the set is shown one fewer. */
export function learned({ ids, ...how }: LearnedOptions): Selector {
  return {
    name: "learned",
    usesVectors: false,
    isStable: true,
    options: { ids: [...ids], ...how },
    select: async (task) =>
      (await takeAllowed(positionsOf(task.pool.samples, ids, "select=learned"), task)).map((at) => ({ at })),
  };
}
