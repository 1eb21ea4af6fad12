import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { loadRecipe, recipeHash } from "./recipe.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "sightline-files-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

describe("safetensors", () => {
  test("round trip keeps names, shapes, values and metadata; nothing else is left in the folder", async () => {
    const file = path.join(dir, "round", "a.safetensors");
    const tensors = new Map([
      ["a", { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, 1e-20, 6) }],
      ["b.c", { shape: [], data: Float32Array.of(7) }],
    ]);
    await writeSafetensors(file, { tensors, metadata: { step: "3" } });
    expect(await readSafetensors(file)).toEqual({ tensors, metadata: { step: "3" } });
    expect(await readdir(path.dirname(file))).toEqual(["a.safetensors"]);
  });

  const header = (text: string, extra = 0) => {
    const bytes = Buffer.alloc(8 + text.length + extra);
    bytes.writeBigUInt64LE(BigInt(text.length));
    bytes.write(text, 8);
    return bytes;
  };
  test("half-precision numbers are read exactly: signs, the smallest, infinities and what is no number", async () => {
    const file = path.join(dir, "half.safetensors");
    const text =
      '{"f16":{"dtype":"F16","shape":[8],"data_offsets":[0,16]},"bf16":{"dtype":"BF16","shape":[2,2],"data_offsets":[16,24]}}';
    const f16 = [0x3c00, 0xc100, 0x7bff, 0x0001, 0x83ff, 0x7c00, 0x8000, 0x7e00];
    const bf16 = [0x3f80, 0xc040, 0x0080, 0xff80];
    const data = Buffer.from(Uint16Array.from([...f16, ...bf16]).buffer);
    await writeFile(file, Buffer.concat([header(text), data]));
    const { tensors } = await readSafetensors(file);
    expect(tensors.get("f16")).toEqual({
      shape: [8],
      data: Float32Array.of(
        1,
        -2.5,
        65504,
        2 ** -24,
        -1023 * 2 ** -24,
        Number.POSITIVE_INFINITY,
        -0,
        Number.NaN,
      ),
    });
    expect(tensors.get("bf16")).toEqual({
      shape: [2, 2],
      data: Float32Array.of(1, -3, 2 ** -126, Number.NEGATIVE_INFINITY),
    });
  });

  test.each<[string, Buffer, string]>([
    ["too short", Buffer.from("abc"), "file must start with an 8-byte header length, got 3 bytes."],
    ["cut header", header("{}").subarray(0, 9), "header of 2 bytes must fit the file, got 9 bytes."],
    ["no JSON", header("{"), "header must be JSON, got "],
    [
      "a number for a header",
      header('{"__metadata__":{"a":1}}'),
      "header must be JSON, got __metadata__ that",
    ],
    [
      "another type",
      header('{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}', 8),
      'tensor "a" must be F32, F16, BF16, got I64.',
    ],
    [
      "a shape that is none",
      header('{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}', 4),
      'tensor "a" must have dtype, shape and data_offsets, got shape.0: ',
    ],
    [
      "cut data",
      header('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', 4),
      'data of "a" must be 8 bytes inside the file, got bytes 62 to 70.',
    ],
    [
      "another size than its shape's",
      header('{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,8]}}', 8),
      'data of "a" must be 4 bytes inside the file, got bytes 62 to 70.',
    ],
    [
      "overlap",
      header(
        '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}',
        12,
      ),
      'data of "b" must follow the tensor before it (byte 124), got 120.',
    ],
    [
      "a hole",
      header('{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}', 8),
      'data of "a" must follow the tensor before it (byte 62), got 66.',
    ],
    [
      "bytes left over",
      header('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 6),
      "file must end with its last tensor (byte 66), got 68 bytes.",
    ],
  ])("%s is refused", async (name, bytes, message) => {
    const file = path.join(dir, `${name}.safetensors`);
    await writeFile(file, bytes);
    await expect(readSafetensors(file)).rejects.toThrow(`${file}: ${message}`);
  });
});

describe("checkpoint", () => {
  const layout = {
    parameters: [{ name: "w", shape: [2], init: 1, optimizer: "adamw" as const, offset: 16, size: 2 }],
    size: 32,
  };
  const state = () => ({
    weights: new Float32Array(32),
    first: new Float32Array(32),
    second: new Float32Array(32),
  });

  test("brings back weights, optimiser state and progress", async () => {
    const file = path.join(dir, "checkpoint.safetensors");
    const saved = state();
    saved.weights.set([1, 2], 16);
    saved.first.set([3, 4], 16);
    saved.second.set([5, 6], 16);
    await saveCheckpoint(file, layout, saved, { stage: 1, step: 250, recipe: "abc" });
    const loaded = state();
    expect(await loadCheckpoint(file, layout, loaded, "abc")).toEqual({ stage: 1, step: 250 });
    expect(loaded).toEqual(saved);
    await expect(loadCheckpoint(file, layout, loaded, "other")).rejects.toThrow(
      `${file}: checkpoint must be of recipe other, got abc. Resume with the recipe file that the run was started with.`,
    );
    const wider = { ...layout, parameters: [{ ...layout.parameters[0]!, shape: [2, 1] }] };
    await expect(loadCheckpoint(file, wider, loaded, "abc")).rejects.toThrow(
      '"weights.w" must have shape [2,1], got [2].',
    );
  });

  test("a missing one says how to go on", async () => {
    const file = path.join(dir, "none.safetensors");
    await expect(loadCheckpoint(file, layout, state(), "abc")).rejects.toThrow(
      `${file}: there must be a checkpoint to resume from. Start without --resume, or name the folder of an earlier run with --out.`,
    );
  });
});

describe("recipe", () => {
  test("the shipped one is valid, and its hash changes with what it says", async () => {
    const recipe = await loadRecipe(path.join(import.meta.dirname, "../../recipes/tiny.yaml"));
    expect(recipe.stages.map(({ name }) => name)).toEqual(["ground", "answer"]);
    expect(recipeHash({ ...recipe, seed: 2 })).not.toBe(recipeHash(recipe));
  });

  test("unknown fields and wrong values are named by their path", async () => {
    const file = path.join(dir, "bad.yaml");
    await writeFile(file, "name: x\nseed: -1\nspeed: 3\n");
    await expect(loadRecipe(file)).rejects.toThrow(
      /bad\.yaml: recipe must fit its schema, got seed: .*workers: /,
    );
    await writeFile(file, "a: [");
    await expect(loadRecipe(file)).rejects.toThrow(/bad\.yaml: recipe must be a readable YAML file, got /);
  });
});
