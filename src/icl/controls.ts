// Controls tell whether a model uses the demonstrations or only their form (Min et al., arXiv 2202.12837): the same
// demonstrations with the answers of others, with the pictures of others, or without pictures.
import type { Sample } from "../spec/index.ts";
import { createRng } from "../util/rng.ts";
import { labelOf } from "./pool.ts";

export const labelControls = ["own", "shuffled"] as const;
export const pictureControls = ["own", "wrong", "none"] as const;
export type LabelControl = (typeof labelControls)[number];
export type PictureControl = (typeof pictureControls)[number];

/**
 * For every Sample the position of the one whose answer it is shown with: a different answer of the same kind (yes or no,
 * a number, …) where there is one. The answers of a kind are dealt anew, so that each stays as frequent as it was.
 */
export function shuffledLabels(samples: readonly Sample[], seed: number): number[] {
  const source = samples.map((_, at) => at);
  for (const [kind, positions] of positionsByKind(samples)) {
    const dealt = createRng("labels", seed, kind).shuffle([...positions]);
    const label = (at: number) => labelOf(samples[at]!)!.trim().toLowerCase();
    for (const [i, at] of positions.entries()) {
      if (label(dealt[i]!) !== label(at)) continue;
      // Trade with a place where both then have an answer that is not their own.
      const other = positions.findIndex(
        (to, j) => label(dealt[j]!) !== label(at) && label(dealt[i]!) !== label(to),
      );
      if (other >= 0) [dealt[i], dealt[other]] = [dealt[other]!, dealt[i]!];
    }
    for (const [i, at] of positions.entries()) source[at] = dealt[i]!;
  }
  return source;
}

/** For every Sample the position of one with another picture. */
export function wrongPictures(samples: readonly Sample[], seed: number): number[] {
  const order = createRng("pictures", seed).shuffle(samples.map((_, at) => at));
  const groupOf = ({ group, id }: Sample) => group ?? id;
  const source: number[] = [];
  for (const [i, at] of order.entries()) {
    let step = 1;
    const next = () => order[(i + step) % order.length]!;
    while (step < order.length && groupOf(samples[next()]!) === groupOf(samples[at]!)) step++;
    source[at] = next();
  }
  return source;
}

function positionsByKind(samples: readonly Sample[]): Map<string, number[]> {
  const kinds = new Map<string, number[]>();
  for (const [at, { answerType = "" }] of samples.entries()) {
    const positions = kinds.get(answerType);
    if (positions) positions.push(at);
    else kinds.set(answerType, [at]);
  }
  return kinds;
}
