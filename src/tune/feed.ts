// Pictures are drawn and packed by a thread beside each worker, a few batches ahead, so that a step need not wait for its data. The
// lessons of a step follow from its number alone: who makes them, and when, changes nothing.
import { Worker } from "node:worker_threads";
import type { PictureSet } from "../data/picture-questions.ts";
import type { World } from "../data/scenes/index.ts";
import { reviveError } from "../errors/index.ts";
import type { Tensors } from "../onnx/index.ts";
import type { TokenizerJson } from "./bpe.ts";
import type { Recipe } from "./recipe.ts";

/** Batches that are made before they are asked for. */
const AHEAD = 2;

/** What a feed is started with. */
export interface FeedJob {
  recipe: Recipe;
  tokenizer: TokenizerJson;
  world: World | undefined;
  own: PictureSet | undefined;
  worker: number;
}

/** Which batch is wanted. `run` counts the stages that were begun: what an earlier one ordered is not wanted any more. */
export interface FeedOrder {
  run: number;
  stage: number;
  step: number;
  part: number;
}

/** A packed batch. */
export interface FedBatch {
  tensors: Tensors;
  /** What it supervises, see `Batch.weight`. */
  weight: number;
}

export interface Feed {
  /** Starts making the batches of a stage, from a step on. */
  begin(stage: number, firstStep: number): void;
  /** The next batch: all parts of a step, then those of the step behind it. */
  next(): Promise<FedBatch>;
  /** Milliseconds that `next` was waited for since `begin`. */
  readonly waited: number;
  dispose(): Promise<void>;
}

/** Starts the thread. */
export function openFeed(workerData: FeedJob): Feed {
  const url = new URL(
    import.meta.url.endsWith(".ts") ? "./feed-worker.ts" : "./feed-worker.js",
    import.meta.url,
  );
  const worker = new Worker(url, { workerData });
  let ready: FedBatch[] = [];
  let failure: Error | undefined;
  let waiting: { resolve(batch: FedBatch): void; reject(error: Error): void } | undefined;
  let waited = 0;
  let wanted: FeedOrder = { run: 0, stage: 0, step: 0, part: 0 };
  worker.on("message", ({ run, batch }: { run: number; batch: FedBatch }) => {
    if (run !== wanted.run) return;
    if (!waiting) ready.push(batch);
    else waiting.resolve(batch);
    waiting = undefined;
  });
  worker.on("error", (error) => {
    failure = reviveError(error) as Error;
    waiting?.reject(failure);
  });
  const order = () => {
    worker.postMessage(wanted);
    const isLast = wanted.part + 1 === workerData.recipe.stages[wanted.stage]!.accumulate;
    wanted = isLast ? { ...wanted, step: wanted.step + 1, part: 0 } : { ...wanted, part: wanted.part + 1 };
  };
  return {
    begin(stage, firstStep) {
      ready = [];
      waited = 0;
      wanted = { run: wanted.run + 1, stage, step: firstStep, part: 0 };
      for (let i = 0; i < AHEAD; i++) order();
    },
    async next() {
      if (failure) throw failure;
      order();
      const made = ready.shift();
      if (made) return made;
      const asked = performance.now();
      const batch = await new Promise<FedBatch>((resolve, reject) => {
        waiting = { resolve, reject };
      });
      waited += performance.now() - asked;
      return batch;
    },
    get waited() {
      return waited;
    },
    async dispose() {
      await worker.terminate();
    },
  };
}
