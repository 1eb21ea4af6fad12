import { z } from "zod";
import { drawBoxes } from "../../media/index.ts";
import {
  boxInput,
  boxInside,
  imageHandle,
  newImage,
  rasterOf,
  type VisionTool,
  visionTool,
} from "./vision-tool.ts";

/** The tool that marks boxes on a picture. */
export function drawTool(): VisionTool {
  return visionTool({
    name: "draw",
    description:
      "Draws boxes with labels on a copy of a picture and gives it as a new picture. It draws nothing else.",
    input: z.strictObject({
      image: imageHandle,
      boxes: z
        .array(z.strictObject({ box: boxInput, label: z.string().max(60).optional() }))
        .min(1)
        .max(50),
    }),
    cost: "pixels",
    async run({ image, boxes }, context) {
      const raster = await rasterOf(context, image);
      const marks = boxes.map(({ box, label }) => ({ box: boxInside(box, raster), ...(label && { label }) }));
      const drawn = await newImage(image, "draw", await drawBoxes(raster, marks));
      return { value: { image: drawn.handle }, images: [drawn], backend: "sharp" };
    },
  });
}
