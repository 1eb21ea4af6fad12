// Seeded random numbers. A stream is xoshiro128** started from a hash of its seed parts, so streams of different
// parts do not overlap in practice (one 2^128 cycle; a 32-bit generator such as mulberry32 has a single 2^32 cycle,
// on which differently seeded streams soon run over each other).

/** A seeded stream of random numbers. */
export interface Rng {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform whole number in [0, n). */
  int(n: number): number;
  /** Uniform in [low, high). */
  range(low: number, high: number): number;
  /** True with probability p. */
  chance(p: number): boolean;
  /** Standard normal. */
  normal(): number;
  pick<T>(items: readonly T[]): T;
  /** Shuffles in place and returns the array. */
  shuffle<T>(items: T[]): T[];
}

/** Hashes strings and numbers to 32 bits (murmur3 finaliser over FNV-1a). */
export function hash32(...parts: (string | number)[]): number {
  let h = 0x811c9dc5;
  const mix = (byte: number) => {
    h = Math.imul(h ^ byte, 0x01000193);
  };
  for (const part of parts) {
    if (typeof part === "number") {
      const low = part >>> 0;
      const high = Math.floor(part / 4294967296) >>> 0;
      for (let s = 0; s < 32; s += 8) mix((low >>> s) & 255);
      for (let s = 0; s < 32; s += 8) mix((high >>> s) & 255);
    } else for (let i = 0; i < part.length; i++) mix(part.charCodeAt(i));
    mix(0x1f);
  }
  return finalise(h);
}

/** Creates the stream that belongs to these seed parts. */
export function createRng(...seed: (string | number)[]): Rng {
  let a = hash32("a", ...seed);
  let b = hash32("b", ...seed);
  let c = hash32("c", ...seed);
  let d = hash32("d", ...seed) | 1;
  const u32 = () => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotate(d, 11);
    return result;
  };
  for (let i = 0; i < 8; i++) u32();
  const next = () => u32() / 4294967296;
  const rng: Rng = {
    next,
    int: (n) => Math.floor(next() * n),
    range: (low, high) => low + (high - low) * next(),
    chance: (p) => next() < p,
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    pick: (items) => items[Math.floor(next() * items.length)] as (typeof items)[number],
    shuffle: (items) => {
      for (let i = items.length - 1; i > 0; i--) {
        const j = Math.floor(next() * (i + 1));
        const t = items[i] as (typeof items)[number];
        items[i] = items[j] as (typeof items)[number];
        items[j] = t;
      }
      return items;
    },
  };
  return rng;
}

function rotate(x: number, k: number): number {
  return (x << k) | (x >>> (32 - k));
}

function finalise(h: number): number {
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h ^= h >>> 16;
  return h >>> 0;
}
