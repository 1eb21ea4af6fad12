import fc from "fast-check";
import { expect, test } from "vitest";
import { findTextRegions } from "./text-regions.ts";

/** A map with turned rectangles filled in. */
function drawn(
  rectangles: { x: number; y: number; width: number; height: number; angle: number; likely?: number }[],
) {
  const [width, height] = [200, 160];
  const map = new Float32Array(width * height);
  for (const { x, y, width: w, height: h, angle, likely = 0.9 } of rectangles) {
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    map.forEach((_, i) => {
      const [dx, dy] = [(i % width) + 0.5 - x, Math.floor(i / width) + 0.5 - y];
      const inside = Math.abs(dx * cos + dy * sin) <= w / 2 && Math.abs(dy * cos - dx * sin) <= h / 2;
      if (inside) map[i] = likely;
    });
  }
  return findTextRegions(map, width, height);
}

test("a line is found with its middle, its direction, and the margin that training had cut off", () => {
  fc.assert(
    fc.property(fc.double({ min: -0.7, max: 0.7, noNaN: true }), (angle) => {
      const [region, ...more] = drawn([{ x: 100, y: 80, width: 90, height: 14, angle }]);
      expect(more).toEqual([]);
      expect(Math.hypot(region!.x - 100, region!.y - 80)).toBeLessThan(1.5);
      expect(Math.abs(region!.angle - angle)).toBeLessThan(0.06);
      // 90 x 14 grows on all sides by area * 1.5 / circumference = 9.1.
      expect(Math.abs(region!.width - 108)).toBeLessThan(5);
      expect(Math.abs(region!.height - 32)).toBeLessThan(5);
    }),
    { numRuns: 40 },
  );
});

test("a column is read along its height; specks and unlikely lines are left out", () => {
  const [column] = drawn([{ x: 50, y: 80, width: 12, height: 80, angle: 0 }]);
  expect(column!.width).toBeGreaterThan(column!.height * 2);
  expect(Math.abs(Math.abs(column!.angle) - Math.PI / 2)).toBeLessThan(0.05);
  expect(drawn([{ x: 50, y: 80, width: 2, height: 2, angle: 0 }])).toEqual([]);
  expect(drawn([{ x: 50, y: 80, width: 40, height: 10, angle: 0, likely: 0.5 }])).toEqual([]);
});

test("two lines are two regions", () => {
  const lines = [30, 70].map((y) => ({ x: 100, y, width: 120, height: 12, angle: 0 }));
  expect(drawn(lines).map(({ y }) => Math.round(y))).toEqual([30, 70]);
});
