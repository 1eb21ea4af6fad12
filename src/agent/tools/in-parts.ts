// A small eye and a large picture: seen whole, its small things are lost. Here the eye looks at overlapping parts, each as large as
// the picture that it was trained on, or smaller and so enlarged. What a part cuts off is left to the part in which it is
// whole; what several parts show is one thing.
import { cropImage, decodeImage, encodePng } from "../../media/index.ts";
import type { Box } from "../../spec/index.ts";
import { areaOf, overlap } from "./box-geometry.ts";
import type { DetectedThing, GroundingEye } from "./detector.ts";

/** Boxes that overlap by more than this, as a share of the smaller one, are of the same thing. */
const sameThing = 0.5;
/** Pixels from the border of a part within which a box counts as cut off. */
const cutMargin = 1;
/** Pictures up to this many times as large as a part are seen whole. */
const wholeUpTo = 1.25;

/** An eye that sees pictures in parts of `side` pixels, each of which overlaps its neighbours by half. */
export function inParts(eye: GroundingEye, side: number): GroundingEye {
  const look = async (
    bytes: Uint8Array,
    see: (part: Uint8Array) => Promise<DetectedThing[]>,
    signal: AbortSignal | undefined,
  ): Promise<DetectedThing[]> => {
    const picture = await decodeImage(bytes, { where: "detect" });
    const { width, height } = picture;
    if (Math.max(width, height) <= side * wholeUpTo) return see(bytes);
    const found: DetectedThing[] = [];
    for (const part of partsOf(width, height, side)) {
      signal?.throwIfAborted();
      const cut = cropImage(picture, part);
      for (const thing of await see(await encodePng(cut.pixels, cut.width, cut.height))) {
        const box = thing.box.map((value, i) => value + part[i % 2]!) as Box;
        if (!isCut(box, part, width, height)) found.push({ ...thing, box });
      }
    }
    const kept: DetectedThing[] = [];
    for (const thing of found.toSorted((a, b) => b.score - a.score))
      if (!kept.some((other) => isSame(other.box, thing.box))) kept.push(thing);
    return kept;
  };
  return {
    ...eye,
    name: `${eye.name}, parts of ${side}`,
    detect: (bytes, options) => look(bytes, (part) => eye.detect(part, options), options.signal),
    letters: async (bytes, options) =>
      (await look(bytes, (part) => eye.letters(part, options), options.signal)).sort(
        (a, b) => a.box[0] - b.box[0],
      ),
  };
}

/** Parts row by row; the last of a row or column ends with the picture. */
export function partsOf(width: number, height: number, side: number): Box[] {
  const along = (length: number): [number, number][] => {
    if (length <= side) return [[0, length]];
    const count = Math.ceil((length - side) / (side / 2)) + 1;
    return Array.from({ length: count }, (_, i) => {
      const start = Math.round(((length - side) * i) / (count - 1));
      return [start, start + side];
    });
  };
  return along(height).flatMap(([y1, y2]) => along(width).map(([x1, x2]): Box => [x1, y1, x2, y2]));
}

/** True for a box that ends at a border of its part where the picture goes on. */
function isCut([x1, y1, x2, y2]: Box, part: Box, width: number, height: number): boolean {
  return (
    (part[0] > 0 && x1 <= part[0] + cutMargin) ||
    (part[1] > 0 && y1 <= part[1] + cutMargin) ||
    (part[2] < width && x2 >= part[2] - cutMargin) ||
    (part[3] < height && y2 >= part[3] - cutMargin)
  );
}

function isSame(a: Box, b: Box): boolean {
  return overlap(a, b) > sameThing * Math.min(areaOf(a), areaOf(b));
}
