// float32 to float16 by bits; JavaScript has an array type for it only from Node 24 on.

const LARGEST = 0x7bff; // 65504

/** Numbers as float16, rounded to the nearest (ties to even); what is too large becomes the largest, 65504. */
export function toHalves(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.slice().buffer);
  return Uint16Array.from(bits, halfOf);
}

function halfOf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  const mantissa = bits & 0x7fffff;
  if (exponent === 143) return sign | (mantissa === 0 ? LARGEST : 0x7e00); // infinite, or no number
  if (exponent < -10) return sign;
  // Below the smallest normal number the leading one is written out and everything moves right.
  const whole = exponent > 0 ? (exponent << 23) | mantissa : mantissa | 0x800000;
  const shift = exponent > 0 ? 13 : 14 - exponent;
  const low = whole & (2 ** shift - 1);
  const kept = exponent >= 31 ? LARGEST : whole >>> shift;
  const half = 2 ** (shift - 1);
  const rounded = low > half || (low === half && (kept & 1) === 1) ? kept + 1 : kept;
  return sign | Math.min(rounded, LARGEST);
}
