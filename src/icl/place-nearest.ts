// Demonstrations for a technique that lays them out itself, such as the traces of an agent: the nearest by words that the
// technique can use, nearest first, never the question itself, and no more than the model has room for.
import type { JSONObject, LanguageModelV4Prompt } from "@ai-sdk/provider";
import { InputError, SightlineError } from "../errors/index.ts";
import type { TechniqueContext } from "../model/index.ts";
import type { Sample } from "../spec/index.ts";
import { fitDemonstrations } from "./budget.ts";
import { createExclusion } from "./exclude.ts";
import type { DemonstrationPool } from "./pool.ts";
import { questionPictures } from "./question-pictures.ts";
import { textSimilarity } from "./select/text.ts";
import type { Selector } from "./selector.ts";

export interface PlaceNearestOptions {
  /** Demonstrations for each question; 0 shows none. @default 4 */
  k?: number;
  /** @default textSimilarity() */
  select?: Selector;
  /** The technique that shows them, for errors. */
  where: string;
  /** What an error says of demonstrations of which none is of use. */
  hint?: string;
}

/** Puts demonstrations of a pool before a question, as `lay` makes a prompt of what `read` gives. */
export type PlaceNearest = <T>(
  context: Pick<TechniqueContext, "options" | "query" | "capabilities" | "signal" | "emit">,
  task: { read(sample: Sample): T | undefined; lay(items: readonly T[]): LanguageModelV4Prompt },
) => Promise<LanguageModelV4Prompt>;

/** Makes what places the demonstrations of a pool. Half of the context stays free for what comes after the question. */
export function placeNearest(
  pool: DemonstrationPool,
  { k = 4, select = textSimilarity(), where, hint }: PlaceNearestOptions,
): PlaceNearest {
  const { samples } = pool;
  if (k > samples.length) {
    const rule = `shots must be a whole number from 0 to ${samples.length}, the number of demonstrations`;
    throw new InputError({ where, rule, got: String(k) });
  }
  return async (context, { read, lay }) => {
    if (k === 0) return lay([]);
    const { options, query, capabilities, signal, emit } = context;
    const found = new Map<number, NonNullable<ReturnType<typeof read>>>();
    const isOther = createExclusion(pool, query, await questionPictures(options.prompt, query));
    const isAllowed = async (at: number): Promise<boolean> => {
      const item = read(samples[at]!);
      if (item === undefined || item === null || !(await isOtherOrGone(at))) return false;
      found.set(at, item);
      return true;
    };
    // Words are shown and no pictures, so one that is gone is no hindrance; without it, equal words may be the question.
    const isOtherOrGone = (at: number) =>
      isOther(at).catch((error: unknown) => {
        if (!SightlineError.isInstance(error)) throw error;
        return samples[at]!.instruction.trim() !== query.question.trim();
      });
    const chosen = await select.select({ pool, query, pictures: [], k, seed: 0, isAllowed, signal });
    if (chosen.length === 0 && !samples.some((sample) => read(sample) !== undefined)) {
      const rule = "needs demonstrations that it can follow";
      throw new InputError({ where, rule, got: `none among ${samples.length}`, hint });
    }
    if (chosen.length < k) emit("demos-missing", { wanted: k, found: chosen.length });
    const { prompt, kept, dropped, limit } = await fitDemonstrations(
      chosen,
      (items) => lay(items.map(({ at }) => found.get(at)!)),
      {
        where,
        contextTokens: capabilities.contextTokens,
        maxImages: capabilities.maxImages,
        maxOutputTokens: Number.POSITIVE_INFINITY,
        countTokens: capabilities.countTokens,
        tokensPerImage: capabilities.tokensPerImage,
      },
    );
    const ids = (list: typeof chosen) => list.map(({ at }) => samples[at]!.id);
    const facts: JSONObject = {
      ids: ids(kept),
      scores: kept.map(({ score = 0 }) => Number(score.toFixed(4))),
    };
    emit("demos-chosen", facts);
    if (dropped.length > 0) emit("demos-dropped", { ids: ids(dropped), limit });
    return prompt;
  };
}
