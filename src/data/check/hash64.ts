// Texts are told apart by 64-bit hashes, so that a million rows are about 20 MB and not their own size. Two different texts
// have the same hash with a chance of about n^2 / 2^65: 3 in 100 million for a million rows.

/** A 64-bit hash as two halves; the object is used again by the next call. */
export interface Hash64 {
  high: number;
  low: number;
}

const result: Hash64 = { high: 0, low: 0 };

/** Hashes a text: two multiplicative lanes over its UTF-16 units, crossed at the end (murmur3's finaliser). */
export function hash64(text: string, seed = 0): Hash64 {
  let a = 0xdeadbeef ^ seed;
  let b = 0x41c6ce57 ^ seed;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x9e3779b1);
    b = Math.imul(b ^ unit, 0x5f356495);
    // Spreads the high bits down, which the multiplication alone never does.
    a ^= a >>> 15;
    b ^= b >>> 13;
  }
  a = finalise(a ^ Math.imul(b, 0x85ebca6b));
  b = finalise(b ^ Math.imul(a, 0xc2b2ae35) ^ text.length);
  result.high = a >>> 0;
  result.low = b >>> 0;
  return result;
}

function finalise(h: number): number {
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Values are from 0 to below this. */
const maxValue = 2 ** 32 - 1;

/** A map from 64-bit hashes to numbers of 32 bits, in flat memory: 12 bytes a place, open addressing, at most 3/4 full. */
export class Hash64Map {
  #capacity = 1 << 12;
  #size = 0;
  #high = new Uint32Array(this.#capacity);
  #low = new Uint32Array(this.#capacity);
  /** The value and one more; 0 is an empty place. */
  #value = new Uint32Array(this.#capacity);

  get size(): number {
    return this.#size;
  }

  get({ high, low }: Hash64): number | undefined {
    const value = this.#value[this.#place(high, low)]!;
    return value === 0 ? undefined : value - 1;
  }

  set({ high, low }: Hash64, value: number): void {
    if (!(value >= 0 && value < maxValue))
      throw new RangeError(`value: must be below 2^32 - 1, got ${value}.`);
    const place = this.#place(high, low);
    if (this.#value[place] === 0) this.#size++;
    this.#high[place] = high;
    this.#low[place] = low;
    this.#value[place] = value + 1;
    if (this.#size * 4 > this.#capacity * 3) this.#grow();
  }

  /** The value of a hash that is in the map already; otherwise puts it in and gives undefined. */
  getOrSet(hash: Hash64, value: number): number | undefined {
    const found = this.get(hash);
    if (found === undefined) this.set(hash, value);
    return found;
  }

  #place(high: number, low: number): number {
    // The low half as a fraction of the capacity, so that this may be any number.
    let place = Math.floor((low * this.#capacity) / 2 ** 32);
    while (this.#value[place] !== 0 && (this.#low[place] !== low || this.#high[place] !== high)) {
      if (++place === this.#capacity) place = 0;
    }
    return place;
  }

  /** By a half only: the places that wait are memory too. */
  #grow(): void {
    const [high, low, value] = [this.#high, this.#low, this.#value];
    this.#capacity = Math.ceil(1.5 * this.#capacity);
    this.#high = new Uint32Array(this.#capacity);
    this.#low = new Uint32Array(this.#capacity);
    this.#value = new Uint32Array(this.#capacity);
    for (let i = 0; i < value.length; i++) {
      if (value[i] === 0) continue;
      const place = this.#place(high[i]!, low[i]!);
      this.#high[place] = high[i]!;
      this.#low[place] = low[i]!;
      this.#value[place] = value[i]!;
    }
  }
}
