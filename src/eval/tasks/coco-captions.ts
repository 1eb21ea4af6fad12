// COCO captions: CIDEr-D, BLEU-1 to 4 and ROUGE-L over all captions, PTB-tokenised. None but ROUGE-L is a mean over
// captions, so a single caption's score is its ROUGE-L. CIDEr-D depends on the whole set: on a sample of the pictures it
// is not comparable with published numbers.
import { bleu, type CaptionPair } from "../metrics/bleu.ts";
import { ciderD } from "../metrics/cider.ts";
import { ptbTokens } from "../metrics/ptb-tokenizer.ts";
import { rougeL } from "../metrics/rouge-l.ts";
import { references } from "../references.ts";
import { meanFigure } from "./row-figures.ts";
import type { Figure, Task } from "./task.ts";

/** Makes the task of COCO captions. */
export function cocoCaptionsTask(): Task {
  return {
    name: "coco-captions",
    scorer: {
      name: "rouge-l",
      score: (prediction, sample) => ({ score: rougeL(pairOf(prediction, references(sample))) }),
    },
    figures(rows) {
      if (rows.length === 0) return [];
      const pairs = rows.map(({ sample, text = "" }) => pairOf(text, references(sample)));
      const scores = ciderD(pairs);
      const cider = scores.reduce((sum, score) => sum + score, 0) / scores.length;
      return [
        { name: "CIDEr-D", value: cider },
        ...bleu(pairs).map((value, i): Figure => ({ name: `BLEU-${i + 1}`, value })),
        meanFigure("ROUGE-L", rows)!,
      ];
    },
  };
}

function pairOf(prediction: string, captions: readonly string[]): CaptionPair {
  return { prediction: ptbTokens(prediction), references: captions.map(ptbTokens) };
}
