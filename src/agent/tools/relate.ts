import { z } from "zod";
import { InputError } from "../../errors/index.ts";
import type { Box } from "../../spec/index.ts";
import { relationOf } from "./box-geometry.ts";
import { boxInput, toJson, type VisionTool, visionTool } from "./vision-tool.ts";

/** The tool that says how one box lies to another. */
export function relateTool(): VisionTool {
  return visionTool({
    name: "relate",
    description:
      "Says how box a lies to box b of the same picture: left of, right of, above, below, inside, overlapping, how far, how much larger. It compares boxes only: it knows nothing of depth or of what touches what.",
    input: z.strictObject({ a: boxInput, b: boxInput }),
    cost: "none",
    run: async ({ a, b }) => ({
      value: toJson(relationOf(properBox(a, "a"), properBox(b, "b"))),
      backend: "geometry",
    }),
  });
}

/** Four numbers as a box; one without an area is an InputError. */
export function properBox(numbers: readonly number[], where: string): Box {
  const [x1, y1, x2, y2] = numbers as [number, number, number, number];
  const box: Box = [Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)];
  if (box[2] > box[0] && box[3] > box[1]) return box;
  throw new InputError({ where, rule: "must have an area", got: `[${numbers.join(", ")}]` });
}
