import { hash32 } from "../../util/rng.ts";
import type { AnnotatedPicture } from "./annotated-picture.ts";

/** Takes at most `limit` pictures, the same for the same seed on every machine, in the order of the file. */
export function choosePictures(
  pictures: readonly AnnotatedPicture[],
  limit: number,
  seed: number,
): AnnotatedPicture[] {
  const ranked = pictures
    .map(({ name }, i) => ({ i, key: hash32("probe-picture", seed, name) }))
    .sort((a, b) => a.key - b.key || a.i - b.i);
  const chosen = new Set(ranked.slice(0, limit).map(({ i }) => i));
  return pictures.filter((_, i) => chosen.has(i));
}
