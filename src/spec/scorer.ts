import type { Sample } from "./sample.ts";

/** The verdict on one prediction. `score` is a fraction from 0 to 1. */
export interface Score {
  score: number;
  /** What was compared, after extraction and normalisation. */
  answer?: string;
  /** Why, when it is not obvious from the answer ("two options named"). */
  reason?: string;
}

/** Judges one prediction against the Sample's reference. Pure: same input, same score. */
export interface Scorer {
  name: string;
  score(prediction: string, sample: Sample): Score | Promise<Score>;
}
