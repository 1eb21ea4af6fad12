// Intersection over union, and Precision@1 of RefCOCO/+/g: the share of predictions whose box has IoU >= 0.5 with the
// expected one (>= as in Qwen-VL's code; papers often write > 0.5). Traps: boxes come as corners (xyxy) or as a corner and
// a size (xywh), which both look like four numbers; boxes on a scale of 0-1 or 0-999 must be scaled to pixels first, and
// letterboxing undone; text without exactly four numbers is a miss, not an error.

/** Corners `[left, top, right, bottom]`. */
export type Corners = readonly [left: number, top: number, right: number, bottom: number];

/** How four numbers describe a box. */
export type BoxForm = "xyxy" | "xywh";

/** Corners of four numbers; undefined for anything but four finite numbers. */
export function toCorners(numbers: readonly number[], form: BoxForm): Corners | undefined {
  if (numbers.length !== 4 || !numbers.every(Number.isFinite)) return undefined;
  const [x, y, a, b] = numbers as [number, number, number, number];
  return form === "xywh" ? [x, y, x + a, y + b] : [x, y, a, b];
}

/** The box in a text such as "[12, 30, 88, 90]" or "(12,30),(88,90)"; undefined unless it holds exactly four numbers. */
export function parseBox(text: string, form: BoxForm): Corners | undefined {
  const numbers = text.match(/[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/gi) ?? [];
  return toCorners(numbers.map(Number), form);
}

/** Intersection over union, from 0 to 1. A box of no area has 0 with everything. */
export function iou(a: Corners, b: Corners): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (!(width > 0 && height > 0)) return 0;
  const intersection = width * height;
  return intersection / (area(a) + area(b) - intersection);
}

function area([left, top, right, bottom]: Corners): number {
  return (right - left) * (bottom - top);
}
