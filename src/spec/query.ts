import type { AnswerType } from "./sample.ts";

/**
 * What a technique may know of the question it serves: JSON in `providerOptions.sightline.query`, written by the
 * evaluator. It never holds the reference answer, boxes, rationale or source caption.
 */
export interface Query {
  id: string;
  group: string;
  question: string;
  choices?: string[];
  answerType?: AnswerType;
  /** Content addresses of the pictures, in prompt order. */
  imageIds: string[];
}
