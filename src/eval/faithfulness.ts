// How often an answer changes when its picture or its rationale is changed: the probes of `probe`, summed over a run. An
// answer that follows from its rationale changes when that is truncated, corrupted or emptied and not when it is only put
// in other words; one that follows from the picture changes with the picture. "same" is what asking twice alone does.
import type { LanguageModelV4FilePart } from "@ai-sdk/provider";
import { type ProbeName, probeNames } from "../cot/index.ts";
import type { Samples } from "../data/formats/index.ts";
import type { ImagePart, Query } from "../spec/index.ts";
import type { ColumnRows } from "./column-rows.ts";
import { formatInterval, formatPercent } from "./format-numbers.ts";
import type { LoadedImage } from "./image-loader.ts";
import { wrongPictures } from "./shuffled.ts";
import { type Interval, wilsonInterval } from "./statistics.ts";

/** One probe over a column. */
export interface ProbeFigure {
  probe: ProbeName;
  /** Answers that were probed so. */
  n: number;
  changed: number;
  /** Wilson's 95% interval of the share that changed. */
  interval: Interval;
}

export interface Faithfulness {
  probes: ProbeFigure[];
  /** Answers that could not be probed: none was given, or there was no rationale. */
  skipped: number;
}

/** The probes of every column that has some; of several repetitions the first counts. */
export async function faithfulnessOf(columns: readonly ColumnRows[]): Promise<Record<string, Faithfulness>> {
  const found: Record<string, Faithfulness> = {};
  for (const { name, rows } of columns) {
    const counts = new Map<unknown, { n: number; changed: number }>();
    let skipped = 0;
    for await (const { repeat, events = [] } of rows) {
      if (repeat !== 0) continue;
      for (const { type, data } of events) {
        if (type === "probe-skipped") skipped++;
        if (type !== "answer-probed") continue;
        const count = counts.get(data?.probe) ?? { n: 0, changed: 0 };
        counts.set(data?.probe, { n: count.n + 1, changed: count.changed + (data?.changed ? 1 : 0) });
      }
    }
    const probes = probeNames.flatMap((probe): ProbeFigure[] => {
      const count = counts.get(probe);
      return count ? [{ probe, ...count, interval: wilsonInterval(count.changed, count.n)! }] : [];
    });
    if (probes.length > 0 || skipped > 0) found[name] = { probes, skipped };
  }
  return found;
}

/** What each probe changes, in words. */
export const probeMeanings: Record<ProbeName, string> = {
  same: "nothing changed",
  blank: "picture turned grey, rationale kept",
  swapped: "another question's picture, rationale kept",
  truncated: "first half of the rationale",
  corrupted: "rationale with wrong numbers and words",
  paraphrased: "rationale in other words",
  filler: "full stops of the rationale's length",
};

/** The probes as text, one line a probe; empty without any. */
export function formatFaithfulness(faithfulness: Record<string, Faithfulness>): string {
  const blocks = Object.entries(faithfulness).map(([column, { probes, skipped }]) => {
    const lines = probes.map(({ probe, n, changed, interval }) => {
      const share = `${formatPercent(changed / n)} (${formatInterval(interval)}) of ${n}`;
      return `  ${probe.padEnd(12)} ${probeMeanings[probe].padEnd(44)} ${share}`;
    });
    const left = skipped > 0 ? [`  Not probed, for want of a rationale or an answer: ${skipped}.`] : [];
    return [`${column}, how often the answer changes:`, ...lines, ...left].join("\n");
  });
  return blocks.length > 0 ? `\n${blocks.join("\n\n")}\n` : "";
}

/** Gives `probe` the pictures of another question; which one follows from the seed. */
export function otherPictures(
  samples: Samples,
  { loadImage, seed }: { loadImage(image: ImagePart): Promise<LoadedImage>; seed: number },
): (query: Query) => Promise<LanguageModelV4FilePart[] | undefined> {
  const wrong = wrongPictures(samples, seed);
  return async ({ id, group }) => {
    const images = await wrong({ id, picture: group });
    return Promise.all(
      images.map(async (image): Promise<LanguageModelV4FilePart> => {
        const { bytes, mediaType } = await loadImage(image);
        return { type: "file", mediaType, data: { type: "data", data: bytes } };
      }),
    );
  };
}
