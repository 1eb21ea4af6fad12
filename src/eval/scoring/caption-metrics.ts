// BLEU, ROUGE-L and CIDEr-D over a file of captions, PTB-tokenised. The summary's score is the corpus value.
import { z } from "zod";
import { createRng } from "../../util/rng.ts";
import { type BleuCounts, bleuCounts, bleuOf, type CaptionPair } from "../metrics/bleu.ts";
import { ciderD } from "../metrics/cider.ts";
import { ptbTokens } from "../metrics/ptb-tokenizer.ts";
import { rougeL } from "../metrics/rouge-l.ts";
import { type Interval, quantile } from "../statistics.ts";
import { defineMetric, lineShape, meanFigures } from "./metric.ts";

const captionLine = z.object(lineShape);
type CaptionLine = z.infer<typeof captionLine>;

const resamples = 1000;

const pairOf = ({ prediction, answers }: CaptionLine): CaptionPair => ({
  prediction: ptbTokens(prediction),
  references: answers.map(ptbTokens),
});

export const bleuMetric = defineMetric({
  description: "BLEU-4 of captions; the summary also has BLEU-1 to 4",
  schema: captionLine,
  judge: (lines) =>
    lines.map((line) => {
      const detail = bleuCounts(pairOf(line));
      return { score: bleuOf([detail])[3], detail };
    }),
  summarise(judgements) {
    const counts = judgements.map(({ detail }) => detail);
    const bleu = bleuOf(counts);
    return { score: bleu[3], interval: bleuInterval(counts), n: counts.length, bleu };
  },
});

export const rougeLMetric = defineMetric({
  description: "ROUGE-L of captions",
  schema: captionLine,
  judge: (lines) => lines.map((line) => ({ score: rougeL(pairOf(line)), detail: undefined })),
  summarise: (judgements) => meanFigures(judgements.map(({ score }) => score)),
});

export const ciderMetric = defineMetric({
  description: "CIDEr-D of captions, from 0 to 10; the file must hold the whole set",
  schema: captionLine,
  judge: (lines) => ciderD(lines.map(pairOf)).map((score) => ({ score, detail: undefined })),
  summarise: (judgements) =>
    meanFigures(
      judgements.map(({ score }) => score),
      10,
    ),
});

/** BLEU-4 is no mean, so its interval comes from resampling captions. There is none for a single caption. */
function bleuInterval(counts: readonly BleuCounts[]): Interval | null {
  if (counts.length < 2) return null;
  const rng = createRng("bleu interval");
  const values = Array.from({ length: resamples }, () => {
    const sum: BleuCounts = { length: 0, referenceLength: 0, matches: [0, 0, 0, 0], total: [0, 0, 0, 0] };
    for (let i = 0; i < counts.length; i++) {
      const { length, referenceLength, matches, total } = counts[rng.int(counts.length)]!;
      sum.length += length;
      sum.referenceLength += referenceLength;
      for (let n = 0; n < 4; n++) {
        sum.matches[n]! += matches[n]!;
        sum.total[n]! += total[n]!;
      }
    }
    return bleuOf([sum])[3];
  });
  return [quantile(values, 0.025)!, quantile(values, 0.975)!];
}
