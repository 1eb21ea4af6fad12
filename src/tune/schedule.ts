/** Learning rate at a step (from 0): linear warm-up, then a cosine down to `floor` times the peak at the last step. */
export function learningRateAt(
  step: number,
  { peak, warmup, steps, floor }: { peak: number; warmup: number; steps: number; floor: number },
): number {
  if (step < warmup) return (peak * (step + 1)) / warmup;
  const progress = Math.min(1, (step - warmup) / Math.max(1, steps - 1 - warmup));
  return peak * (floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * progress)));
}
