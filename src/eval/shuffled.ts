// The control that keeps the words and the kind of picture, but not their match: every question is asked about another
// question's picture. A model that scores as well as with the right one does not look.
import type { Sample } from "../spec/index.ts";
import { createRng } from "../util/rng.ts";
import type { Column } from "./column.ts";

/** Name of the control. */
export const shuffledName = "shuffled";

/** A column that is asked about wrong pictures; which ones follows from the seed. */
export function shuffledColumn(column: Column, samples: readonly Sample[], seed: number): Column {
  const partners = wrongPictures(samples, seed);
  return {
    ...column,
    name: column.name.replace(column.technique, shuffledName),
    technique: `${shuffledName} ${column.technique}`,
    answer: (sample, signal, repeat) =>
      column.answer(
        { ...sample, input: swapImages(sample, partners.get(sample.id) ?? sample) },
        signal,
        repeat,
      ),
  };
}

/** For every Sample another one, of another picture where there is one. */
export function wrongPictures(samples: readonly Sample[], seed: number): Map<string, Sample> {
  const picture = (sample: Sample) =>
    sample.group ?? sample.input.map((part) => ("source" in part ? part.source : "")).join("\n");
  const order = createRng("shuffled", seed).shuffle([...samples]);
  const partners = new Map<string, Sample>();
  order.forEach((sample, i) => {
    // The next one in the shuffled circle that is about another picture.
    for (let step = 1; step < order.length; step++) {
      const other = order[(i + step) % order.length]!;
      if (picture(other) === picture(sample)) continue;
      partners.set(sample.id, other);
      return;
    }
  });
  return partners;
}

/** The input of a Sample with the other one's images, in turn, in the places of its own. */
function swapImages(sample: Sample, other: Sample): Sample["input"] {
  const images = other.input.filter((part) => part.type === "image");
  let next = 0;
  return sample.input.map((part) =>
    part.type === "image" && images.length > 0 ? images[next++ % images.length]! : part,
  );
}
