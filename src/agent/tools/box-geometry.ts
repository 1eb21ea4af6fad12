// What can be said of boxes without looking at pixels.
import type { Box } from "../../spec/index.ts";
import { rounded } from "./vision-tool.ts";

/** Along an axis, a box counts as beside another when it is at least this many times farther along it than across it. */
const clearRatio = 1.2;

/** Pixels that two boxes share. */
export function overlap(a: Box, b: Box): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  return width > 0 && height > 0 ? width * height : 0;
}

/** Pixels of a box. */
export function areaOf([x1, y1, x2, y2]: Box): number {
  return (x2 - x1) * (y2 - y1);
}

export function centerOf([x1, y1, x2, y2]: Box): [number, number] {
  return [(x1 + x2) / 2, (y1 + y2) / 2];
}

/** How box `a` lies to box `b`, by their centres. */
export function relationOf(a: Box, b: Box) {
  const [ax, ay] = centerOf(a);
  const [bx, by] = centerOf(b);
  const [dx, dy] = [ax - bx, ay - by];
  const shared = overlap(a, b);
  const horizontal = Math.abs(dx) * clearRatio >= Math.abs(dy) && dx !== 0;
  const vertical = Math.abs(dy) * clearRatio >= Math.abs(dx) && dy !== 0;
  const directions = [
    ...(horizontal ? [dx < 0 ? "left of" : "right of"] : []),
    ...(vertical ? [dy < 0 ? "above" : "below"] : []),
  ];
  const gap = Math.hypot(Math.max(0, a[0] - b[2], b[0] - a[2]), Math.max(0, a[1] - b[3], b[1] - a[3]));
  return {
    /** Words for where `a` is; two on a diagonal, none when the centres meet. */
    directions,
    inside: shared > 0 && shared === areaOf(a),
    contains: shared > 0 && shared === areaOf(b),
    overlap: rounded(shared / (areaOf(a) + areaOf(b) - shared), 3),
    centerDistance: rounded(Math.hypot(dx, dy), 1),
    gap: rounded(gap, 1),
    /** Area of `a` for each pixel of `b`. */
    sizeRatio: rounded(areaOf(a) / areaOf(b), 2),
  };
}
