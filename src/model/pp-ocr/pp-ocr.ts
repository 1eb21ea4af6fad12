// PP-OCRv4 in two steps: a detector marks the lines of text, each line is cut out upright, and a recogniser reads it as one
// sequence with connectionist temporal classification (CTC). Horizontal and tilted lines are read; text on its head is not.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { InputError, SetupError } from "../../errors/index.ts";
import { decodeImage, type Raster, resizeImage } from "../../media/index.ts";
import { openSession, type TensorData } from "../../onnx/index.ts";
import type { Box } from "../../spec/index.ts";
import { findTextRegions, type TextRegion } from "./text-regions.ts";

/** A line of text in a picture. */
export interface ReadLine {
  text: string;
  /** Around the line, in pixels of the picture. */
  box: Box;
  /** Mean probability of its characters, 0 to 1. */
  score: number;
}

export interface PpOcr extends AsyncDisposable {
  /** Reads the lines of a picture from top to bottom. */
  read(bytes: Uint8Array, options?: { signal?: AbortSignal }): Promise<ReadLine[]>;
  dispose(): Promise<void>;
}

/** The detector sees pictures with this longest side; sides are multiples of 32. */
const detectorSide = 960;
const detectorMean = [0.485, 0.456, 0.406];
const detectorStd = [0.229, 0.224, 0.225];
/** Height of a line for the recogniser, and its greatest width. */
const lineHeight = 48;
const maxLineWidth = 3200;
const minLineScore = 0.5;

/** Opens the models of a folder with `ch_PP-OCRv4_det_infer.onnx`, `ch_PP-OCRv4_rec_infer.onnx`, `ppocr_keys_v1.txt`. */
export async function loadPpOcr(dir: string, { threads = 1 }: { threads?: number } = {}): Promise<PpOcr> {
  const [detectorFile, recogniserFile, keysFile] = [
    "ch_PP-OCRv4_det_infer.onnx",
    "ch_PP-OCRv4_rec_infer.onnx",
    "ppocr_keys_v1.txt",
  ].map((name) => path.join(dir, name)) as [string, string, string];
  let keys: string[];
  try {
    keys = (await readFile(keysFile, "utf8")).replace(/\r?\n$/, "").split(/\r?\n/);
  } catch (cause) {
    throw new SetupError({
      where: "ocr",
      rule: "must have its list of characters",
      got: `no "${keysFile}"`,
      cause,
    });
  }
  // Class 0 is the blank of CTC; the space comes after the keys.
  const characters = ["", ...keys, " "];
  const detector = await openSession(detectorFile, { threads, optimization: "all" });
  const recogniser = await openSession(recogniserFile, { threads, optimization: "all" });
  const only = async (session: typeof detector, tensor: TensorData, file: string) => {
    const outputs = await session.run({ [session.inputNames[0]!]: tensor });
    const output = outputs[session.outputNames[0]!]!;
    if (output.type === "float32") return output;
    throw new InputError({ where: `"${file}"`, rule: "must give floats", got: output.type });
  };

  const readLine = async (line: Raster): Promise<{ text: string; score: number }> => {
    const width = Math.min(maxLineWidth, Math.max(16, Math.round((line.width / line.height) * lineHeight)));
    const image = await resizeImage(line, width, lineHeight);
    const data = toPlanes(image, [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]);
    const { data: shares, dims } = await only(
      recogniser,
      { type: "float32", data, dims: [1, 3, lineHeight, width] },
      recogniserFile,
    );
    return decodeCtc(shares, Number(dims.at(-1)), characters);
  };
  const dispose = async () => {
    await Promise.all([detector.dispose(), recogniser.dispose()]);
  };
  return {
    dispose,
    [Symbol.asyncDispose]: dispose,
    async read(bytes, { signal } = {}) {
      const picture = await decodeImage(bytes, { where: "ocr" });
      const scale = Math.min(1, detectorSide / Math.max(picture.width, picture.height));
      const side = (length: number) => Math.max(32, Math.round((length * scale) / 32) * 32);
      const [width, height] = [side(picture.width), side(picture.height)];
      const input = toPlanes(await resizeImage(picture, width, height), detectorMean, detectorStd);
      const { data: map } = await only(
        detector,
        { type: "float32", data: input, dims: [1, 3, height, width] },
        detectorFile,
      );
      const [scaleX, scaleY] = [picture.width / width, picture.height / height];
      const lines: ReadLine[] = [];
      for (const region of findTextRegions(map, width, height)) {
        signal?.throwIfAborted();
        const corners = cornersOf(region).map(([x, y]) => [x * scaleX, y * scaleY] as const);
        const { text, score } = await readLine(cutUpright(picture, corners));
        if (text.trim() !== "" && score >= minLineScore)
          lines.push({ text: text.trim(), box: boxAround(corners, picture), score });
      }
      return inReadingOrder(lines);
    },
  };
}

