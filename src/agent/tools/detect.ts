import { z } from "zod";
import type { ToolContext } from "../../spec/index.ts";
import { nearest } from "../../util/text.ts";
import type { DetectedThing, Detector } from "./detector.ts";
import { imageHandle, imageOf, rounded, toJson, type VisionTool, visionTool } from "./vision-tool.ts";

const thingName = z.string().min(1).max(60).describe("singular name, such as dog");

/** The tool that finds things. */
export function detectTool(detector: Detector): VisionTool {
  return visionTool({
    name: "detect",
    description:
      "Finds things in a picture and gives their names, boxes and scores, from left to right. It knows a closed list of things: what is not on its list is not found, and two equal things that touch may count as one.",
    input: z.strictObject({
      image: imageHandle,
      name: thingName.optional().describe("only things of this name, such as dog"),
    }),
    cost: "small-model",
    async run({ image, name }, context) {
      const { things, note } = await findNamed(detector, context, image, name);
      return { value: toJson({ objects: things.map(shortThing), note }), backend: detector.name };
    },
  });
}

/** The tool that counts things. */
export function countTool(detector: Detector): VisionTool {
  return visionTool({
    name: "count",
    description:
      "Counts the things of one name in a picture and gives their boxes. It knows a closed list of things, and two equal things that touch may count as one.",
    input: z.strictObject({ image: imageHandle, name: thingName }),
    cost: "small-model",
    async run({ image, name }, context) {
      const { things, note } = await findNamed(detector, context, image, name);
      const value = { name, count: things.length, boxes: things.map(({ box }) => box), note };
      return { value: toJson(value), backend: detector.name };
    },
  });
}

/** A thing with a score that is short to read. */
export function shortThing({ name, box, score }: DetectedThing) {
  return { name, box, score: rounded(score, 2) };
}

async function findNamed(
  detector: Detector,
  context: ToolContext,
  image: string,
  name: string | undefined,
): Promise<{ things: DetectedThing[]; note?: string }> {
  const { bytes } = imageOf(context, image);
  const found = await detector.detect(bytes, context.signal ? { signal: context.signal } : {});
  const things = found.toSorted((a, b) => a.box[0] + a.box[2] - b.box[0] - b.box[2]);
  if (name === undefined) return { things };
  const wanted = await wordOf(detector, name);
  // "No dogs" and "I do not know what a gryphon is" are different answers.
  if (wanted === undefined) {
    const slip = nearest(name.toLowerCase(), await detector.vocabulary());
    return {
      things: [],
      note: `"${name}" is not on this tool's list${slip ? `; did you mean "${slip}"?` : ""}`,
    };
  }
  return { things: things.filter((thing) => thing.name === wanted) };
}

/** The detector's word for a name in any case, singular or regular plural. */
async function wordOf(detector: Detector, name: string): Promise<string | undefined> {
  const word = name.trim().toLowerCase();
  const candidates = [
    word,
    word.replace(/s$/, ""),
    word.replace(/es$/, ""),
    word.replace(/ies$/, "y"),
    word.replace(/ves$/, "f"),
  ];
  const vocabulary = await detector.vocabulary();
  return candidates.map((one) => vocabulary.find((known) => known.toLowerCase() === one)).find(Boolean);
}
