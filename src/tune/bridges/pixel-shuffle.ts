import { z } from "zod";
import { InputError } from "../../errors/index.ts";
import { ops, type Value } from "../../onnx/index.ts";

/** Side of the squares of cells that become one token each; 1 keeps every cell. */
export const shuffleField = z.number().int().positive().default(1);

/**
 * Lays the vectors of every side x side square of cells end to end: a side-th of the tokens along each axis, each that
 * much wider, nothing lost (the "pixel shuffle" of InternVL and Idefics3, arXiv 2408.12637). [B, g*g, D] to
 * [B, (g/side)^2, D*side^2].
 */
export function pixelShuffle(x: Value, grid: number, side: number): Value {
  if (side === 1) return x;
  if (grid % side !== 0) {
    throw new InputError({
      where: "model.bridge.shuffle",
      rule: `must divide the ${grid} cells along each side of the picture`,
      got: `${side}`,
    });
  }
  const [batch, , width] = x.shape as [Value["shape"][number], unknown, number];
  const square = ops.spaceToDepth(ops.reshape(x, [batch, grid, grid, width]), side);
  return ops.reshape(square, [batch, (grid / side) ** 2, width * side * side]);
}
