/** State and settings of AdamW (Loshchilov and Hutter 2019) for one slice of the parameters. */
export interface AdamSlice {
  weights: Float32Array;
  /** Running mean of gradients. */
  first: Float32Array;
  /** Running mean of squared gradients. */
  second: Float32Array;
  gradient: Float32Array;
}

const BETA1 = 0.9;
const BETA2 = 0.95;
const EPSILON = 1e-8;

/** One update in place. `step` counts from 1; `gradientScale` multiplies the gradient first (clipping). */
export function adamwStep(
  { weights, first, second, gradient }: AdamSlice,
  {
    step,
    learningRate,
    weightDecay,
    gradientScale,
  }: { step: number; learningRate: number; weightDecay: number; gradientScale: number },
): void {
  const correct1 = 1 / (1 - BETA1 ** step);
  const correct2 = 1 / (1 - BETA2 ** step);
  const keep = 1 - learningRate * weightDecay;
  for (let i = 0; i < weights.length; i++) {
    const g = gradient[i]! * gradientScale;
    const m = BETA1 * first[i]! + (1 - BETA1) * g;
    const v = BETA2 * second[i]! + (1 - BETA2) * g * g;
    first[i] = m;
    second[i] = v;
    weights[i] = keep * weights[i]! - (learningRate * m * correct1) / (Math.sqrt(v * correct2) + EPSILON);
  }
}
