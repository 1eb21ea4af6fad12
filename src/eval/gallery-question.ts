import type { MediaSource, Sample } from "../spec/index.ts";
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

/** The reader's view of a Sample. */
export function galleryQuestion(sample: Sample): GalleryQuestion {
  const { id, type = untyped, input, instruction, choices } = sample;
  const texts = input.flatMap((part) => (part.type === "text" ? [part.text] : []));
  return {
    ...{ id, type, question: [...texts, instruction].join("\n"), references: references(sample) },
    ...(choices ? { choices } : {}),
    images: input.filter((part) => part.type === "image"),
  };
}
