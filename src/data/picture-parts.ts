// Pictures as Idefics3 and SmolVLM see them (Laurençon et al. 2024, arXiv 2408.12637): enlarged or shrunk to a longest side, cut
// into squares row by row, and the whole of it as one more square. Sizes are counted as transformers counts them, with its
// roundings; only the whole is seen where a picture is not cut, or where it is no larger than a square by then.
import { cropImage, type Raster, type ResampleFilter } from "../media/index.ts";
import { resizePicture } from "./resize-picture.ts";

export interface Size {
  width: number;
  height: number;
}

/** The parts that a picture is cut into; 0 and 0 for a picture that is only seen whole. */
export interface PartGrid {
  rows: number;
  columns: number;
}

/** The grid of a picture that is only seen whole. */
export const wholeOnly: PartGrid = { rows: 0, columns: 0 };

/** Squares that are seen of a picture: its parts, and the whole. */
export function squaresOf({ rows, columns }: PartGrid): number {
  return rows * columns + 1;
}

export interface Cutting {
  /** The longer side of a picture before it is cut, in pixels. */
  longest: number;
  /** Side of a square. */
  side: number;
  filter: ResampleFilter;
  /** Without parts a picture is one square, whatever its shape. */
  splits: boolean;
}

/** The grid of a picture of this size. */
export function gridOf(size: Size, { longest, side, splits }: Cutting): PartGrid {
  if (!splits) return wholeOnly;
  const { width, height } = inSquares(toLongest(size, longest), side);
  return width > side || height > side ? { rows: height / side, columns: width / side } : wholeOnly;
}

/** The squares that are seen of a picture: its parts row by row, then the whole. `where` names it in errors. */
export function cutPicture(image: Raster, cutting: Cutting, where: string): Raster[] {
  const { longest, side, filter } = cutting;
  const resized = resizePicture(image, { ...toLongest(image, longest), filter }, where);
  const square = (from: Raster) => resizePicture(from, { width: side, height: side, filter }, where);
  const { rows, columns } = gridOf(image, cutting);
  if (rows === 0) return [square(resized)];
  const fitted = resizePicture(resized, { width: columns * side, height: rows * side, filter }, where);
  const parts = Array.from({ length: rows * columns }, (_, i) => {
    const [left, top] = [(i % columns) * side, Math.floor(i / columns) * side];
    return cropImage(fitted, [left, top, left + side, top + side]);
  });
  // The whole is made of what was cut, and not of the picture.
  return [...parts, square(fitted)];
}

/** The longer side at `longest`; the shorter one rounded down, then up to an even number. */
function toLongest({ width, height }: Size, longest: number): Size {
  const ratio = width / height;
  const even = (n: number) => Math.max(1, n + (n % 2));
  if (width >= height) return { width: longest, height: even(Math.trunc(longest / ratio)) };
  return { width: even(Math.trunc(longest * ratio)), height: longest };
}

/** Both sides as multiples of a square's: the longer one rounded up, and the shorter one of what that makes of it. */
function inSquares({ width, height }: Size, side: number): Size {
  const ratio = width / height;
  const up = (n: number) => Math.ceil(n / side) * side;
  if (width >= height) return { width: up(width), height: up(Math.trunc(up(width) / ratio)) };
  return { width: up(Math.trunc(up(height) * ratio)), height: up(height) };
}
