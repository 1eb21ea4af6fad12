// What cannot be trained of a checkpoint is refused before the first step, with the place and the Sample.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkpointFolder } from "../../../test/fixtures/checkpoint-folder.ts";
import { colourRecipe, writeColours } from "../../../test/fixtures/colour-runs.ts";
import { type CheckpointRecipe, loadCheckpointRecipe } from "./checkpoint-recipe.ts";
import { planCheckpointStage, trainedByStages } from "./plan-checkpoint.ts";
import { readCheckpoint } from "./read-checkpoint.ts";
import { readTrainingExamples } from "./training-examples.ts";
import { tuneCheckpoint } from "./tune-checkpoint.ts";

let root: string;
let llava: string;
let qwen2: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "sightline-refusals-"));
  [llava, qwen2] = await Promise.all([checkpointFolder("llava", root), checkpointFolder("qwen2", root)]);
  await writeColours(root);
});
afterAll(() => rm(root, { recursive: true }));

const stage = { name: "s", steps: 1, batch: 1, learningRate: 0.1 };
const data = async (name: string, samples: object[]) => {
  await writeFile(path.join(root, name), samples.map((sample) => `${JSON.stringify(sample)}\n`).join(""));
  return { dataset: name, validation: 0.25 };
};
const picture = { type: "image", source: "pictures/0.png" };
const refused = async (recipe: CheckpointRecipe, message: string | RegExp) => {
  await expect(tuneCheckpoint(recipe, { out: path.join(root, "refused"), baseDir: root })).rejects.toThrow(
    message,
  );
  await expect(readFile(path.join(root, "refused/run.json"))).rejects.toThrow("ENOENT");
};

test("data", async () => {
  const of = async (samples: object[], fields: object = {}) =>
    colourRecipe(root, llava, { data: await data("bad.jsonl", samples), ...fields });
  const good = { id: "g", instruction: "a", input: [picture], response: "b" };
  const filler = Array.from({ length: 9 }, (_, i) => ({ ...good, id: `f${i}` }));
  await refused(
    await of([...filler, { ...good, id: "long", response: "a".repeat(40) }]),
    /dataset "bad\.jsonl": conversations must have at most 64 tokens, got 1 longer ones; the longest is Sample "long" with \d+ \(16 of them stand for 1 picture\)\. Raise length in the recipe, or leave them out\./,
  );
  await refused(
    await of([{ ...good, id: "two", input: [picture, picture, picture, picture] }]),
    /Sample "two" with \d+ \(64 of them stand for 4 pictures\)/,
  );
  const { response: _, ...open } = good;
  await refused(await of([open]), 'Sample "g": must have a response to train on it.');
  await refused(
    await of([good]),
    /must have Samples for training and for validation, got (1 and 0|0 and 1)\./,
  );
  await refused(
    await of([...filler, { ...good, input: [{ ...picture, source: "pictures/none.png" }] }]),
    '"pictures/none.png": must exist',
  );
  await refused(
    await of([...filler, { ...good, input: [{ ...picture, source: "../../etc/passwd" }] }]),
    "must stay inside the folder of its dataset",
  );
  await refused(
    await of([...filler, { ...good, input: [{ type: "audio", source: "a.wav" }] }]),
    "only text and image parts can be rendered, got audio",
  );
  await refused(
    colourRecipe(root, qwen2, {
      data: await data("bad.jsonl", filler),
      lora: { rank: 1, alpha: 1, targets: ["*.q_proj"] },
    }),
    'dataset "bad.jsonl", Sample "f0": must have no pictures: Qwen2ForCausalLM reads text only, got 1. Train a checkpoint with a tower',
  );
  await refused(colourRecipe(root, llava, { data: { dataset: "none.jsonl" } }), /none\.jsonl/);
});

