// The thread behind `openFeed`: one packed batch for every order.
import { parentPort, workerData } from "node:worker_threads";
import type { Tensors } from "../onnx/index.ts";
import { createTurnEncoder } from "./encode-turn.ts";
import type { FedBatch, FeedJob, FeedOrder } from "./feed.ts";
import { batchNumber, kindAt, type LessonKind, lessonKinds } from "./lesson-kinds.ts";

const { recipe, tokenizer, world, own, worker } = workerData as FeedJob;
const data = { recipe, encoder: createTurnEncoder(tokenizer), world, own };
const stages = new Map<number, LessonKind[]>();

parentPort!.on("message", ({ run, stage, step, part }: FeedOrder) => {
  const kinds = stages.get(stage) ?? lessonKinds(data, recipe.stages[stage]!);
  stages.set(stage, kinds);
  const { batch, fill } = kindAt(step, kinds, recipe);
  fill("train", batchNumber({ stage, step, part, worker }, recipe));
  // The batch is filled again next time: copies travel, and cost nothing on the way.
  const tensors = Object.fromEntries(
    Object.entries(batch.tensors).map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() }]),
  ) as Tensors;
  const fed: FedBatch = { tensors, weight: batch.weight };
  parentPort!.postMessage(
    { run, batch: fed },
    Object.values(tensors).map((tensor) => tensor.data.buffer as ArrayBuffer),
  );
});
