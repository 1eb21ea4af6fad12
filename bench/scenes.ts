// What it costs to make a training picture with its questions, beside what it costs to train on it, in the same run on
// one thread.
//   npm run bench:scenes
import { loadWorld, stylesOf } from "../src/data/scenes/index.ts";
import { openSession, type Tensors } from "../src/onnx/index.ts";
import { createTurnEncoder } from "../src/tune/encode-turn.ts";
import { loadRecipe, readExportedModel } from "../src/tune/index.ts";
import { createBatch } from "../src/tune/packer.ts";
import { backgroundClass, cellClassTokens, makeLesson } from "../src/tune/scene-lessons.ts";
import { buildTrainingStep } from "../src/tune/training-graph.ts";

const ROUNDS = 5;
const BATCH = 16;
const root = new URL("..", import.meta.url).pathname;
const recipe = await loadRecipe(`${root}recipes/tiny.yaml`);
const { weights, tokenizer } = await readExportedModel(`${root}models/tiny`);
const world = await loadWorld({ styles: stylesOf("train"), practice: true });
const encoder = createTurnEncoder(tokenizer);
const { model } = buildTrainingStep(recipe.model, {
  objective: "answer",
  sizes: recipe.pack,
  cellClasses: cellClassTokens(encoder),
  groundWeight: 0.3,
});
const session = await openSession(model);
const batch = createBatch(recipe.model, recipe.pack, { batchSize: BATCH, backgroundClass });
const inputs: Tensors = { ...batch.tensors };
for (const [name, { shape, data }] of weights) inputs[name] = { type: "float32", data, dims: shape };

let index = 0;
const make = () => {
  const options = { split: "train" as const, seed: 5, ...recipe.data };
  batch.fill(Array.from({ length: BATCH }, () => makeLesson(world, encoder, options, index++)));
};
const times: { make: number; train: number }[] = [];
for (let round = 0; round <= ROUNDS; round++) {
  times.push({ make: await cpuMs(make), train: await cpuMs(() => session.run(inputs)) });
}
const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
const [making, training] = (["make", "train"] as const).map(
  (key) => median(times.slice(1).map((t) => t[key])) / BATCH,
);
console.log(
  `a picture: ${making!.toFixed(2)} ms to make and pack, ${training!.toFixed(1)} ms to train on; ratio ${(making! / training!).toFixed(3)}`,
);

async function cpuMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
