// What a height in a chart is worth. The numbers beside the value axis lie on a straight line of value over height; readings that
// do not are misread, and are left out (RANSAC with every pair of readings, since there are few).

/** A number that was read, and the height of its middle in pixels. */
export interface AxisReading {
  value: number;
  y: number;
}

export interface ValueAxis {
  /** Value of a height in pixels. */
  valueAt(y: number): number;
  /** Difference in value of one pixel. */
  perPixel: number;
  /** Smallest difference between numbers on the axis. */
  step: number;
  /** Readings that agree, and all readings. */
  agreed: number;
  read: number;
}

/** Readings agree with a line when they lie no farther from it than this, in pixels. */
const tolerance = 3;

/** The number that a text says: a sign, thousands in threes, a percent or currency sign around it; undefined for any other. */
export function numberIn(text: string): number | undefined {
  const bare = text.trim().replace(/^[$€£]\s*|\s*%$/g, "");
  if (!/^[-−]?(?:\d{1,12}|\d{1,3}(?:[, ]\d{3}){1,3})(?:\.\d{1,6})?$/.test(bare)) return undefined;
  return Number(bare.replace(/[, ]/g, "").replace("−", "-"));
}

/**
 * The axis on which most readings agree, values growing upwards; undefined where not even two do. Zero at the baseline counts as a
 * reading, since bars start there, but not where the others agree that it is something else.
 */
export function fitAxis(
  readings: readonly AxisReading[],
  baseline: number | undefined,
): ValueAxis | undefined {
  const zero = baseline === undefined ? [] : [{ value: 0, y: baseline, isZero: true }];
  const all = [...readings.map((reading) => ({ ...reading, isZero: false })), ...zero];
  let best: { inliers: typeof all; weight: number; error: number } | undefined;
  for (const [i, a] of all.entries())
    for (const b of all.slice(i + 1)) {
      const slope = (b.value - a.value) / (b.y - a.y);
      if (!(slope < 0) || !Number.isFinite(slope)) continue;
      const off = ({ value, y }: AxisReading) => Math.abs((value - a.value) / slope - (y - a.y));
      const inliers = all.filter((reading) => off(reading) <= tolerance);
      const error = inliers.reduce((sum, reading) => sum + off(reading), 0);
      // Two readings always agree with each other: zero at the baseline is then the better witness.
      const weight = inliers.length + (inliers.some(({ isZero }) => isZero) ? 0.5 : 0);
      if (!best || weight > best.weight || (weight === best.weight && error < best.error))
        best = { inliers, weight, error };
    }
  if (!best) return undefined;
  // The line of least squares through those that agree.
  const { inliers } = best;
  const mean = (of: (reading: AxisReading) => number) =>
    inliers.reduce((sum, reading) => sum + of(reading), 0) / inliers.length;
  const [y0, v0] = [mean(({ y }) => y), mean(({ value }) => value)];
  const spread = mean(({ y }) => (y - y0) ** 2);
  const slope = mean(({ value, y }) => (value - v0) * (y - y0)) / spread;
  const values = [...new Set(inliers.map(({ value }) => value))].sort((a, b) => a - b);
  const steps = values.slice(1).map((value, k) => value - values[k]!);
  return {
    valueAt: (y) => v0 + slope * (y - y0),
    perPixel: Math.abs(slope),
    step: Math.min(...steps),
    agreed: inliers.filter(({ isZero }) => !isZero).length,
    read: readings.length,
  };
}

/** The middles of digits may all lie this much above or below the heights that they name, in pixels. */
const maxOffset = 2.5;
/** A height may be off by this part of a grain, at least and at most so many pixels. */
const [graceShare, leastGrace, mostGrace] = [1 / 8, 0.8, 2.5];

/**
 * The values rounded to the coarsest of the axis' step, its half and round numbers (1, 2, 5 times a power of ten) that suits all of
 * them; to the power of ten below what a pixel is worth where none does.
 */
export function roundToAxis(values: readonly number[], { step, perPixel }: ValueAxis): number[] {
  const heights = values.map((value) => value / perPixel);
  const power = 10 ** Math.floor(Math.log10(step));
  const round = [1, 0.1, 0.01].flatMap((unit) => [5, 2, 1].map((digit) => digit * unit * power));
  const grains = [step, step / 2, ...round].filter((grain) => grain <= step).sort((a, b) => b - a);
  for (const grain of grains) {
    const pixels = grain / perPixel;
    if (pixels < 3 * leastGrace) break;
    const grace = Math.min(mostGrace, Math.max(leastGrace, pixels * graceShare));
    const most = Math.min(maxOffset, pixels / 4);
    for (const offset of [0, 0.25, -0.25, 0.5, -0.5, 0.75, -0.75, 1, -1].map((part) => part * most)) {
      const counts = heights.map((height) => Math.round((height + offset) / pixels));
      if (heights.every((height, i) => Math.abs(height + offset - counts[i]! * pixels) <= grace))
        return counts.map((count) => plain(count * grain));
    }
  }
  const finest = 10 ** Math.floor(Math.log10(perPixel));
  return values.map((value) => plain(Math.round(value / finest) * finest));
}

/** A number without the dust of binary fractions. */
function plain(value: number): number {
  return Number(value.toPrecision(10));
}
