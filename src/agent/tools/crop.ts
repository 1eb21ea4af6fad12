import { z } from "zod";
import { cropImage, resizeImage } from "../../media/index.ts";
import {
  boxInput,
  boxInside,
  imageHandle,
  newImage,
  rasterOf,
  type VisionTool,
  visionTool,
} from "./vision-tool.ts";

/** Longest side of a picture that `zoom` makes. */
const maxSide = 2048;

/** The tool that cuts out a part of a picture. */
export function cropTool(): VisionTool {
  return visionTool({
    name: "crop",
    description:
      "Cuts a box out of a picture and gives it as a new picture. Pixels of the new picture count from its own upper left corner.",
    input: z.strictObject({ image: imageHandle, box: boxInput }),
    cost: "pixels",
    async run({ image, box }, context) {
      const raster = await rasterOf(context, image);
      const inside = boxInside(box, raster);
      const cut = await newImage(image, "crop", cropImage(raster, inside));
      return { value: { image: cut.handle, box: inside }, images: [cut], backend: "sharp" };
    },
  });
}

/** The tool that cuts out a part of a picture and enlarges it. */
export function zoomTool(): VisionTool {
  return visionTool({
    name: "zoom",
    description:
      "Cuts a box out of a picture and enlarges it, so that small things and small text can be seen. It adds no detail that the picture does not have.",
    input: z.strictObject({
      image: imageHandle,
      box: boxInput,
      factor: z.number().min(1).max(8).default(2).describe("how many times larger"),
    }),
    cost: "pixels",
    async run({ image, box, factor }, context) {
      const raster = await rasterOf(context, image);
      const inside = boxInside(box, raster);
      const cut = cropImage(raster, inside);
      const scale = Math.min(factor, Math.max(1, maxSide / Math.max(cut.width, cut.height)));
      const [width, height] = [Math.round(cut.width * scale), Math.round(cut.height * scale)];
      const larger = await newImage(image, "zoom", await resizeImage(cut, width, height));
      return {
        value: { image: larger.handle, box: inside, width, height },
        images: [larger],
        backend: "sharp",
      };
    },
  });
}
