// Which examples a batch holds. Everything follows from the seed and the batch's number, so that a run which was stopped sees the
// same ones again.
import { createRng, type Rng } from "../../util/rng.ts";

export interface BatchOrder {
  /** Examples of a batch. */
  size: number;
  /** Examples of like length share a batch. @default false */
  byLength?: boolean | undefined;
}

/** Batches whose examples are sorted by length together: of few, all would be as long as the longest; of all, no two rounds would differ. */
const windowBatches = 16;

/**
 * Hands out batches by number: all examples in a random order, and again in another. By length, they are sorted within windows of
 * 16 batches, and the batches come in a random order (the bucketing of Khomenko et al. 2017, arXiv 1708.05604); the last
 * batch of a round is filled up with others of its round.
 */
export function batchesOf<Example extends { ids: readonly number[] }>(
  examples: readonly Example[],
  { size, byLength = false }: BatchOrder,
  ...seed: (string | number)[]
): (index: number) => Example[] {
  const rounds = new Map<number, readonly Example[]>();
  const roundOf = (round: number): readonly Example[] => {
    const known = rounds.get(round);
    if (known) return known;
    const rng = createRng("order", ...seed, round);
    const order = rng.shuffle([...examples]);
    const ordered = byLength ? groupByLength(order, size, rng) : order;
    rounds.clear();
    rounds.set(round, ordered);
    return ordered;
  };
  const perRound = byLength ? Math.ceil(examples.length / size) * size : examples.length;
  return (index) =>
    Array.from({ length: size }, (_, i) => {
      const at = index * size + i;
      return roundOf(Math.floor(at / perRound))[at % perRound]!;
    });
}

function groupByLength<Example extends { ids: readonly number[] }>(
  order: readonly Example[],
  size: number,
  rng: Rng,
): Example[] {
  const full = Array.from(
    { length: Math.ceil(order.length / size) * size },
    (_, i) => order[i % order.length]!,
  );
  const batches: Example[][] = [];
  for (let start = 0; start < full.length; start += windowBatches * size) {
    const window = full
      .slice(start, start + windowBatches * size)
      .sort((a, b) => a.ids.length - b.ids.length);
    for (let i = 0; i < window.length; i += size) batches.push(window.slice(i, i + size));
  }
  return rng.shuffle(batches).flat();
}
