import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Graph, openSession, toModelBytes } from "../onnx/index.ts";
import { createRng } from "../util/rng.ts";
import { readAdapter, writeAdapter } from "./adapter-files.ts";
import { linear } from "./layers.ts";
import { type LoraConfig, loraScale, mergeLora, withLora } from "./lora.ts";
import { inputParameters } from "./parameters.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";

const lora: LoraConfig = { rank: 2, alpha: 8, dropout: 0, targets: ["block.*.up"], rsLora: false };
const rng = createRng("lora");
const random = (n: number) => Float32Array.from({ length: n }, () => rng.normal());
const weights = new Map([
  ["block.0.up", random(12)],
  ["block.0.down", random(12)],
  ["block.0.up.lora_A", random(6)],
  ["block.0.up.lora_B", random(8)],
]);
const x = random(15); // 5 rows of 3

/** The layer of 3 inputs and 4 outputs on x, with these weights. */
async function layer(name: string, given: ReadonlyMap<string, Float32Array>, adapters?: LoraConfig) {
  const graph = new Graph();
  const { source } = withLora(inputParameters(graph), adapters);
  graph.output("y", linear(source, name, graph.input("x", "float32", [5, 3]), 4));
  const session = await openSession(toModelBytes(graph));
  const shapes: Record<string, number[]> = { lora_A: [3, 2], lora_B: [2, 4] };
  const feed = session.inputNames.map((input) => {
    const dims = input === "x" ? [5, 3] : (shapes[input.split(".").at(-1)!] ?? [3, 4]);
    return [input, { type: "float32" as const, data: input === "x" ? x : given.get(input)!, dims }] as const;
  });
  const { y } = await session.run(Object.fromEntries(feed));
  await session.dispose();
  return { y: [...(y!.data as Float32Array)], inputs: session.inputNames };
}

test("adds s (x A) B to the layers that it names, with s = alpha / rank, or alpha / sqrt(rank) for rsLoRA", async () => {
  const base = (await layer("block.0.up", weights)).y;
  const adapted = (await layer("block.0.up", weights, lora)).y;
  const [a, b] = [weights.get("block.0.up.lora_A")!, weights.get("block.0.up.lora_B")!];
  for (let row = 0; row < 5; row++)
    for (let j = 0; j < 4; j++) {
      let product = 0;
      for (let r = 0; r < 2; r++)
        for (let i = 0; i < 3; i++) product += x[row * 3 + i]! * a[i * 2 + r]! * b[r * 4 + j]!;
      expect(adapted[row * 4 + j]).toBeCloseTo(base[row * 4 + j]! + 4 * product, 4);
    }
  expect(loraScale({ ...lora, rsLora: true })).toBeCloseTo(8 / Math.SQRT2);
  expect((await layer("block.0.down", weights, lora)).inputs).toEqual(["x", "block.0.down"]);
});

test("with B at zero the adapted model is the base model, to the last bit", async () => {
  const fresh = new Map(weights).set("block.0.up.lora_B", new Float32Array(8));
  expect((await layer("block.0.up", fresh, lora)).y).toEqual((await layer("block.0.up", fresh)).y);
});

test("merged weights give what base and adapter give together", async () => {
  const merged = mergeLora(weights, lora);
  expect([...merged.keys()]).toEqual(["block.0.up", "block.0.down"]);
  const together = (await layer("block.0.up", weights, lora)).y;
  (await layer("block.0.up", merged)).y.forEach((value, i) => {
    expect(value).toBeCloseTo(together[i]!, 4);
  });
  expect(merged.get("block.0.down")).toBe(weights.get("block.0.down"));
  const wrong = new Map(weights).set("block.0.up.lora_B", new Float32Array(6));
  expect(() => mergeLora(wrong, lora)).toThrow(
    'adapter of "block.0.up": must fit the layer\'s 12 weights at rank 2, got 3 x 3.',
  );
});

describe("adapter files", () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), "sightline-adapter-"));
  });
  afterAll(() => rm(dir, { recursive: true }));

  test("have PEFT's names and shapes, and come back as they were", async () => {
    await writeAdapter(dir, { lora, weights }, "models/tiny");
    const { tensors } = await readSafetensors(path.join(dir, "adapter_model.safetensors"));
    const shapes = Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape]));
    expect(shapes).toEqual({
      "base_model.model.block.0.up.lora_A.weight": [2, 3],
      "base_model.model.block.0.up.lora_B.weight": [4, 2],
    });
    const a = tensors.get("base_model.model.block.0.up.lora_A.weight")!.data;
    expect([a[0], a[1], a[3]]).toEqual([0, 2, 1].map((i) => weights.get("block.0.up.lora_A")![i]));
    const back = await readAdapter(dir);
    expect(back.lora).toEqual({ ...lora, targets: ["block.0.up"] });
    for (const [name, data] of back.weights) expect(data).toEqual(weights.get(name));
    expect(back.weights.size).toBe(2);
  });

  test("of another kind, or with a half missing, are refused", async () => {
    await writeAdapter(dir, { lora, weights }, "models/tiny");
    const file = path.join(dir, "adapter_model.safetensors");
    const { tensors, metadata } = await readSafetensors(file);
    tensors.delete("base_model.model.block.0.up.lora_B.weight");
    await writeSafetensors(file, { tensors, metadata });
    await expect(readAdapter(dir)).rejects.toThrow('"block.0.up" must have lora_A and lora_B');
    const config = path.join(dir, "adapter_config.json");
    await writeFile(config, JSON.stringify({ peft_type: "IA3", r: 2, lora_alpha: 8 }));
    await expect(readAdapter(dir)).rejects.toThrow("must describe a LoRA adapter, got peft_type");
    await writeFile(config, JSON.stringify({ peft_type: "LORA", r: 2, lora_alpha: 8, use_dora: true }));
    await expect(readAdapter(dir)).rejects.toThrow("must describe a LoRA adapter, got use_dora");
  });
});
