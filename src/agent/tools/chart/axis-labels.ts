// Readers of text are made for lines and misread single digits, which is what small axes are numbered with. So each label beside
// the axis is cut out and shown to the reader as a line of its own in which it stands several times.
import { cropImage, encodePng, type Raster, resizeImage } from "../../../media/index.ts";
import type { Box } from "../../../spec/index.ts";
import type { Reader } from "../ocr.ts";
import { type AxisReading, numberIn } from "./chart-axis.ts";
import { type Color, colorDistance, paperColor } from "./chart-marks.ts";

/** Smallest difference in a channel between ink and paper. */
const offPaper = 60;
/** Rows of ink from this height on are labels, in pixels. */
const minHeight = 5;
/** Labels of an axis that are read, at most. */
const maxLabels = 30;
/** How often a label stands in its line. */
const times = 4;
/** Height of a label in its line, for the reader. */
const lineHeight = 32;

/** Boxes of the labels in a part of a picture that holds nothing else, from top to bottom. */
export function labelBoxes(picture: Raster, [left, top, right, bottom]: Box): Box[] {
  const { width, pixels } = picture;
  const paper = paperColor(picture);
  const isInk = (x: number, y: number) => {
    const i = 3 * (y * width + x);
    const color: Color = [pixels[i]!, pixels[i + 1]!, pixels[i + 2]!];
    return colorDistance(color, paper) > offPaper;
  };
  const boxes: Box[] = [];
  let open: Box | undefined;
  for (let y = top; y <= bottom; y++) {
    let [x1, x2] = [right, left];
    if (y < bottom)
      for (let x = left; x < right; x++)
        if (isInk(x, y)) {
          x1 = Math.min(x1, x);
          x2 = x + 1;
        }
    if (x2 > x1)
      open = open ? [Math.min(open[0], x1), open[1], Math.max(open[2], x2), y + 1] : [x1, y, x2, y + 1];
    else if (open) {
      if (open[3] - open[1] >= minHeight) boxes.push(withoutTick(open, isInk));
      open = undefined;
    }
  }
  return boxes.slice(0, maxLabels);
}

/** A box without the ruled line or tick at its right end. */
function withoutTick([x1, y1, x2, y2]: Box, isInk: (x: number, y: number) => boolean): Box {
  for (let x = x2 - 1; x > x1; x--) {
    let ink = 0;
    for (let y = y1; y < y2; y++) if (isInk(x, y)) ink++;
    if (ink > 2) return [x1, y1, x + 1, y2];
  }
  return [x1, y1, x2, y2];
}

/** Reads the numbers in boxes of a picture. */
export async function readLabels(
  reader: Reader,
  picture: Raster,
  boxes: readonly Box[],
  options: { signal?: AbortSignal },
): Promise<AxisReading[]> {
  if (boxes.length === 0) return [];
  const rows = await Promise.all(boxes.map((box) => repeated(picture, box)));
  const gap = lineHeight;
  const width = Math.max(...rows.map((row) => row.width)) + 2 * gap;
  const height = rows.length * (lineHeight + gap) + gap;
  const pixels = new Uint8Array(3 * width * height);
  const paper = paperColor(picture);
  for (let i = 0; i < pixels.length; i++) pixels[i] = paper[i % 3]!;
  for (const [r, row] of rows.entries())
    for (let y = 0; y < row.height; y++)
      pixels.set(
        row.pixels.subarray(3 * y * row.width, 3 * (y + 1) * row.width),
        3 * ((gap + r * (lineHeight + gap) + y) * width + gap),
      );
  const lines = await reader.read(await encodePng(pixels, width, height), options);
  return lines.flatMap((line) => {
    const row = Math.floor(((line.box[1] + line.box[3]) / 2 - gap / 2) / (lineHeight + gap));
    const box = boxes[row];
    const value = numberIn(onceOf(line.text));
    return box && value !== undefined ? [{ value, y: (box[1] + box[3]) / 2 }] : [];
  });
}

/** A box of a picture several times side by side, as a line of text. */
async function repeated(picture: Raster, [x1, y1, x2, y2]: Box): Promise<Raster> {
  const cut = cropImage(picture, [
    Math.max(0, x1 - 1),
    Math.max(0, y1 - 1),
    Math.min(picture.width, x2 + 1),
    Math.min(picture.height, y2 + 1),
  ]);
  const side = Math.max(1, Math.round((cut.width * lineHeight) / cut.height));
  const one = await resizeImage(cut, side, lineHeight);
  const pixels = new Uint8Array(3 * side * times * lineHeight);
  for (let y = 0; y < lineHeight; y++)
    for (let t = 0; t < times; t++)
      pixels.set(one.pixels.subarray(3 * y * side, 3 * (y + 1) * side), 3 * (y * side * times + t * side));
  return { width: side * times, height: lineHeight, channels: 3, pixels };
}

/** The text that a line repeats: what most of its equal parts say; a digit alone may stand any number of times. */
function onceOf(line: string): string {
  const text = line.replace(/\s/g, "");
  if (/^(.)\1*$/u.test(text)) return text[0]!;
  if (text.length % times !== 0) return "";
  const size = text.length / times;
  const parts = Array.from({ length: times }, (_, i) => text.slice(i * size, (i + 1) * size));
  const votes = parts.map((part) => parts.filter((other) => other === part).length);
  const most = Math.max(...votes);
  return most > times / 2 ? parts[votes.indexOf(most)]! : "";
}
