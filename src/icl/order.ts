// The order in which chosen demonstrations are shown. Models are sensitive to it (Lu et al., arXiv 2104.08786): what
// stands nearest to the question counts most.
import { createRng } from "../util/rng.ts";

/** `given`: most useful first. `nearest-last`: most useful last, next to the question. `random`: by seed and question. */
export const orders = ["given", "nearest-last", "random"] as const;
export type Order = (typeof orders)[number];

/** Puts chosen demonstrations, the most useful first, into the order in which they are shown. */
export function arrange<T>(chosen: readonly T[], order: Order, seed: readonly (string | number)[]): T[] {
  switch (order) {
    case "given":
      return [...chosen];
    case "nearest-last":
      return [...chosen].reverse();
    case "random":
      return createRng("order", ...seed).shuffle([...chosen]);
    default:
      return order satisfies never;
  }
}
