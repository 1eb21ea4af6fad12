// A column of the comparison: something that answers every question. Model columns call a model through a technique;
// the majority column only looks the answer up.
import type { Samples } from "../data/formats/index.ts";
import type { Sample } from "../spec/index.ts";
import { once } from "../util/once.ts";
import { type Answer, type CallModelOptions, callModel } from "./call-model.ts";
import { majorityAnswers, majorityName } from "./majority.ts";
import type { Pacer } from "./pacer.ts";

/** What the runner needs of a column. */
export interface Column {
  name: string;
  /** The model as it was asked for; null for controls without one. */
  model: string | null;
  technique: string;
  /** Questions that may be under way at once, or what finds that out. */
  concurrency: number | Pacer;
  /** @param repeat which of several repetitions; each has a seed of its own */
  answer(sample: Sample, signal?: AbortSignal, repeat?: number): Promise<Answer>;
}

export interface ModelColumnOptions
  extends Pick<Column, "name" | "technique" | "concurrency">,
    Omit<CallModelOptions, "signal"> {
  modelName: string;
}

/** Makes the column of a model. */
export function modelColumn({
  name,
  technique,
  concurrency,
  modelName,
  ...call
}: ModelColumnOptions): Column {
  return {
    name,
    model: modelName,
    technique,
    concurrency,
    answer: (sample, signal, repeat = 0) => callModel(sample, { ...call, seed: call.seed + repeat, signal }),
  };
}

/** Makes the control column that gives each question type's most frequent reference answer. */
export function majorityColumn(samples: Samples): Column {
  const answers = once(() => majorityAnswers(samples));
  return {
    name: majorityName,
    model: null,
    technique: majorityName,
    concurrency: 1,
    answer: async (sample) => ({ text: (await answers()).get(sample.type) ?? "" }),
  };
}
