// COCO instances as Samples: one for each picture, asked for its objects, with a region for each that has a box.
import type { Sample } from "../../spec/index.ts";
import { objectName, PictureCollector } from "../probes/annotated-picture.ts";
import { cocoPictures } from "../probes/coco-instances.ts";
import type { OnBadRow } from "./row-problems.ts";

export const objectsQuestion = "Which objects are in the picture?";

/** Reads the parsed JSON of an instances file; the response names every kind of object once. */
export function cocoSamples(value: unknown, file: string, onBadRow?: OnBadRow): Sample[] {
  const collector = new PictureCollector(0);
  for (const { name, detections, ...size } of cocoPictures(value, file, onBadRow))
    collector.add({ name, source: name, ...size }, detections);
  return collector.all().map(({ name, source, width, height, objects, regions }) => ({
    id: name,
    instruction: objectsQuestion,
    input: [{ type: "image", source, ...(width && height ? { width, height } : {}) }],
    response: objects.length > 0 ? objects.map(objectName).join(", ") : "none",
    answerType: "free",
    type: "objects",
    ...(regions.length > 0 ? { regions } : {}),
  }));
}
