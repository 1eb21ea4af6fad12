// Relaxed accuracy, the score of ChartQA and PlotQA: google-research/pix2struct, metrics.py (relaxed_correctness). Two
// numbers match when they differ by at most 5% of the target; anything else must be the same string but for case. Traps:
// "50%" is 0.5, so it does not match 50; "1,000" is no number; a target of 0 is compared as a string, so that "0.0" does
// not match "0"; years match loosely (2015 for 2019); and spaces count when strings are compared.

/** True when the prediction matches one of the targets. `tolerance` is a share of the target. */
export function isRelaxedMatch(prediction: string, targets: readonly string[], tolerance = 0.05): boolean {
  return targets.some((target) => matches(prediction, target, tolerance));
}

function matches(prediction: string, target: string, tolerance: number): boolean {
  const given = toNumber(prediction);
  const expected = toNumber(target);
  if (given === undefined || expected === undefined || expected === 0) {
    return prediction.toLowerCase() === target.toLowerCase();
  }
  return Math.abs(given - expected) / Math.abs(expected) <= tolerance;
}

/** A number as Python's float() reads it, or with per cent signs at the end. Underscores may stand between digits. */
function toNumber(text: string): number | undefined {
  const isPercent = text.endsWith("%");
  const body = text.replace(/%+$/, "").trim().toLowerCase();
  if (/^[+-]?(inf|infinity)$/.test(body)) return body.startsWith("-") ? -Infinity : Infinity;
  if (/^[+-]?nan$/.test(body)) return Number.NaN;
  if (!/^[+-]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[+-]?\d+(_\d+)*)?$/.test(body)) return undefined;
  const value = Number(body.replaceAll("_", ""));
  return isPercent ? value / 100 : value;
}
