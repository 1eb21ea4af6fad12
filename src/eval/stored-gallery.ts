// The questions of a stored run for its gallery: their words as they were asked, from the store, and their pictures from
// the dataset where it still is what it was.
import type { Samples } from "../data/formats/index.ts";
import { InputError } from "../errors/index.ts";
import type { MediaSource, Sample } from "../spec/index.ts";
import { findQuestions, readQuestionIds, type Store } from "../store/index.ts";
import { type GalleryQuestion, type GallerySource, galleryQuestion } from "./gallery-question.ts";
import { sampleHash } from "./manifest.ts";

/** Stands for a picture that cannot be had. */
const missing = "missing:";

/** The gallery of a stored run. @param samples the dataset as it is now, read once for the questions that are shown */
export function storedGallery(store: Store, run: string, samples: Samples): GallerySource {
  return {
    ids: { [Symbol.asyncIterator]: () => readQuestionIds(store, run) },
    async find(ids) {
      const wanted = new Set(ids);
      const byId = new Map<string, Sample>();
      for await (const sample of samples) if (wanted.has(sample.id)) byId.set(sample.id, sample);
      return (await findQuestions(store, run, ids)).map(({ id, type, hash, data }) => {
        const sample = byId.get(id);
        const isSame = sample !== undefined && sampleHash(sample) === hash;
        const words = data as Pick<GalleryQuestion, "question" | "references" | "choices">;
        const images = isSame ? galleryQuestion(sample).images : [{ source: missing }];
        return { id, type, ...words, images };
      });
    },
  };
}

/** Loads the pictures of such a gallery. @param problem why the dataset is not there; empty when it is */
export function storedPictures<P>(
  load: (image: MediaSource) => Promise<P>,
  problem = "",
): (image: MediaSource) => Promise<P> {
  return (image) => {
    if (image.source !== missing) return load(image);
    const rule = problem || "the question is not in the dataset any more, or has changed";
    return Promise.reject(new InputError({ where: "picture", rule }));
  };
}
