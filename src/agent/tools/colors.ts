import { z } from "zod";
import { cropImage, nameColors } from "../../media/index.ts";
import {
  boxInput,
  boxInside,
  imageHandle,
  rasterOf,
  rounded,
  toJson,
  type VisionTool,
  visionTool,
} from "./vision-tool.ts";

/** The tool that names colours. */
export function colorsTool(): VisionTool {
  return visionTool({
    name: "colors",
    description:
      "Names the colours of a picture or of a box in it, with their shares of the pixels. It counts pixels: a box around a thing also holds its background.",
    input: z.strictObject({ image: imageHandle, box: boxInput.optional() }),
    cost: "pixels",
    async run({ image, box }, context) {
      const raster = await rasterOf(context, image);
      const colors = nameColors(box ? cropImage(raster, boxInside(box, raster)) : raster);
      return {
        value: toJson({ colors: colors.map((color) => ({ ...color, share: rounded(color.share, 3) })) }),
        backend: "pixels",
      };
    },
  });
}
