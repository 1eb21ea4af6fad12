import type { Sample, Scorer } from "../spec/index.ts";
import { captionF1 } from "./caption.ts";
import { match } from "./match.ts";

/** Makes the scorer of compare: captions by the objects that they name, everything else by exact match. */
export function createScorer(): Scorer {
  const exact = match();
  const caption = captionF1();
  return {
    name: "match or caption-f1",
    score: (prediction, sample) => (isCaption(sample) ? caption : exact).score(prediction, sample),
  };
}

/** True for Samples whose score is a fraction instead of right or wrong. */
export function isCaption(sample: Sample): boolean {
  return (sample.answerType ?? sample.type) === "caption";
}
