type Numbers = Float64Array | Uint32Array;

/** A flat array that grows: numbers by the million without an object each. */
export class GrowingArray<A extends Numbers> {
  #values: A;
  #length = 0;

  constructor(empty: A) {
    this.#values = empty;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new (this.#values.constructor as new (n: number) => A)(2 * this.#length + 1024);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }

  get values(): A {
    return this.#values.subarray(0, this.#length) as A;
  }
}
