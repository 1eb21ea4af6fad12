import { z } from "zod";
import { shortThing } from "./detect.ts";
import type { Locator } from "./hub-detector.ts";
import { imageHandle, imageOf, toJson, type VisionTool, visionTool } from "./vision-tool.ts";

/** The tool that finds what it is told in words. */
export function locateTool(locator: Locator): VisionTool {
  return visionTool({
    name: "locate",
    description:
      "Finds what a few words describe, such as a yellow umbrella, and gives boxes with scores, the surest first. It often finds something where there is nothing: look at the score, and check with crop.",
    input: z.strictObject({ image: imageHandle, text: z.string().min(1).max(200) }),
    cost: "small-model",
    async run({ image, text }, context) {
      const { bytes } = imageOf(context, image);
      const found = await locator.locate(bytes, text, context.signal ? { signal: context.signal } : {});
      const objects = found.toSorted((a, b) => b.score - a.score).map(shortThing);
      return { value: toJson({ objects }), backend: locator.name };
    },
  });
}
