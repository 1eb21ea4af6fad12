// The control that keeps the words and the kind of picture, but not their match: every question is asked about another
// question's picture. A model that scores as well as with the right one does not look.
import { limitStream, type Samples } from "../data/formats/index.ts";
import type { ImagePart, Sample } from "../spec/index.ts";
import { once } from "../util/once.ts";
import { createRng, hash32 } from "../util/rng.ts";
import type { Column } from "./column.ts";

/** Name of the control. */
export const shuffledName = "shuffled";

/** A column that is asked about wrong pictures; which ones follows from the seed. */
export function shuffledColumn(column: Column, samples: Samples, seed: number): Column {
  const wrong = wrongPictures(samples, seed);
  return {
    ...column,
    name: column.name.replace(column.technique, shuffledName),
    technique: `${shuffledName} ${column.technique}`,
    async answer(sample, signal, repeat) {
      const pictures = await wrong({ id: sample.id, picture: pictureOf(sample) });
      return column.answer({ ...sample, input: swapImages(sample, pictures) }, signal, repeat);
    },
  };
}

/** Gives a question the pictures of another one; none where all questions are about the same picture. */
export type WrongPictures = (question: { id: string; picture: string }) => Promise<readonly ImagePart[]>;

/**
 * Chooses wrong pictures by the seed. Every question gives its pictures to one other; of a dataset with more questions
 * than `most`, so many are chosen whose pictures all get. The Samples are read when a picture is first asked for.
 */
export function wrongPictures(samples: Samples, seed: number, most = 5000): WrongPictures {
  const open = once(async () => {
    const pool: { id: string; picture: string; images: ImagePart[] }[] = [];
    for await (const sample of await limitStream(samples, most, seed))
      pool.push({ id: sample.id, picture: pictureOf(sample), images: imagesOf(sample) });
    const order = createRng("shuffled", seed).shuffle(pool);
    return { order, places: new Map(order.map(({ id }, i) => [id, i])) };
  });
  return async ({ id, picture }) => {
    const { order, places } = await open();
    const at = places.get(id);
    const own = at === undefined ? picture : order[at]!.picture;
    // The next one in the shuffled circle that is about another picture.
    const start = at ?? hash32("shuffled", seed, id) % Math.max(1, order.length);
    for (let step = 0; step < order.length; step++) {
      const other = order[(start + step) % order.length]!;
      if (other.picture !== own) return other.images;
    }
    return [];
  };
}

/** What tells a question's picture from others. */
function pictureOf(sample: Sample): string {
  return sample.group ?? sample.input.map((part) => ("source" in part ? part.source : "")).join("\n");
}

function imagesOf({ input }: Sample): ImagePart[] {
  return input.filter((part) => part.type === "image");
}

/** The input of a Sample with other images, in turn, in the places of its own. */
function swapImages(sample: Sample, images: readonly ImagePart[]): Sample["input"] {
  let next = 0;
  return sample.input.map((part) =>
    part.type === "image" && images.length > 0 ? images[next++ % images.length]! : part,
  );
}
