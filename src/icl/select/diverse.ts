// Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): each next demonstration is near to the question and
// far from those already chosen, so that k demonstrations do not say the same thing k times. It chooses among the
// nearest, since a far one that resembles nothing is of no use either.
import { InputError } from "../../errors/index.ts";
import { type Likeness, likenessScores, nearestFirst } from "../likeness.ts";
import { type Chosen, type Selector, takeAllowed } from "../selector.ts";

export interface DiverseOptions {
  by?: Likeness;
  /** How much nearness counts against difference, from 0 to 1. @default 0.5 */
  relevance?: number;
}

/** Makes the selector of near demonstrations that differ from each other. */
export function diverse({ by = "image", relevance = 0.5 }: DiverseOptions = {}): Selector {
  if (!(relevance >= 0 && relevance <= 1))
    throw new InputError({
      where: "select=diverse",
      rule: "relevance must be from 0 to 1",
      got: `${relevance}`,
    });
  return {
    name: "diverse",
    usesVectors: true,
    isStable: false,
    options: { by, relevance },
    async select(task) {
      const { images, texts } = await task.pool.index();
      const scores = await likenessScores(task, { by });
      const between = (a: number, b: number) => {
        if (by === "mixed") return (images.between(a, b) + texts.between(a, b)) / 2;
        return (by === "text" ? texts : images).between(a, b);
      };
      const near = { ...task, k: Math.max(50, 5 * task.k) };
      const left = new Set(await takeAllowed(nearestFirst(scores, near.k), near));
      /** For each candidate, its likeness to the most alike chosen one. */
      const alike = new Map<number, number>();
      const chosen: Chosen[] = [];
      while (chosen.length < task.k && left.size > 0) {
        let best = -1;
        let bestValue = Number.NEGATIVE_INFINITY;
        for (const at of left) {
          const value = relevance * scores[at]! - (1 - relevance) * (alike.get(at) ?? 0);
          if (value > bestValue) [best, bestValue] = [at, value];
        }
        left.delete(best);
        chosen.push({ at: best, score: scores[best]! });
        for (const at of left) alike.set(at, Math.max(alike.get(at) ?? -1, between(at, best)));
      }
      return chosen;
    },
  };
}
