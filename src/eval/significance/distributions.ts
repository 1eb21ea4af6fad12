// Normal and Student's t distributions, as far as tests and intervals need them. Student's t goes through the
// regularised incomplete beta function, whose continued fraction is evaluated by Lentz's method (Numerical Recipes 6.4
// gives the fraction; DLMF 8.17.22).

/** Share of the standard normal distribution below x. */
export function normalCdf(x: number): number {
  if (x === 0) return 0.5;
  const upper = 0.5 * upperGammaHalf((x * x) / 2);
  return x > 0 ? 1 - upper : upper;
}

/** The value below which a share p (0 < p < 1) of the standard normal distribution lies. */
export function normalQuantile(p: number): number {
  return invert(normalCdf, p, -40, 40);
}

/** Share of Student's t distribution with so many degrees of freedom below t. */
export function studentCdf(t: number, degrees: number): number {
  const tail = 0.5 * incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5);
  return t > 0 ? 1 - tail : tail;
}

/** The value below which a share p (0 < p < 1) of Student's t distribution lies. */
export function studentQuantile(p: number, degrees: number): number {
  return invert((t) => studentCdf(t, degrees), p, -1e4, 1e4);
}

function invert(cdf: (x: number) => number, p: number, low: number, high: number): number {
  for (let i = 0; i < 200 && high - low > 1e-13 * Math.max(1, Math.abs(low)); i++) {
    const middle = (low + high) / 2;
    if (cdf(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Q(1/2, x): upper regularised incomplete gamma function, which is erfc(sqrt(x)). */
function upperGammaHalf(x: number): number {
  const scale = Math.exp(-x - 0.5 * Math.log(Math.PI)) * Math.sqrt(x);
  if (x < 1.5) {
    let term = 2;
    let sum = term;
    for (let a = 1.5; term > sum * 1e-17; a++) {
      term *= x / a;
      sum += term;
    }
    return 1 - sum * scale;
  }
  let b = x + 0.5;
  let d = 1 / b;
  let c = Number.POSITIVE_INFINITY;
  let fraction = d;
  for (let i = 1; i < 500; i++) {
    const a = -i * (i - 0.5);
    b += 2;
    d = 1 / (a * d + b);
    c = b + a / c;
    const factor = d * c;
    fraction *= factor;
    if (Math.abs(factor - 1) < 1e-16) break;
  }
  return scale * fraction;
}

/** I_x(a, b), the regularised incomplete beta function. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  if (x < (a + 1) / (a + b + 2)) return (front * betaFraction(x, a, b)) / a;
  return 1 - (front * betaFraction(1 - x, b, a)) / b;
}

function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / (1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < 500; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / (1 + even * d);
    c = 1 + even / c;
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / (1 + odd * d);
    c = 1 + odd / c;
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return fraction;
}

/** ln of the gamma function for x > 0: Stirling's series after raising x above 15. */
function logGamma(x: number): number {
  let shift = 0;
  let y = x;
  for (; y < 15; y++) shift += Math.log(y);
  const inverse = 1 / (y * y);
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse / 1680))) / y;
  return (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + series - shift;
}
