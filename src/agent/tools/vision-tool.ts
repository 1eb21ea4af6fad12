// What all tools share: the input is described once, as a zod schema, from which the JSON schema for the model and the
// check before a run both follow; a picture is named by its handle; a new picture's handle is derived from the old one's.
import type { JSONValue } from "@ai-sdk/provider";
import { z } from "zod";
import { InputError } from "../../errors/index.ts";
import { type DecodedImage, decodeImage, encodePng, type Raster } from "../../media/index.ts";
import type { Box, Tool, ToolContext, ToolImage, ToolResult } from "../../spec/index.ts";

/** A tool that says what it costs. */
export interface VisionTool extends Tool {
  /** What one use takes, for whoever plans: arithmetic is free, a model of its own is not. */
  cost: "none" | "pixels" | "small-model" | "language-model";
}

export interface VisionToolFields<Input extends z.ZodObject> {
  name: string;
  /** What it does and what it cannot do. */
  description: string;
  input: Input;
  cost: VisionTool["cost"];
  run(input: z.infer<Input>, context: ToolContext): Promise<ToolResult>;
}

/** Defines a tool without side effects. Input that does not fit its schema is an InputError. */
export function visionTool<Input extends z.ZodObject>({
  name,
  description,
  input: schema,
  cost,
  run,
}: VisionToolFields<Input>): VisionTool {
  const { $schema: _, ...inputSchema } = z.toJSONSchema(schema, { target: "draft-7", io: "input" });
  return {
    name,
    description,
    cost,
    inputSchema: inputSchema as Tool["inputSchema"],
    sideEffects: false,
    async run(input, context) {
      const parsed = schema.safeParse(input);
      if (!parsed.success) {
        const { path, message } = parsed.error.issues[0]!;
        const place = path.length > 0 ? `${z.core.toDotPath(path)}: ` : "";
        throw new InputError({ where: name, rule: `${place}${message}` });
      }
      context.signal?.throwIfAborted();
      return run(parsed.data, context);
    },
  };
}

/** The argument that names a picture. */
export const imageHandle = z.string().min(1).max(200).describe("handle of a picture, such as image_1");

/** The argument that is a place in a picture. */
export const boxInput = z
  .array(z.number().min(-100_000).max(100_000))
  .length(4)
  .describe("[x1, y1, x2, y2] in pixels of the picture, origin top left");

/** The picture of a handle, or an InputError. */
export function imageOf(context: ToolContext, handle: string): ToolImage {
  const image = context.image(handle);
  if (image) return image;
  throw new InputError({
    where: "image",
    rule: "must be the handle of a picture",
    got: JSON.stringify(handle),
  });
}

/** The pixels of a handle. */
export function rasterOf(context: ToolContext, handle: string): Promise<DecodedImage> {
  return decodeImage(imageOf(context, handle).bytes, { where: handle });
}

/** A new picture made of another: `image_1` and "crop" give `image_1/crop_1`; whoever keeps handles counts on. */
export async function newImage(from: string, kind: string, raster: Raster): Promise<ToolImage> {
  return {
    handle: `${from}/${kind}_1`,
    bytes: await encodePng(raster.pixels, raster.width, raster.height),
    mediaType: "image/png",
  };
}

/** A box whose corners are in order and inside the picture, in whole pixels; one that is empty there is an InputError. */
export function boxInside(box: readonly number[], { width, height }: { width: number; height: number }): Box {
  const clamp = (value: number, most: number) => Math.min(most, Math.max(0, value));
  const [a, b, c, d] = box as [number, number, number, number];
  const inside: Box = [
    clamp(Math.floor(Math.min(a, c)), width),
    clamp(Math.floor(Math.min(b, d)), height),
    clamp(Math.ceil(Math.max(a, c)), width),
    clamp(Math.ceil(Math.max(b, d)), height),
  ];
  if (inside[2] > inside[0] && inside[3] > inside[1]) return inside;
  throw new InputError({
    where: "box",
    rule: `must lie in the picture of ${width} x ${height} pixels`,
    got: `[${box.join(", ")}]`,
  });
}

/** A number with at most `digits` decimals: models read short numbers better. */
export function rounded(value: number, digits = 0): number {
  const unit = 10 ** digits;
  return Math.round(value * unit) / unit;
}

/** A value that is surely JSON: what is undefined in it is left out. */
export function toJson(value: unknown): JSONValue {
  return JSON.parse(JSON.stringify(value ?? null)) as JSONValue;
}