test("stages", async () => {
  const plain = (fields: object) =>
    colourRecipe(root, llava, { lora: undefined, stages: [{ ...stage, ...fields }] });
  await refused(
    plain({ parts: { vision: 0, bridge: 0, language: 0 } }),
    'recipe stage "s": must train something, got 0 parameters.',
  );
  await refused(
    plain({ rates: [{ names: "projector.*", factor: 1 }] }),
    'names in rates must fit a parameter of the checkpoint, got "projector.*".',
  );
  await refused(plain({ parts: { adapters: 1 } }), "parts.adapters needs lora in the recipe, got 1.");
  await refused(
    colourRecipe(root, qwen2, { lora: undefined, stages: [{ ...stage, parts: { bridge: 1 } }] }),
    "parts.bridge must be a part of the checkpoint, got Qwen2ForCausalLM.",
  );
  await refused(
    colourRecipe(root, llava, { export: ["adapter"], stages: [{ ...stage, parts: { bridge: 1 } }] }),
    'recipe export: must have "model": an adapter does not hold',
  );
  await refused(
    colourRecipe(root, llava, { lora: { rank: 1, alpha: 1, targets: ["q_proj"] } }),
    'every LoRA target must fit a linear layer, got "q_proj".',
  );
  await refused(colourRecipe(root, llava, { length: 65 }), "length must be 2 to 64 tokens, got 65.");
  await refused(colourRecipe(root, path.join(root, "nowhere")), "a checkpoint must have this file");
});

test("a stage that does not fit the memory", async () => {
  const recipe = colourRecipe(root, llava);
  const checkpoint = await readCheckpoint(llava);
  const { sets } = await readTrainingExamples(checkpoint, recipe, root);
  const layout = trainedByStages(checkpoint, recipe);
  const parts = { recipe, checkpoint, layout, set: sets.get("seen.jsonl")! };
  const { bytes } = planCheckpointStage(recipe.stages[0]!, parts, 1e9);
  // The weights, four copies of what is trained, and what the forward pass keeps.
  const base = checkpoint.parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  expect(bytes).toBeGreaterThan(4 * (base + 4 * layout.size));
  expect(() => planCheckpointStage(recipe.stages[0]!, parts, bytes - 1)).toThrow(
    /recipe stage "instruct": must fit this machine's 0\.0 GiB of memory, got about 0\.0 GiB\. Use a smaller batch with accumulate/,
  );
  // Four graphs, of which the longest keeps as much as the one.
  const grouped = planCheckpointStage({ ...recipe.stages[0]!, groupByLength: true }, parts, 1e9).bytes;
  expect(grouped).toBeGreaterThan(bytes);
  expect(grouped).toBeLessThan(2.5 * bytes);
  const wide = { ...recipe.stages[0]!, batch: 4000 };
  expect(() => planCheckpointStage(wide, parts, 1e9)).toThrow(/0\.9 GiB of memory, got about \d+\.\d GiB/);
});

test("a picture processor of another size", async () => {
  const dir = await checkpointFolder("llava", root);
  const file = path.join(dir, "preprocessor_config.json");
  await writeFile(file, (await readFile(file, "utf8")).replaceAll("16", "12"));
  await refused(
    colourRecipe(root, dir),
    `${dir}: the picture processor must give the 16 pixels a side that config.json's tower takes, got 12.`,
  );
});

test("recipe files", async () => {
  const file = path.join(root, "recipe.yaml");
  const read = async (text: string) => {
    await writeFile(file, text);
    return loadCheckpointRecipe(file);
  };
  const good = JSON.stringify(colourRecipe(root, llava));
  expect(await read(good)).toEqual(colourRecipe(root, llava));
  await expect(read(good.replace('"batch":4', '"bach":4'))).rejects.toThrow(
    /recipe must fit its schema, got stages\.0\.batch: .*Unrecognized key: "bach"/,
  );
  const { lora: _, ...none } = colourRecipe(root, llava);
  await expect(read(JSON.stringify({ ...none, export: ["adapter"] }))).rejects.toThrow(
    'export: an "adapter" takes a recipe with lora',
  );
  await expect(read(JSON.stringify({ ...none, stages: [stage, stage] }))).rejects.toThrow(
    "stages: names must differ",
  );
  await expect(read("a: [")).rejects.toThrow("recipe must be a readable YAML file");
});
