// Boxes as text, and how much of them overlaps.
import type { Box } from "../../spec/index.ts";

/** A box in pixels as shares of the sides, in text: `[0.12, 0.3, 0.4, 0.55]`. */
export function formatBox(box: Box, size: number): string {
  return `[${box.map((value) => Math.round((value / size) * 100) / 100).join(", ")}]`;
}

/** Share of a box that another covers. */
export function covered([x1, y1, x2, y2]: Box, other: Box): number {
  return shared([x1, y1, x2, y2], other) / ((x2 - x1) * (y2 - y1));
}

/** Area that two boxes share. */
function shared(a: Box, b: Box): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  return Math.max(0, width) * Math.max(0, height);
}

/** Intersection over union. */
export function overlap(a: Box, b: Box): number {
  const area = ([x1, y1, x2, y2]: Box) => (x2 - x1) * (y2 - y1);
  const both = shared(a, b);
  return both / (area(a) + area(b) - both);
}
