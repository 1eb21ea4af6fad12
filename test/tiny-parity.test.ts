// A model as the trainer sees it and as it is served must be one: several questions packed behind a
// picture in the training graph give the log-probabilities that the local decode loop reports for each question asked
// alone, token by token with its cache, on the exported files.

import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { loadWorld, stylesOf } from "../src/data/scenes/index.ts";
import { encodePng } from "../src/media/index.ts";
import { loadLocalModel } from "../src/model/local/index.ts";
import { openSession, type Tensors } from "../src/onnx/index.ts";
import { createTurnEncoder } from "../src/tune/encode-turn.ts";
import { modelConfigSchema, readExportedModel } from "../src/tune/index.ts";
import { createBatch } from "../src/tune/packer.ts";
import { backgroundClass, cellClassTokens, makeLesson } from "../src/tune/scene-lessons.ts";
import { buildEvaluationStep } from "../src/tune/training-graph.ts";

const PICTURES = 12;

test("trainer and served model agree within 1e-3 on packed and single questions", async () => {
  const dir = path.resolve(import.meta.dirname, "../models/tiny");
  const config = modelConfigSchema.parse(
    JSON.parse(readFileSync(path.join(dir, "config.json"), "utf8")).sightline.model,
  );
  const { weights, tokenizer } = await readExportedModel(dir);
  const encoder = createTurnEncoder(tokenizer);
  const sizes = { slots: 93, rows: 44 };
  const losses = {
    objective: "answer" as const,
    sizes,
    cellClasses: cellClassTokens(encoder),
    groundWeight: 1,
  };
  const session = await openSession(buildEvaluationStep(config, losses).model);
  const batch = createBatch(config, sizes, { batchSize: 1, backgroundClass });
  const inputs: Tensors = { ...batch.tensors };
  for (const [key, { shape, data }] of weights) inputs[key] = { type: "float32", data, dims: shape };
  const feed = () => Object.fromEntries(session.inputNames.map((name) => [name, inputs[name]!]));

  const world = await loadWorld({ styles: stylesOf("val") });
  await using model = await loadLocalModel(dir);
  let compared = 0;
  let worst = 0;
  for (let index = 0; index < PICTURES; index++) {
    const lesson = makeLesson(
      world,
      encoder,
      { split: "val", seed: 9, questions: 6, conversations: 0, rationales: 0 },
      index,
    );
    const placed = batch.fill([lesson]);
    const { logits } = await session.run(feed(), { outputs: ["logits"] });
    const picture = await encodePng(lesson.pixels, 112, 112, 3);
    for (const { turn, row } of placed) {
      const text = lesson.questions[turn]!;
      const { providerMetadata } = await model.doGenerate({
        prompt: [
          {
            role: "user",
            content: [
              { type: "file", mediaType: "image/png", data: { type: "data", data: picture } },
              { type: "text", text },
            ],
          },
        ],
        maxOutputTokens: 40,
        providerOptions: { sightline: { logprobs: true } },
      });
      const served = (
        providerMetadata!.sightline as unknown as { logprobs: { token: string; logprob: number }[] }
      ).logprobs;
      // The trainer sees the reference answer, so rows match as long as the model writes that answer.
      for (const [i, { logprob }] of served.entries()) {
        const values = (logits!.data as Float32Array).subarray(
          (row + i) * config.vocabulary,
          (row + i + 1) * config.vocabulary,
        );
        const best = values.indexOf(Math.max(...values));
        worst = Math.max(worst, Math.abs(logSoftmaxAt(values, best) - logprob));
        compared++;
        if (best !== lesson.turns[turn]!.response[i]) break;
      }
    }
  }
  await session.dispose();
  console.log(`largest difference over ${compared} tokens: ${worst.toExponential(1)}`);
  expect(compared).toBeGreaterThan(100);
  expect(worst).toBeLessThan(1e-3);
});

function logSoftmaxAt(values: Float32Array, index: number): number {
  const top = Math.max(...values);
  return values[index]! - top - Math.log(values.reduce((sum, value) => sum + Math.exp(value - top), 0));
}
