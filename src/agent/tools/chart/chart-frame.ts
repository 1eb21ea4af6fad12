// The ruled lines of a chart: where the value axis stands, and where the baseline lies.
import type { Raster } from "../../../media/index.ts";

/** Smallest difference in a channel between a ruled axis and what is two pixels before it. */
const ruled = 60;

export interface ChartFrame {
  /** What is written beside the value axis lies to the left of this. */
  left: number;
  /** Upper end of the value axis. */
  top: number;
  /** Height of the smallest value that can be drawn. */
  baseline: number;
}

/**
 * The frame around marks that reach from `left` and down to `lowest`. Where no axis is ruled, the marks say where it would be. Bars
 * know their baseline.
 */
export function frameOf(
  picture: Raster,
  marks: { left: number; lowest: number },
  baseline: number | undefined,
): ChartFrame {
  const { width, height, pixels } = picture;
  const differs = (i: number, before: number) =>
    [0, 1, 2].some((c) => Math.abs(pixels[i + c]! - pixels[before + c]!) > ruled);
  // The side of a bar is no axis.
  const right = Math.floor(marks.left) - 1;
  const upright = longestRun({ from: 2, to: Math.min(width, right), along: height }, (x, y) => {
    const i = 3 * (y * width + x);
    return differs(i, i - 6);
  });
  const level = longestRun(
    { from: Math.max(2, Math.floor(marks.lowest) - 6), to: height, along: width },
    (y, x) => {
      const i = 3 * (y * width + x);
      return differs(i, i - 6 * width);
    },
  );
  return {
    left: upright.length > height / 4 ? upright.at : Math.max(0, Math.floor(marks.left) - 1),
    top: upright.length > height / 4 ? upright.start : 0,
    baseline: baseline ?? (level.length > width / 4 ? level.at : marks.lowest),
  };
}

/** The line, of those from `from` to `to`, with the longest run of pixels that pass. */
function longestRun(
  { from, to, along }: { from: number; to: number; along: number },
  passes: (line: number, place: number) => boolean,
): { at: number; start: number; length: number } {
  let best = { at: from, start: 0, length: 0 };
  for (let line = from; line < to; line++) {
    let run = 0;
    for (let place = 0; place < along; place++) {
      run = passes(line, place) ? run + 1 : 0;
      if (run > best.length) best = { at: line, start: place - run + 1, length: run };
    }
  }
  return best;
}
