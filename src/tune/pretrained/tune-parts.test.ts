// Runs on the tiny SmolVLM that sees pictures in parts: what it learns, how it goes on, what it leaves behind and what is refused.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkpointFolder } from "../../../test/fixtures/checkpoint-folder.ts";
import { colourRecipe, writeColours } from "../../../test/fixtures/colour-runs.ts";
import { changeFile, partsCheckpoint } from "../../../test/fixtures/parts-gold.ts";
import { textOf } from "../../model/index.ts";
import type { StagePlan } from "../training-plan.ts";
import { openCheckpointModel } from "./checkpoint-language-model.ts";
import { exportTunedCheckpoint } from "./export-checkpoint.ts";
import type { CheckpointEvaluation, CheckpointStep } from "./train-stage.ts";
import { readTrainingExamples } from "./training-examples.ts";
import { type TuneCheckpointOptions, tuneCheckpoint } from "./tune-checkpoint.ts";

let root: string;
let smolvlm: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "sightline-tune-parts-"));
  // The pictures are 20 x 16: two rows of two parts, and the whole.
  smolvlm = await partsCheckpoint(root, 32);
  await writeColours(root);
});
afterAll(() => rm(root, { recursive: true }));

const recipeOf = (fields: Parameters<typeof colourRecipe>[2] = {}, checkpoint = smolvlm) =>
  colourRecipe(root, checkpoint, {
    stages: [{ name: "see", steps: 30, batch: 4, learningRate: 0.01, parts: { bridge: 1, adapters: 1 } }],
    ...fields,
  });
const data = (splitting: boolean) => ({ dataset: "seen.jsonl", validation: 0.25, splitting });

async function tune(
  recipe: ReturnType<typeof recipeOf>,
  name: string,
  more: Partial<TuneCheckpointOptions> = {},
) {
  const out = path.join(root, name);
  const [steps, evaluations, notes, plans] = [
    [] as CheckpointStep[],
    [] as CheckpointEvaluation[],
    [] as string[],
    [] as StagePlan[],
  ];
  const result = await tuneCheckpoint(recipe, {
    ...{ out, baseDir: root, ...more },
    onNote: (note) => notes.push(note),
    onPlan: (plan) => plans.push(plan),
    onEvaluation: (evaluation) => evaluations.push(evaluation),
    onStep(step) {
      steps.push(step);
      more.onStep?.(step);
    },
  });
  return { ...result, out, steps, evaluations, notes, plans };
}

test("it learns from parts, goes on to the same weights, and what is exported answers from parts", async () => {
  const recipe = recipeOf();
  const whole = await tune(recipe, "whole");
  expect(whole.notes).toEqual([
    expect.stringMatching(
      /^seen\.jsonl: \d+ conversations to learn, \d+ held out; the longest has \d+ tokens$/,
    ),
    expect.stringMatching(
      /«.*»: <\|im_start\|>User:<fake_token_around_image><row_1_col_1><image×4>.*<row_2_col_2>.*<global-img>/s,
    ),
    "pictures are shown in parts and whole, up to 5 squares in a conversation; data.splitting: false shows one square each",
  ]);
  const [start, end] = [whole.evaluations[0]!, whole.evaluations.at(-1)!];
  expect(end.loss).toBeLessThan(0.3 * start.loss);
  expect(end.overall.gain).toBeGreaterThan(0.2);

  const controller = new AbortController();
  const first = await tune(recipe, "stopped", {
    signal: controller.signal,
    onStep: ({ step }) => step === 12 && controller.abort(),
  });
  expect(first.finished).toBe(false);
  // What was learned from parts does not go on with whole pictures.
  const split = '"do_image_splitting": true';
  const [shown, hidden] = [split, split.replace("true", "false")];
  await changeFile(smolvlm, "preprocessor_config.json", (text) => text.replace(shown, hidden));
  await expect(tune(recipe, "stopped", { resume: true })).rejects.toThrow(
    "do_image_splitting of the picture processor must be as it was when the run started.",
  );
  await changeFile(smolvlm, "preprocessor_config.json", (text) => text.replace(hidden, shown));
  const second = await tune(recipe, "stopped", { resume: true });
  expect(second.trained.weights).toEqual(whole.trained.weights);

  await exportTunedCheckpoint(whole.out, recipe, whole);
  const model = path.join(whole.out, "model");
  const config = async (dir: string) =>
    JSON.parse(await readFile(path.join(dir, "preprocessor_config.json"), "utf8"));
  expect(await config(model)).toEqual(await config(smolvlm));
  await using asked = await openCheckpointModel(model);
  const answers = await Promise.all(
    [0, 1].map(async (i) => {
      const bytes = await readFile(path.join(root, `pictures/${i}.png`));
      const picture = { type: "data" as const, data: new Uint8Array(bytes) };
      const { content } = await asked.doGenerate({
        prompt: [
          {
            role: "user",
            content: [
              { type: "file", mediaType: "image/png", data: picture },
              { type: "text", text: "What?" },
            ],
          },
        ],
        temperature: 0,
        maxOutputTokens: 8,
      });
      return textOf(content);
    }),
  );
  expect(answers).toEqual(["red", "the car"]);
}, 120_000);

