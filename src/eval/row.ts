import type { Answer } from "./call-model.ts";

/** What one column made of one question. */
export interface Row extends Partial<Answer> {
  id: string;
  /** Place of the question in the dataset. */
  seq: number;
  /** Which of several repetitions, from 0. */
  repeat: number;
  type: string;
  /** Questions about one picture share it. */
  group: string;
  /** From 0 to 1; 0 for a failed question. */
  score: number;
  /** Why the answer scored as it did, when it is not obvious. */
  reason?: string;
  /** Why there is no answer. */
  error?: string;
}

/** What is counted of a row. */
export type ScoredRow = Pick<
  Row,
  | "id"
  | "seq"
  | "repeat"
  | "type"
  | "group"
  | "score"
  | "error"
  | "latencyMs"
  | "inputTokens"
  | "outputTokens"
>;

/** Name of the type of questions that have none. */
export const untyped = "other";
