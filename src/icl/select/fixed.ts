// The same demonstrations for every question: the beginning of every prompt is then the same, and is read only once where
// the model can reuse it. A question that is one of them gets the next in its place.
import { InputError } from "../../errors/index.ts";
import { type Selector, takeAllowed } from "../selector.ts";

export interface FixedOptions {
  /** Ids to show, the most useful first. @default the demonstrations from the first on */
  ids?: readonly string[];
}

/** Makes the selector of fixed demonstrations. */
export function fixed({ ids }: FixedOptions = {}): Selector {
  return {
    name: "fixed",
    usesVectors: false,
    isStable: true,
    options: ids ? { ids: [...ids] } : {},
    async select(task) {
      const { samples } = task.pool;
      const positions = ids ? positionsOf(samples, ids, "select=fixed") : samples.keys();
      return (await takeAllowed(positions, task)).map((at) => ({ at }));
    },
  };
}

/** Positions of the demonstrations with these ids. */
export function positionsOf(
  samples: readonly { id: string }[],
  ids: readonly string[],
  where: string,
): number[] {
  return ids.map((id) => {
    const at = samples.findIndex((sample) => sample.id === id);
    if (at >= 0) return at;
    throw new InputError({ where, rule: "ids must be of the demonstrations", got: JSON.stringify(id) });
  });
}