/** [3, H, W], channel by channel in the order of the training code (BGR), normalised. */
function toPlanes({ width, height, pixels }: Raster, mean: number[], std: number[]): Float32Array {
  const area = width * height;
  const planes = new Float32Array(3 * area);
  for (let c = 0; c < 3; c++)
    for (let i = 0; i < area; i++) planes[c * area + i] = (pixels[i * 3 + 2 - c]! / 255 - mean[c]!) / std[c]!;
  return planes;
}

/** Upper left, upper right, lower right, lower left. */
function cornersOf({ x, y, width, height, angle }: TextRegion): [number, number][] {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return [
    [-width, -height],
    [width, -height],
    [width, height],
    [-width, height],
  ].map(([u, v]) => [x + (u! * cos - v! * sin) / 2, y + (u! * sin + v! * cos) / 2]);
}

type Corner = readonly [x: number, y: number];

/** The picture inside a parallelogram, turned upright, sampled between pixels. */
function cutUpright(picture: Raster, corners: readonly Corner[]): Raster {
  const [from, right, , down] = corners as [Corner, Corner, Corner, Corner];
  const width = Math.max(1, Math.round(Math.hypot(right[0] - from[0], right[1] - from[1])));
  const height = Math.max(1, Math.round(Math.hypot(down[0] - from[0], down[1] - from[1])));
  const pixels = new Uint8Array(width * height * 3);
  for (let j = 0, i = 0; j < height; j++) {
    const v = (j + 0.5) / height;
    for (let k = 0; k < width; k++) {
      const u = (k + 0.5) / width;
      const x = from[0] + u * (right[0] - from[0]) + v * (down[0] - from[0]) - 0.5;
      const y = from[1] + u * (right[1] - from[1]) + v * (down[1] - from[1]) - 0.5;
      for (let c = 0; c < 3; c++) pixels[i++] = Math.round(sample(picture, x, y, c));
    }
  }
  return { width, height, channels: 3, pixels };
}

/** One channel between four pixels; outside, the edge goes on. */
function sample({ width, height, pixels }: Raster, x: number, y: number, c: number): number {
  const at = (px: number, py: number) =>
    pixels[(Math.min(height - 1, Math.max(0, py)) * width + Math.min(width - 1, Math.max(0, px))) * 3 + c]!;
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [fx, fy] = [x - left, y - top];
  const upper = at(left, top) * (1 - fx) + at(left + 1, top) * fx;
  const lower = at(left, top + 1) * (1 - fx) + at(left + 1, top + 1) * fx;
  return upper * (1 - fy) + lower * fy;
}

function boxAround(corners: readonly Corner[], { width, height }: Raster): Box {
  const xs = corners.map(([x]) => Math.min(width, Math.max(0, Math.round(x))));
  const ys = corners.map(([, y]) => Math.min(height, Math.max(0, Math.round(y))));
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/** Best class of every step, repeats merged, blanks left out. */
function decodeCtc(
  shares: Float32Array,
  classes: number,
  characters: readonly string[],
): { text: string; score: number } {
  let [text, last, sum, count] = ["", 0, 0, 0];
  for (let at = 0; at < shares.length; at += classes) {
    let best = 0;
    for (let c = 1; c < classes; c++) if (shares[at + c]! > shares[at + best]!) best = c;
    if (best !== 0 && best !== last) {
      text += characters[best] ?? "";
      sum += shares[at + best]!;
      count++;
    }
    last = best;
  }
  return { text, score: count === 0 ? 0 : sum / count };
}

/** Top to bottom; lines whose middles are within half a height of the row's first stand in one row, left to right. */
function inReadingOrder(lines: ReadLine[]): ReadLine[] {
  const middle = ({ box }: ReadLine) => (box[1] + box[3]) / 2;
  const rows: ReadLine[][] = [];
  for (const line of lines.toSorted((a, b) => middle(a) - middle(b))) {
    const row = rows.at(-1);
    if (row && middle(line) - middle(row[0]!) < (row[0]!.box[3] - row[0]!.box[1]) / 2) row.push(line);
    else rows.push([line]);
  }
  return rows.flatMap((row) => row.toSorted((a, b) => a.box[0] - b.box[0]));
}
