// What a question must not be shown: itself, another question about its picture, and its picture again in another size
// or compression. A demonstration of any of these gives the answer away, or looks as if it did.
import { differenceHash, hammingDistance } from "../media/index.ts";
import type { Query } from "../spec/index.ts";
import { type DemonstrationPool, imagesOf } from "./pool.ts";

/**
 * Bits in which the difference hashes of the same picture may differ. Among 124,750 pairs of different pictures of
 * scenes:val the nearest two differ in 9.
 */
const maxDistance = 4;

/** Makes the test that says whether a demonstration may be shown for a question. */
export function createExclusion(
  pool: DemonstrationPool,
  query: Query,
  pictures: readonly Uint8Array[],
): (at: number) => Promise<boolean> {
  let own: Promise<Uint8Array[]> | undefined;
  return async (at) => {
    const sample = pool.samples[at]!;
    if (sample.id === query.id || (sample.group ?? sample.id) === query.group) return false;
    if (imagesOf(sample).length === 0)
      return query.imageIds.length > 0 || sample.instruction.trim() !== query.question.trim();
    const hashes = await pool.hashes(at);
    if (hashes.some(({ hash }) => query.imageIds.includes(hash))) return false;
    own ??= Promise.all(pictures.map((bytes) => differenceHash(bytes)));
    return !(await own).some((mine) =>
      hashes.some((theirs) => hammingDistance(mine, theirs.differenceHash) <= maxDistance),
    );
  };
}
