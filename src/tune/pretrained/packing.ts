// Which conversations share a sequence. Sequences of a step are as long as the longest conversation there is; short ones leave most
// of theirs empty. Laid one after another, with attention kept inside each, they are the same computation in fewer sequences
// (Krell et al. 2021, arXiv 2107.02027).

/**
 * Lays lengths into as few bins of `length` as first-fit decreasing finds: the longest first, each into the first bin with room for it.
 * Gives the indices of every bin.
 */
export function packSequences(lengths: readonly number[], length: number): number[][] {
  const bins: { indices: number[]; room: number }[] = [];
  const order = lengths.map((_, i) => i).sort((a, b) => lengths[b]! - lengths[a]! || a - b);
  for (const index of order) {
    const needed = lengths[index]!;
    const bin = bins.find(({ room }) => room >= needed);
    if (bin) {
      bin.indices.push(index);
      bin.room -= needed;
    } else bins.push({ indices: [index], room: length - needed });
  }
  return bins.map(({ indices }) => indices);
}
