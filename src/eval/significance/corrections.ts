// Several comparisons at once make a lucky one likely. Both give adjusted p values in the order of the input, to be
// compared with the level as they are.

/** Holm 1979: the chance of even one false finding stays below the level. */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((_, i) => i).sort((a, b) => ps[a]! - ps[b]!);
  const adjusted = new Array<number>(ps.length);
  let highest = 0;
  order.forEach((index, rank) => {
    highest = Math.max(highest, Math.min(1, (ps.length - rank) * ps[index]!));
    adjusted[index] = highest;
  });
  return adjusted;
}

/** Benjamini and Hochberg 1995: the expected share of false ones among the findings stays below the level. */
export function benjaminiHochberg(ps: readonly number[]): number[] {
  const order = ps.map((_, i) => i).sort((a, b) => ps[b]! - ps[a]!);
  const adjusted = new Array<number>(ps.length);
  let lowest = 1;
  order.forEach((index, i) => {
    lowest = Math.min(lowest, (ps[index]! * ps.length) / (ps.length - i));
    adjusted[index] = lowest;
  });
  return adjusted;
}
