// A person points and speaks: at a place, with a box, or by scribbling over a thing (the visual prompts of Caption Anything and
// of set-of-mark prompting, arXiv 2310.11441). The technique turns what was pointed at into a region and shows it: as a mark
// on the picture, as an enlarged piece of it, or both. Behind `equip`, the piece is a picture with a handle of its own.
import type { JSONValue, LanguageModelV4FilePart, LanguageModelV4Prompt } from "@ai-sdk/provider";
import { InputError } from "../errors/index.ts";
import {
  cropImage,
  type DecodedImage,
  decodeImage,
  drawBoxes,
  encodePng,
  type Raster,
} from "../media/index.ts";
import { inlineBytes } from "../model/content-address.ts";
import { appendToQuestion, technique } from "../model/index.ts";
import type { Box, Technique } from "../spec/index.ts";
import { isPicture, replacePictures } from "./only-picture.ts";
import type { Detector } from "./tools/detector.ts";

/** What a person pointed with, in pixels of the picture, origin top left. */
export type Pointer =
  | { at: readonly [number, number] }
  | { box: Box }
  | { scribble: readonly (readonly [number, number])[] };

export interface PointOptions {
  /** Which picture of the prompt, from 1. @default 1 */
  image?: number;
  /**
   * `mark` draws the region on the picture, `piece` shows the region alone, `both` the marked picture and the piece.
   * @default "piece" for a model whose questions are plain, "both" where a further picture fits, else "mark"
   */
  show?: "mark" | "piece" | "both";
  /** Finds the thing that lies under a point. @default none: a square around the point */
  detector?: Detector;
}

/** Share of a region's sides that a piece shows around it. */
const margin = 0.2;
/** Side of the square around a bare point, as a share of the picture's shorter side. */
const pointSide = 0.3;
const maxStrokes = 10_000;

/** Makes the technique that shows what a person points at. */
export function point(pointer: Pointer, { image = 1, show, detector }: PointOptions = {}): Technique {
  const points = pointsOf(pointer);
  if (points.length === 0 || points.length > maxStrokes || !points.flat().every(Number.isFinite))
    throw new InputError({
      where: "point",
      rule: `needs 1 to ${maxStrokes} points of two numbers`,
      got: `${points.length}`,
    });
  if (!Number.isInteger(image) || image < 1)
    throw new InputError({ where: "point", rule: "image must be a whole number from 1", got: String(image) });
  const settings = { ...(pointer as { [key: string]: JSONValue }), image, ...(show ? { show } : {}) };
  return technique(
    "point",
    settings,
    async function* ({ options, capabilities, signal, emit, forward }) {
      const { part, count } = pictureOf(options.prompt, image);
      const bytes = inlineBytes(part.data)!;
      const raster = await decodeImage(bytes, { where: `picture ${image}` });
      checkInside(points, raster);
      const { box, name } = await regionOf(pointer, raster, { bytes, detector, signal });
      const hasRoom = count < (capabilities.maxImages ?? Number.POSITIVE_INFINITY);
      const how = show ?? (capabilities.plainQuestions ? "piece" : hasRoom ? "both" : "mark");
      if (how === "both" && !hasRoom)
        throw new InputError({
          where: "point",
          rule: `the model must take one more picture, for show "both"`,
          got: `${count} of ${capabilities.maxImages}`,
          hint: 'Use show "mark" or "piece".',
        });
      emit("pointed-at", { image, box, show: how, ...(name === undefined ? {} : { name }) });
      const shown: LanguageModelV4FilePart[] = [];
      if (how !== "piece") shown.push(await toPart(await drawBoxes(raster, [{ box, label: "here" }])));
      if (how !== "mark") shown.push(await toPart(cropImage(raster, widened(box, raster))));
      const prompt = replacePictures(options.prompt, (picture) => (picture === part ? shown : [picture]));
      // A model whose questions are plain was not taught to read such a note.
      const where = `The question is about the region [${box.join(", ")}] of picture ${image}, in pixels${how === "mark" ? ', marked "here"' : how === "both" ? ', marked "here" and shown enlarged in the picture after it' : ", of which only this region is shown"}.`;
      yield* forward({ prompt: capabilities.plainQuestions ? prompt : appendToQuestion(prompt, where) });
    },
    { imageBytes: true },
  );
}

