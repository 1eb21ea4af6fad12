// Rotary positions (Su et al. 2021, arXiv 2104.09864) of pretrained decoders: the pair (x_j, x_{j+d/2}) of a head turns by the
// angle position * f_j. Frequencies are base^(-2j/d), or stretched so that a model reads further than it was trained:
// "linear" divides all by a factor (Chen et al. 2023, arXiv 2306.15595), "llama3" only the slow ones (arXiv 2407.21783).
import { z } from "zod";
import { ops, type Value } from "../../onnx/index.ts";

const positive = z.number().positive();
const theta = { rope_theta: positive.default(10000), partial_rotary_factor: z.literal(1).optional() };

/** Fields as transformers 5 writes them into `rope_parameters`. */
export const ropeSchema = z.discriminatedUnion("rope_type", [
  z.looseObject({ rope_type: z.literal("default"), ...theta }),
  z.looseObject({ rope_type: z.literal("linear"), factor: positive, ...theta }),
  z
    .looseObject({
      rope_type: z.literal("llama3"),
      factor: positive,
      low_freq_factor: positive,
      high_freq_factor: positive,
      original_max_position_embeddings: positive,
      ...theta,
    })
    .refine(
      (rope) => rope.low_freq_factor < rope.high_freq_factor,
      "low_freq_factor must be below high_freq_factor",
    ),
]);

export type RopeConfig = z.infer<typeof ropeSchema>;

/** Angle per position of each pair, half as many as a head is wide. */
export function frequencies(rope: RopeConfig, headSize: number): number[] {
  return Array.from({ length: headSize / 2 }, (_, j) => {
    const frequency = rope.rope_theta ** ((-2 * j) / headSize);
    if (rope.rope_type === "default") return frequency;
    if (rope.rope_type === "linear") return frequency / rope.factor;
    const { factor, low_freq_factor: low, high_freq_factor: high } = rope;
    const turns = (rope.original_max_position_embeddings * frequency) / (2 * Math.PI);
    if (turns > high) return frequency;
    if (turns < low) return frequency / factor;
    const kept = (turns - low) / (high - low);
    return (1 - kept) * (frequency / factor) + kept * frequency;
  });
}

/** Cosines and sines of the angles at positions start, start + 1, ...: two tables of [length, headSize]. */
export function rotaryTables(
  rope: RopeConfig,
  headSize: number,
  { start, length }: { start: number; length: number },
): { cosines: Float32Array; sines: Float32Array } {
  const perPosition = frequencies(rope, headSize);
  const half = headSize / 2;
  const cosines = new Float32Array(length * headSize);
  const sines = new Float32Array(length * headSize);
  for (let t = 0; t < length; t++)
    for (let j = 0; j < headSize; j++) {
      const angle = (start + t) * perPosition[j % half]!;
      cosines[t * headSize + j] = Math.cos(angle);
      sines[t * headSize + j] = Math.sin(angle);
    }
  return { cosines, sines };
}

/** Turns x [B, H, T, d] by the tables [1, 1, T, d]: x * cos + (-second half, first half) * sin. */
export function rotate(x: Value, cosines: Value, sines: Value): Value {
  const half = (x.shape[3] as number) / 2;
  const [first, second] = ops.split(x, 3, [half, half]);
  const turned = ops.concat([ops.scale(second!, -1), first!], 3);
  return ops.add(ops.mul(x, cosines), ops.mul(turned, sines));
}
