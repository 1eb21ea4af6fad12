import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Corners, iou, parseBox, toCorners } from "./iou.ts";

describe("iou", () => {
  test.each<[Corners, Corners, number]>([
    [[0, 0, 10, 10], [0, 0, 10, 10], 1],
    [[0, 0, 10, 10], [0, 0, 10, 5], 0.5],
    [[0, 0, 10, 10], [5, 5, 15, 15], 25 / 175],
    [[0, 0, 10, 10], [10, 0, 20, 10], 0],
    [[0, 0, 10, 10], [2, 3, 2, 8], 0],
    [[0, 0, 0, 0], [0, 0, 0, 0], 0],
    [[10, 10, 0, 0], [0, 0, 10, 10], 0],
  ])("%j and %j", (a, b, value) => {
    expect(iou(a, b)).toBeCloseTo(value, 12);
  });

  test("is symmetric, from 0 to 1, 1 for the same box, and does not change when both move or grow", () => {
    const box = fc
      .tuple(fc.nat(50), fc.nat(50), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }))
      .map((numbers) => toCorners(numbers, "xywh")!);
    const change = (b: Corners, by: number) => b.map((n) => n * 2 + by) as unknown as Corners;
    fc.assert(
      fc.property(box, box, fc.nat(30), (a, b, by) => {
        const value = iou(a, b);
        expect(iou(b, a)).toBe(value);
        expect(iou(a, a)).toBe(1);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
        expect(iou(change(a, by), change(b, by))).toBeCloseTo(value, 12);
      }),
    );
  });
});

describe("parseBox", () => {
  test.each([
    ["[12, 30, 88, 90]", [12, 30, 88, 90]],
    ["<box>(12,30),(88,90)</box>", [12, 30, 88, 90]],
    ["x = .5 y = 1e1 -3 4.", [0.5, 10, -3, 4]],
    ["[1, 2, 3]", undefined],
    ["1 2 3 4 5", undefined],
    ["no box", undefined],
  ])("%s", (text, corners) => {
    expect(parseBox(text, "xyxy")).toEqual(corners);
  });

  test("a corner and a size", () => {
    expect(parseBox("[10, 20, 5, 6]", "xywh")).toEqual([10, 20, 15, 26]);
    expect(toCorners([1, 2, Number.NaN, 4], "xywh")).toBeUndefined();
  });
});
