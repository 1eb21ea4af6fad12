import type { JSONObject } from "@ai-sdk/provider";
import { type Likeness, likenessScores, nearestFirst } from "../likeness.ts";
import { type Selector, takeAllowed } from "../selector.ts";

/** Makes a selector of the demonstrations that are nearest to the question. */
export function similar(
  name: string,
  options: JSONObject,
  likeness: { by: Likeness; imageWeight?: number },
): Selector {
  return {
    name,
    options,
    usesVectors: true,
    isStable: false,
    async select(task) {
      const scores = await likenessScores(task, likeness);
      const taken = await takeAllowed(nearestFirst(scores, task.k), task);
      return taken.map((at) => ({ at, score: scores[at]! }));
    },
  };
}
