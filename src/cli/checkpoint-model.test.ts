// The real command in its own process: checkpoint folders of the Hugging Face layout are asked and compared by `local:FOLDER`.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkpointFolder } from "../../test/fixtures/checkpoint-folder.ts";
import { openDataset } from "../data/formats/index.ts";
import { type CompareJson, createImageLoader } from "../eval/index.ts";
import { encodePng } from "../media/index.ts";
import { callOf, direct, textOf } from "../model/index.ts";
import { openCheckpointModel } from "../tune/pretrained/checkpoint-language-model.ts";
import { mergeAdapter, readCheckpoint, writeCheckpoint } from "../tune/pretrained/index.ts";

const program = path.resolve(import.meta.dirname, "../../bin/sightline.js");
let root: string;
let base: string;
let tuned: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "sightline-cli-checkpoint-"));
  base = await checkpointFolder("smolvlm", root);
  // Rotary positions go on as far as they are allowed to.
  const file = path.join(base, "config.json");
  const config = await readFile(file, "utf8");
  await writeFile(file, config.replace('"max_position_embeddings": 64', '"max_position_embeddings": 512'));
  // A folder as `tune` writes it: the same model with a merged adapter.
  tuned = path.join(root, "model");
  const checkpoint = await readCheckpoint(base);
  const layer = "model.text_model.layers.0.mlp.down_proj";
  const weights = new Map([
    [`${layer}.lora_A`, new Float32Array(48).map((_, i) => (i % 7) - 3)],
    [`${layer}.lora_B`, new Float32Array(32).map((_, i) => 0.1 * ((i % 5) - 2))],
  ]);
  const lora = { rank: 1, alpha: 1, dropout: 0, targets: [layer], rsLora: false };
  await writeCheckpoint(tuned, mergeAdapter(checkpoint, { lora, weights }));
  for (const i of [1, 2, 3])
    await writeFile(
      path.join(root, `${i}.png`),
      await encodePng(
        Uint8Array.from({ length: 12 * 9 * 3 }, (_, k) => (k * (5 + i)) % 251),
        12,
        9,
      ),
    );
  // The right answers are what the tuned model says, asked here without a command.
  const write = (answers: readonly string[]) =>
    writeFile(
      path.join(root, "q.jsonl"),
      answers
        .map((answer, i) =>
          JSON.stringify({ id: `q${i}`, image: `${i + 1}.png`, question: "What is red?", answer }),
        )
        .join("\n"),
    );
  await write(["a", "a", "a"]);
  await using model = await openCheckpointModel(tuned);
  const loadImage = createImageLoader({ baseDir: root });
  const answers: string[] = [];
  for (const sample of (await openDataset(path.join(root, "q.jsonl"))).samples) {
    const call = { ...(await callOf(sample, { loadImage })), maxOutputTokens: 16, temperature: 0 };
    answers.push(textOf((await direct()(model).doGenerate(call)).content));
  }
  await write(answers);
}, 180_000);
afterAll(() => rm(root, { recursive: true }));

async function sightline(...args: string[]) {
  const env = { ...process.env, SIGHTLINE_STORE: path.join(root, "store.db") };
  const child = spawn(process.execPath, [program, ...args], { cwd: root, env });
  const result = { code: null as number | null, stdout: "", stderr: "" };
  child.stdout.on("data", (text) => {
    result.stdout += text;
  });
  child.stderr.on("data", (text) => {
    result.stderr += text;
  });
  return new Promise<typeof result>((resolve) => child.on("close", (code) => resolve({ ...result, code })));
}

test("ask prints what the model says", async () => {
  const { code, stdout, stderr } = await sightline(
    ...["ask", "1.png", "What is red?", "--model", `local:${tuned}`, "--max-tokens", "8", "--json"],
  );
  expect([code, stderr]).toEqual([0, ""]);
  const { answer, tokens, model } = JSON.parse(stdout);
  expect(model).toBe(`local:${tuned}`);
  expect(answer).not.toBe("");
  expect(tokens.output).toBe(8);
}, 180_000);

test("compare measures the base and what was tuned on the same questions", async () => {
  const { code, stdout, stderr } = await sightline(
    ...["compare", "q.jsonl", "--model", `local:${base}`, "--model", `local:${tuned}`],
    ...["-t", "direct", "--max-tokens", "16", "--json"],
  );
  expect(code, stderr).toBe(0);
  const { columns } = JSON.parse(stdout) as CompareJson;
  expect(columns.map(({ model, n, failed, accuracy }) => ({ model, n, failed, accuracy }))).toEqual([
    { model: `local:${base}`, n: 3, failed: 0, accuracy: 0 },
    { model: `local:${tuned}`, n: 3, failed: 0, accuracy: 1 },
  ]);
  expect(columns[1]!.tokens.output).toBeGreaterThan(0);
}, 180_000);