function pointsOf(pointer: Pointer): readonly (readonly [number, number])[] {
  if ("at" in pointer) return [pointer.at];
  if ("scribble" in pointer) return pointer.scribble;
  const [x1, y1, x2, y2] = pointer.box;
  return [
    [x1, y1],
    [x2, y2],
  ];
}

function pictureOf(
  prompt: LanguageModelV4Prompt,
  image: number,
): { part: LanguageModelV4FilePart; count: number } {
  const parts = prompt.flatMap((message) =>
    message.role === "user" ? message.content.filter(isPicture) : [],
  );
  const part = parts[image - 1];
  if (part && inlineBytes(part.data)) return { part, count: parts.length };
  throw new InputError({
    where: "point",
    rule: `picture ${image} must be in the prompt`,
    got: `${parts.length} picture${parts.length === 1 ? "" : "s"}`,
  });
}

function checkInside(points: readonly (readonly [number, number])[], { width, height }: DecodedImage): void {
  const outside = points.find(([x, y]) => x < 0 || y < 0 || x > width || y > height);
  if (!outside) return;
  throw new InputError({
    where: "point",
    rule: `must be inside the picture of ${width} x ${height} pixels`,
    got: `[${outside.join(", ")}]`,
  });
}

/** The region that was meant: the thing under a point, a square around it, or the box around all points. */
async function regionOf(
  pointer: Pointer,
  raster: DecodedImage,
  { bytes, detector, signal }: { bytes: Uint8Array; detector: Detector | undefined; signal: AbortSignal },
): Promise<{ box: Box; name?: string }> {
  if ("at" in pointer) {
    const [x, y] = pointer.at;
    const area = ([x1, y1, x2, y2]: Box) => (x2 - x1) * (y2 - y1);
    const under = ((await detector?.detect(bytes, { signal })) ?? [])
      .filter(({ box: [x1, y1, x2, y2] }) => x >= x1 && x <= x2 && y >= y1 && y <= y2)
      .sort((a, b) => area(a.box) - area(b.box))[0];
    if (under) return { box: inside(under.box, raster), name: under.name };
    const half = (Math.min(raster.width, raster.height) * pointSide) / 2;
    return { box: inside([x - half, y - half, x + half, y + half], raster) };
  }
  const [xs, ys] = [0, 1].map((axis) => pointsOf(pointer).map((place) => place[axis]!)) as [
    number[],
    number[],
  ];
  const least = (values: number[]) => values.reduce((a, b) => Math.min(a, b));
  const most = (values: number[]) => values.reduce((a, b) => Math.max(a, b));
  return { box: inside([least(xs), least(ys), most(xs), most(ys)], raster) };
}

/** Whole pixels inside the picture, at least one each way. */
function inside([x1, y1, x2, y2]: Box, { width, height }: Raster): Box {
  const left = Math.min(width - 1, Math.max(0, Math.floor(x1)));
  const top = Math.min(height - 1, Math.max(0, Math.floor(y1)));
  return [
    left,
    top,
    Math.min(width, Math.max(left + 1, Math.ceil(x2))),
    Math.min(height, Math.max(top + 1, Math.ceil(y2))),
  ];
}

/** A region with some of what is around it. */
function widened([x1, y1, x2, y2]: Box, raster: Raster): Box {
  const [dx, dy] = [(x2 - x1) * margin, (y2 - y1) * margin];
  return inside([x1 - dx, y1 - dy, x2 + dx, y2 + dy], raster);
}

async function toPart({ pixels, width, height }: Raster): Promise<LanguageModelV4FilePart> {
  const data = await encodePng(pixels, width, height);
  return { type: "file", mediaType: "image/png", data: { type: "data", data } };
}
