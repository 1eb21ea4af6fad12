// A real checkpoint, where SIGHTLINE_SMOLLM2 names the folder that scripts/gold/smollm2.py makes: SmolLM2-135M-Instruct
// (30 layers, 9 heads on 3 key-value heads, 49,152 words) says token by token what it says in transformers.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { readSafetensors } from "../safetensors.ts";
import { openLoraTraining } from "./lora-training.ts";
import { loadPretrained } from "./pretrained-model.ts";
import { readCheckpoint } from "./read-checkpoint.ts";

const dir = process.env.SIGHTLINE_SMOLLM2 ?? "";

interface Said {
  ids: number[];
  greedy: number[];
}

const readGold = async (): Promise<Said[]> => JSON.parse(await readFile(path.join(dir, "gold.json"), "utf8"));

test.skipIf(!dir)(
  "logits and 32 greedy tokens of three prompts are those of transformers",
  async () => {
    const { tensors } = await readSafetensors(path.join(dir, "gold.safetensors"));
    const model = await loadPretrained(dir);
    let furthest = 0;
    for (const [i, { ids, greedy }] of (await readGold()).entries()) {
      const { data } = await model.logits(ids);
      const expected = tensors.get(`logits.${i}`)!.data;
      expect(data.length).toBe(expected.length);
      for (let j = 0; j < data.length; j++) furthest = Math.max(furthest, Math.abs(data[j]! - expected[j]!));
      expect(await model.generate(ids, { maxTokens: greedy.length })).toEqual(greedy);
    }
    await model.dispose();
    console.log(`largest difference of logits: ${furthest.toExponential(1)}`);
    expect(furthest).toBeLessThan(1e-3);
  },
  600_000,
);

test.skipIf(!dir)(
  "LoRA on it teaches another continuation",
  async () => {
    const { ids, greedy } = (await readGold())[0]!;
    // The words of the second prompt's answer in place of its own.
    const taught = (await readGold())[1]!.greedy.slice(0, 8);
    expect(greedy.slice(0, 8)).not.toEqual(taught);
    const lora = { rank: 8, alpha: 16, dropout: 0, targets: ["*.self_attn.*", "*.mlp.*"], rsLora: false };
    const sequence = [...ids, ...taught];
    const training = await openLoraTraining(await readCheckpoint(dir), {
      lora,
      length: sequence.length,
      learningRate: 2e-3,
    });
    const batch = { ids: [sequence], labels: [[...ids.map(() => -100), ...taught]] };
    const losses: number[] = [];
    const started = performance.now();
    for (let i = 0; i < 20; i++) losses.push(await training.step(batch));
    const each = (performance.now() - started) / losses.length;
    console.log(
      `${training.size} numbers, ${each.toFixed(0)} ms a step, loss ${losses[0]!.toFixed(2)} to ${losses.at(-1)!.toFixed(2)}`,
    );
    await training.dispose();
    const adapted = await loadPretrained(dir, { adapter: training.adapter() });
    expect(await adapted.generate(ids, { maxTokens: 8 })).toEqual(taught);
    await adapted.dispose();
  },
  600_000,
);
