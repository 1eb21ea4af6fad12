import type { Part } from "./part.ts";

/** A box in pixels of one picture, origin top left: `[x1, y1, x2, y2]` with x1 < x2 and y1 < y2. */
export type Box = [number, number, number, number];

/** Something that is known to be at a place in a picture. */
export interface Region {
  label: string;
  box: Box;
  /** Which image part of the Sample's input, counted from 0. @default 0 */
  image?: number;
}

/** How an answer is to be read when it is scored. */
export type AnswerType = "yes-no" | "number" | "choice" | "short" | "caption" | "free";

/** Where a Sample came from. */
export interface Provenance {
  dataset?: string;
  split?: string;
  /** Model that wrote it, when one did. */
  model?: string;
  promptHash?: string;
  seed?: number;
  license?: string;
}

/** An earlier message of a conversation, its pieces in order. */
export interface Turn {
  /** A system message stands first or not at all; then user and assistant take turns. */
  role: "system" | "user" | "assistant";
  content: Part[];
  /** False for an assistant's message that is context only: a trainer takes no loss on it. @default true */
  loss?: boolean;
}

/**
 * The survey's triplet (instruction, multimodal input, response) with what scoring needs. Everything in Sightline
 * reads and writes this one record: data tools, the trainer, demonstrations, benchmarks and runs.
 */
export interface Sample {
  /** Unique within a dataset. */
  id: string;
  /** Samples about the same picture share a group; error bars cluster by it. @default the id */
  group?: string;
  /**
   * What was said before, oldest first, when the question is the last one of a conversation: an optional system
   * message, then user and assistant in turn, an assistant last.
   */
  turns?: Turn[];
  /** The question or task in words. */
  instruction: string;
  /** The multimodal input in order. Often one image part. */
  input: Part[];
  /** The reference response, as a trainer would teach it. */
  response?: string;
  /** All accepted answers. @default [response] */
  answers?: string[];
  /** Options of a multiple-choice question, in the order shown. */
  choices?: string[];
  answerType?: AnswerType;
  /** Question type for the per-type table, such as "counting". */
  type?: string;
  regions?: Region[];
  rationale?: string;
  provenance?: Provenance;
  /** Fields of a source format that have no place above. */
  extra?: Record<string, unknown>;
}
