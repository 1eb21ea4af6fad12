import { z } from "zod";
import { imageSize } from "../../media/index.ts";
import { areaOf, centerOf } from "./box-geometry.ts";
import { properBox } from "./relate.ts";
import {
  boxInput,
  imageHandle,
  imageOf,
  rounded,
  toJson,
  type VisionTool,
  visionTool,
} from "./vision-tool.ts";

/** The tool that measures boxes. */
export function measureTool(): VisionTool {
  return visionTool({
    name: "measure",
    description:
      "Measures boxes of a picture: width, height, area, centre, share of the picture, and which is largest and smallest. Pixels only: it knows no real-world sizes.",
    input: z.strictObject({ image: imageHandle, boxes: z.array(boxInput).min(1).max(200) }),
    cost: "none",
    async run({ image, boxes }, context) {
      const { width, height } = await imageSize(imageOf(context, image).bytes, { where: image });
      const proper = boxes.map((box, i) => properBox(box, `boxes[${i}]`));
      const areas = proper.map(areaOf);
      const measured = proper.map((box, i) => ({
        width: rounded(box[2] - box[0], 1),
        height: rounded(box[3] - box[1], 1),
        area: rounded(areas[i]!, 1),
        center: centerOf(box).map((value) => rounded(value, 1)),
        share: rounded(areas[i]! / (width * height), 4),
      }));
      return {
        value: toJson({
          picture: { width, height },
          boxes: measured,
          largest: areas.indexOf(Math.max(...areas)),
          smallest: areas.indexOf(Math.min(...areas)),
        }),
        backend: "geometry",
      };
    },
  });
}
