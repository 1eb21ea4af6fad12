// Small pools for tests: pictures of one colour pattern each, and an encoder whose vectors can be worked out by hand.
import { encodePng } from "../media/index.ts";
import type { Encoder, Sample } from "../spec/index.ts";
import { hash32 } from "../util/rng.ts";
import { createPool, type DemonstrationPool } from "./pool.ts";
import { createVectorIndex } from "./vector-index.ts";

const side = 24;

/** A picture of its own for each number: blocks in shades that a hash of the number decides. */
export async function patternPicture(number: number): Promise<Uint8Array> {
  const pixels = new Uint8Array(side * side * 3);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const cell = Math.floor(y / 3) * 9 + Math.floor((x * 9) / side);
      const shade = hash32("pattern", number, cell) >>> 24;
      pixels.fill(shade, (y * side + x) * 3, (y * side + x) * 3 + 3);
    }
  }
  return encodePng(pixels, side, side);
}

export interface TestPoolOptions {
  /** Image vector of each Sample; the text vector is its reverse. @default no vectors */
  vectors?: readonly (readonly number[])[];
  /** Vectors of the question: of its text and of its picture. */
  question?: { text: readonly number[]; image: readonly number[] };
}

/** A pool whose Sample `i` shows picture `i`; the source of its image part is the number. */
export function testPool(
  samples: readonly Sample[],
  { vectors, question }: TestPoolOptions = {},
): DemonstrationPool {
  const encoder: Encoder = {
    id: "by-hand@1",
    dimensions: vectors?.[0]?.length ?? 1,
    embed: async ({ texts = [], images = [] }) => [
      ...texts.map(() => Float32Array.from(question!.text)),
      ...images.map(() => Float32Array.from(question!.image)),
    ],
  };
  return createPool(samples, {
    loadImage: async ({ source }) => ({
      bytes: await patternPicture(Number(source)),
      mediaType: "image/png",
    }),
    ...(vectors && {
      index: async () => ({
        encoder,
        images: createVectorIndex(
          vectors.map((vector) => Float32Array.from(vector)),
          encoder.dimensions,
        ),
        texts: createVectorIndex(
          vectors.map((vector) => Float32Array.from(vector.toReversed())),
          encoder.dimensions,
        ),
      }),
    }),
  });
}

/** A labelled Sample about picture `i`. */
export function testSample(i: number, fields: Partial<Sample> = {}): Sample {
  return {
    id: `d${i}`,
    instruction: `What is thing ${i}?`,
    input: [{ type: "image", source: String(i) }],
    response: `answer ${i}`,
    answerType: "short",
    ...fields,
  };
}
