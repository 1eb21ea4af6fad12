// Demonstrations drawn by chance, anew for every question: what any cleverer choice has to beat.
import { createRng } from "../../util/rng.ts";
import { type Selector, takeAllowed } from "../selector.ts";

/** Makes the selector of random demonstrations; the seed and the question's id decide. */
export function random(): Selector {
  return {
    name: "random",
    usesVectors: false,
    isStable: false,
    options: {},
    async select(task) {
      const { pool, query, seed } = task;
      const rng = createRng("select", seed, query.id);
      return (await takeAllowed(drawn(pool.samples.length, rng.int), task)).map((at) => ({ at }));
    },
  };
}

/** 0 … n - 1 in random order, as far as they are asked for (Fisher and Yates, with only the moved places kept). */
function* drawn(n: number, int: (n: number) => number): Generator<number> {
  const moved = new Map<number, number>();
  for (let left = n; left > 0; left--) {
    const place = int(left);
    const last = left - 1;
    yield moved.get(place) ?? place;
    moved.set(place, moved.get(last) ?? last);
  }
}
