// Where text is, from the detector's map: for every pixel, how likely it is in the shrunken middle of a line of text
// (differentiable binarisation, Liao et al. 2020). Pixels above a threshold that touch are one line; the smallest turned
// rectangle around them, grown back by what training had shrunk it, is where to read.

/** A turned rectangle; `x` and `y` are its middle, `width` runs along the text. */
export interface TextRegion {
  x: number;
  y: number;
  width: number;
  height: number;
  /** Direction of the text, in radians, between -90 and 90 degrees. */
  angle: number;
  /** Mean likelihood inside, 0 to 1. */
  score: number;
}

const pixelThreshold = 0.3;
const minScore = 0.6;
/** PaddleOCR's unclip ratio: how far a region grows, times its area over its circumference. */
const growth = 1.5;
const minSide = 3;
/** More regions than this are no page but noise. */
const maxRegions = 1000;

/** Finds regions in a map [height, width]; coordinates are pixels of the map. */
export function findTextRegions(map: Float32Array, width: number, height: number): TextRegion[] {
  const seen = new Uint8Array(width * height);
  const regions: TextRegion[] = [];
  for (let start = 0; start < map.length && regions.length < maxRegions; start++) {
    if (seen[start] || map[start]! <= pixelThreshold) continue;
    seen[start] = 1;
    const group = [start];
    let score = 0;
    for (const at of group) {
      score += map[at]!;
      const x = at % width;
      const y = (at - x) / width;
      for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++)
        for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
          const next = ny * width + nx;
          if (seen[next] || map[next]! <= pixelThreshold) continue;
          seen[next] = 1;
          group.push(next);
        }
    }
    score /= group.length;
    if (score < minScore) continue;
    const box = smallestRectangle(group.map((at) => [at % width, Math.floor(at / width)]));
    if (Math.min(box.width, box.height) < minSide) continue;
    const distance = (box.width * box.height * growth) / (2 * (box.width + box.height));
    regions.push({ ...box, width: box.width + 2 * distance, height: box.height + 2 * distance, score });
  }
  return regions;
}

type Point = readonly [x: number, y: number];

/** The rectangle of least area around points; one of its sides lies on a side of their hull (rotating calipers). */
function smallestRectangle(points: Point[]): Omit<TextRegion, "score"> {
  const hull = convexHull(points);
  let best: Omit<TextRegion, "score"> | undefined;
  for (let i = 0; i < hull.length; i++) {
    const [x1, y1] = hull[i]!;
    const [x2, y2] = hull[(i + 1) % hull.length]!;
    const angle = Math.atan2(y2 - y1, x2 - x1);
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    let [u1, u2, v1, v2] = [Infinity, -Infinity, Infinity, -Infinity];
    for (const [x, y] of hull) {
      const u = x * cos + y * sin;
      const v = y * cos - x * sin;
      u1 = Math.min(u1, u);
      u2 = Math.max(u2, u);
      v1 = Math.min(v1, v);
      v2 = Math.max(v2, v);
    }
    // A pixel is one wide.
    const [width, height] = [u2 - u1 + 1, v2 - v1 + 1];
    if (best && width * height >= best.width * best.height) continue;
    const [u, v] = [(u1 + u2) / 2, (v1 + v2) / 2];
    best = { x: u * cos - v * sin + 0.5, y: u * sin + v * cos + 0.5, width, height, angle };
  }
  return alongText(best!);
}

/** The same rectangle, described so that its width runs along the text: the long side, unless it is nearly upright. */
function alongText({ x, y, width, height, angle }: Omit<TextRegion, "score">): Omit<TextRegion, "score"> {
  const quarter = Math.PI / 2;
  // Of the two descriptions with the angle in -45 to 45 and in 45 to 135 degrees, upright text is the first; a column
  // (1.5 times as high as wide) is read along its height.
  let turns = Math.round(angle / quarter);
  let [w, h] = turns % 2 === 0 ? [width, height] : [height, width];
  if (h >= w * 1.5) {
    turns += 1;
    [w, h] = [h, w];
  }
  let along = angle - turns * quarter;
  while (along > quarter) along -= Math.PI;
  while (along < -quarter) along += Math.PI;
  return { x, y, width: w, height: h, angle: along };
}

/** Andrew's monotone chain. */
function convexHull(points: Point[]): Point[] {
  const sorted = points.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
  const half = (list: Point[]) => {
    const chain: Point[] = [];
    for (const p of list) {
      while (chain.length > 1 && turn(chain.at(-2)!, chain.at(-1)!, p) <= 0) chain.pop();
      chain.push(p);
    }
    return chain.slice(0, -1);
  };
  const hull = [...half(sorted), ...half(sorted.toReversed())];
  return hull.length > 0 ? hull : [sorted[0]!];
}

function turn(a: Point, b: Point, c: Point): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}
