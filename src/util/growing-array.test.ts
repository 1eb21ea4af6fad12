import { expect, test } from "vitest";
import { GrowingArray } from "./growing-array.ts";

test("keeps every number in order, in the type of the array it began with", () => {
  const numbers = new GrowingArray(new Uint32Array(0));
  for (let i = 0; i < 5000; i++) numbers.push(i * i);
  expect(numbers.values).toBeInstanceOf(Uint32Array);
  expect([...numbers.values]).toEqual(Array.from({ length: 5000 }, (_, i) => i * i));
  expect(new GrowingArray(new Float64Array(0)).values).toHaveLength(0);
});