test("data.splitting decides, for the run and for what it exports; squares count in the plan", async () => {
  const one = {
    stages: [{ name: "see", steps: 1, batch: 4, learningRate: 0.01 }],
    export: ["model" as const],
  };
  const [parts, whole] = [
    await tune(recipeOf(one), "parts"),
    await tune(recipeOf({ ...one, data: data(false) }), "squares"),
  ];
  expect(whole.notes).toHaveLength(2);
  expect(whole.notes[1]).toMatch(
    /User:<fake_token_around_image><global-img><image×4><fake_token_around_image>What/,
  );
  expect(parts.plans[0]!.bytes).toBeGreaterThan(whole.plans[0]!.bytes);
  expect(parts.plans[0]!.flops).toBeGreaterThan(whole.plans[0]!.flops);
  const { sets } = await readTrainingExamples(parts.checkpoint, recipeOf(), root);
  const { most, train } = sets.get("seen.jsonl")!;
  expect(most.pictures).toBe(5);
  for (const { squares } of train) expect(squares.map(({ length }) => length)).toEqual(Array(5).fill(768));
  const written = async (run: typeof parts, splitting?: boolean) => {
    const recipe = recipeOf(splitting === undefined ? one : { ...one, data: data(splitting) });
    await exportTunedCheckpoint(run.out, recipe, run);
    const file = path.join(run.out, "model/preprocessor_config.json");
    return JSON.parse(await readFile(file, "utf8")).do_image_splitting;
  };
  expect(await written(parts)).toBe(true);
  expect(await written(whole, false)).toBe(false);

  // The other way round: the folder shows pictures whole.
  const dir = await partsCheckpoint(root, 32);
  await changeFile(dir, "preprocessor_config.json", (text) =>
    text.replace('"do_image_splitting": true', '"do_image_splitting": false'),
  );
  const cut = await tune(recipeOf({ ...one, data: data(true) }, dir), "cut");
  expect(cut.steps).toEqual(parts.steps);
  expect(await written(cut, true)).toBe(true);
}, 60_000);

test("conversations that parts make too long, and checkpoints that see none, are refused", async () => {
  const refused = (recipe: ReturnType<typeof recipeOf>) => tune(recipe, "refused");
  await expect(refused(recipeOf({ length: 30 }))).rejects.toThrow(
    /must have at most 30 tokens, got 32 longer ones; the longest is Sample "\d+" with \d+ \(20 of them stand for 1 picture\)\. Raise length in the recipe, or leave them out, or show pictures whole with data\.splitting: false\./,
  );
  const names = [
    ["llava", "LlavaForConditionalGeneration"],
    ["qwen2", "Qwen2ForCausalLM"],
  ] as const;
  for (const [name, architecture] of names) {
    const dir = await checkpointFolder(name, root);
    await expect(refused(colourRecipe(root, dir, { lora: undefined, data: data(false) }))).rejects.toThrow(
      `recipe data.splitting: must not be there: only Idefics3 and SmolVLM see pictures in parts, got ${architecture}.`,
    );
  }
});
