import { describe, expect, it } from "vitest";
import { InputError } from "../../errors/index.ts";
import type { Decoder } from "./decode.ts";
import { createPictureReader } from "./pictures.ts";
import type { Preprocessor } from "./preprocess.ts";

function setup(maxBytes: number) {
  const computed: number[] = [];
  const preprocessor: Preprocessor = {
    size: 1,
    pixels: async (bytes, where) => {
      if (bytes[0] === 0) throw new InputError({ where, rule: "must be a picture" });
      return Float32Array.from(bytes);
    },
  };
  const decoder = {
    encodePictures: async ([pixels]: Float32Array[]) => {
      computed.push(pixels![0]!);
      return [pixels!.map((x) => x * 10)];
    },
  } as unknown as Decoder;
  const reader = createPictureReader(decoder, preprocessor, { maxBytes });
  const read = (...values: number[]) =>
    reader.read(values.map((value, i) => ({ bytes: Uint8Array.of(value), where: `prompt[${i}]` })));
  return { read, computed };
}

describe("createPictureReader", () => {
  it("computes each picture once, also when it is asked for twice at once", async () => {
    const { read, computed } = setup(100);
    const [a, b, again] = await read(1, 2, 1);
    expect(computed).toEqual([1, 2]);
    expect([...a!.features]).toEqual([10]);
    expect(again).toBe(a);
    expect(b!.id).not.toBe(a!.id);
    await read(2, 1);
    expect(computed).toEqual([1, 2]);
  });

  it("forgets the least recently used beyond its memory", async () => {
    const { read, computed } = setup(2 * 4);
    await read(1, 2);
    await read(1);
    await read(3);
    await read(1);
    expect(computed).toEqual([1, 2, 3]);
    await read(2);
    expect(computed).toEqual([1, 2, 3, 2]);
  });

  it("names the bad picture and does not remember it", async () => {
    const { read, computed } = setup(100);
    await expect(read(1, 0)).rejects.toThrow("prompt[1]: must be a picture.");
    await expect(read(0)).rejects.toThrow("prompt[0]: must be a picture.");
    expect(computed).toEqual([1]);
  });
});
