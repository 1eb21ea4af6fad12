import type { MediaSource, Part, Sample, TextPart } from "../spec/index.ts";
import { references } from "./references.ts";
import { untyped } from "./row.ts";

/** What a reader sees of a question: its words and its pictures, without anything that only scoring needs. */
export interface GalleryQuestion {
  id: string;
  type: string;
  question: string;
  references: string[];
  choices?: string[];
  images: MediaSource[];
}

/** The reader's view of a Sample: what was said before, then the question. */
export function galleryQuestion(sample: Sample): GalleryQuestion {
  const { id, type = untyped, turns = [], input, instruction, choices } = sample;
  const earlier = turns.map(({ role, content }) => `${role}: ${textOf(content)}`);
  const question = [...earlier, ...(input.some(isText) ? [textOf(input)] : []), instruction].join("\n");
  return {
    ...{ id, type, question, references: references(sample) },
    ...(choices ? { choices } : {}),
    images: [...turns.flatMap(({ content }) => content), ...input].filter((part) => part.type === "image"),
  };
}

/** The questions of a dataset as a gallery shows them. Only those that it shows are made. */
export interface GallerySource {
  /** In the order of the dataset; may be read more than once. */
  ids: Iterable<string> | AsyncIterable<string>;
  /** These questions, in the order of the dataset. */
  find(ids: readonly string[]): Promise<GalleryQuestion[]>;
}

/** The gallery of Samples in memory. */
export function galleryOf(samples: readonly Sample[]): GallerySource {
  return {
    ids: samples.map(({ id }) => id),
    async find(ids) {
      const wanted = new Set(ids);
      return samples.filter(({ id }) => wanted.has(id)).map(galleryQuestion);
    },
  };
}

function isText(part: Part): part is TextPart {
  return part.type === "text";
}

function textOf(parts: readonly Part[]): string {
  return parts
    .filter(isText)
    .map(({ text }) => text)
    .join("\n");
}
