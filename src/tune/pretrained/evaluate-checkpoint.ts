// How good a checkpoint is while it is trained: held-out conversations teacher-forced, the same once more behind grey pictures, and
// a few answers that it writes by itself.
import type { PictureProcessor } from "../../data/picture-processor.ts";
import { openSession } from "../../onnx/index.ts";
import type { LoraConfig } from "../lora.ts";
import type { SampleAnswer } from "../sample-answers.ts";
import type { Accuracy } from "../train.ts";
import { type TrainedWeights, weightInputs } from "./gradients.ts";
import { buildEvaluationGraph } from "./graphs.ts";
import { openPretrained } from "./pretrained-model.ts";
import type { Checkpoint } from "./read-checkpoint.ts";
import { trainedCheckpoint } from "./trained-checkpoint.ts";
import { batchInputs, countLabels } from "./training-batch.ts";
import { batchOf, type Example, type TrainingExamples } from "./training-examples.ts";

/** What held-out conversations say of a model. */
export interface Scores {
  /** Mean cross-entropy of the learned tokens. */
  loss: number;
  /** Share of the learned tokens that are the most likely one, given the right ones before. */
  tokenAccuracy: number;
  /** Answers whose every token is the most likely one, by the Sample's type. */
  accuracy: Record<string, Accuracy>;
  overall: Accuracy;
}

export interface Evaluator {
  /** `batch` conversations are computed at once. */
  score(examples: readonly Example[], batch: number, options?: { hidden?: boolean }): Promise<Scores>;
  dispose(): Promise<void>;
}

export interface EvaluatorOptions {
  /** Tokens of a sequence, padded. */
  length: number;
  lora?: LoraConfig | undefined;
  processor: PictureProcessor | undefined;
  threads?: number;
}

/** Opens the forward pass on weights that may change between calls. */
export async function openEvaluator(
  checkpoint: Checkpoint,
  trained: TrainedWeights,
  { length, lora, processor, threads = 1 }: EvaluatorOptions,
): Promise<Evaluator> {
  const { model } = buildEvaluationGraph(checkpoint.blueprint, { length, lora });
  const session = await openSession(model, { threads, name: checkpoint.dir });
  const inputs = weightInputs(checkpoint, trained);
  return {
    async score(examples, batch, { hidden = false } = {}) {
      const total = countLabels(examples.map(({ labels }) => labels));
      const types = new Map<string, [right: number, asked: number]>();
      let [loss, right] = [0, 0];
      for (let at = 0; at < examples.length; at += batch) {
        const some = examples.slice(at, at + batch);
        const given = batchInputs(checkpoint, batchOf(some, processor, { hidden }), { length, total });
        const outputs = await session.run({ ...inputs, ...given });
        loss += outputs.loss!.data[0] as number;
        let row = 0;
        const { data } = outputs.tokens!;
        for (const { type, ids, spans } of some)
          for (const [start, end] of spans) {
            let hits = 0;
            for (let t = start; t < end; t++) if (Number(data[row++]) === ids[t]) hits++;
            right += hits;
            const [answers, asked] = types.get(type) ?? [0, 0];
            types.set(type, [answers + Number(hits === end - start), asked + 1]);
          }
      }
      const share = ([answers, asked]: [number, number]) => ({ n: asked, accuracy: answers / asked });
      const sums = [...types.values()].reduce(([a, b], [c, d]) => [a + c, b + d], [0, 0]);
      const accuracy = Object.fromEntries([...types].sort().map(([type, counts]) => [type, share(counts)]));
      return { loss, tokenAccuracy: right / total, accuracy, overall: share(sums) };
    },
    dispose: () => session.dispose(),
  };
}

/** Lets the model write the last answer of each example by itself, its most likely tokens. */
export async function writeAnswers(
  base: Checkpoint,
  trained: TrainedWeights,
  examples: readonly Example[],
  {
    encoder,
    processor,
    lora,
    most,
    threads = 1,
  }: Pick<TrainingExamples, "encoder" | "processor"> & {
    lora?: LoraConfig | undefined;
    /** Tokens of an answer. */
    most: number;
    threads?: number;
  },
): Promise<SampleAnswer[]> {
  const { checkpoint, adapter } = trainedCheckpoint(base, trained, lora);
  const model = await openPretrained(checkpoint, { threads, ...(adapter && { adapter }) });
  const answers: SampleAnswer[] = [];
  for (const example of examples) {
    const { type, question, ids, spans } = example;
    const [start, end] = spans.at(-1)!;
    const { pixels } = batchOf([example], processor);
    const stop = [encoder.eosId];
    const written = await model.generate(ids.slice(0, start), {
      maxTokens: most,
      stop,
      ...(pixels && { pixels }),
    });
    const reference = encoder.decode(ids.slice(start, end)).trim();
    answers.push({ type, question, reference, answer: encoder.decode(written).trim() });
  }
  await model.dispose();
  return answers;
}
