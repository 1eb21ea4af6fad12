// Captions to be asked for pictures whose objects are known, for CHAIR (Rohrbach et al., arXiv 1809.02156): how many of the
// objects that a caption names are not there. The reference is the list of what is there.
import { InputError } from "../../errors/index.ts";
import type { Sample } from "../../spec/index.ts";
import type { AnnotatedPicture } from "./annotated-picture.ts";
import { choosePictures } from "./choose-pictures.ts";

export interface ChairOptions {
  /** @default "Please describe this image in detail." */
  instruction?: string;
  /** Asks about so many pictures, chosen by the seed. @default all */
  pictures?: number;
  /** @default 0 */
  seed?: number;
}

/** Makes one caption question for each picture that has an object. */
export function chairProbes(
  annotated: readonly AnnotatedPicture[],
  {
    instruction = "Please describe this image in detail.",
    pictures = annotated.length,
    seed = 0,
  }: ChairOptions = {},
): Sample[] {
  const withObjects = annotated.filter(({ objects }) => objects.length > 0);
  if (withObjects.length === 0) {
    const got = `${annotated.length} without any`;
    throw new InputError({ where: "chair", rule: "needs pictures with at least one object", got });
  }
  return choosePictures(withObjects, pictures, seed).map(
    ({ name, source, hash, width, height, objects, regions }) => ({
      id: `${name}:caption`,
      group: name,
      instruction,
      input: [
        { type: "image", source, ...(hash ? { hash } : {}), ...(width && height ? { width, height } : {}) },
      ],
      response: objects.join(", "),
      answerType: "caption",
      type: "caption",
      ...(regions.length > 0 ? { regions } : {}),
      provenance: { dataset: "chair", seed },
      extra: { objects },
    }),
  );
}
