import fc from "fast-check";
import { expect, test } from "vitest";
import { Graph, gradients, openSession, ops, sym, toModelBytes } from "../onnx/index.ts";
import { createRng } from "../util/rng.ts";
import { modelConfigSchema } from "./model-config.ts";
import { dropRounds, findLeaders } from "./thing-leaders.ts";

const config = modelConfigSchema.parse({
  ...{ imageSize: 64, stemWidths: [8, 8], visionLayers: 1, width: 16, heads: 2, feedForward: 16 },
  ...{ bridgeWidth: 16, decoderLayers: 1, vocabulary: 300, context: 64 },
});
const [grid, cells] = [4, 16];

async function leadersOf(pictures: { sure: number[]; sides: number[][] }[]): Promise<number[][][]> {
  const graph = new Graph();
  const sure = graph.input("sure", "float32", [sym("batch_size"), cells, 1]);
  const sides = graph.input("sides", "float32", [sym("batch_size"), cells, 4]);
  graph.output("leaders", findLeaders(sure, sides, config));
  const session = await openSession(toModelBytes(graph));
  const floats = (data: number[], last: number) =>
    ({ type: "float32", data: Float32Array.from(data), dims: [pictures.length, cells, last] }) as const;
  const { leaders } = await session.run({
    sure: floats(
      pictures.flatMap((picture) => picture.sure),
      1,
    ),
    sides: floats(
      pictures.flatMap((picture) => picture.sides.flat()),
      4,
    ),
  });
  await session.dispose();
  expect(leaders!.dims).toEqual([pictures.length, cells, 2]);
  const data = [...(leaders!.data as Float32Array)];
  return pictures.map((_, b) =>
    Array.from({ length: cells }, (_, c) => data.slice(2 * (b * cells + c), 2 * (b * cells + c) + 2)),
  );
}

/** The same with loops. */
function expected({ sure, sides }: { sure: number[]; sides: number[][] }): number[][] {
  const boxes = sides.map(([left, top, right, bottom], cell) => {
    const [x, y] = [(cell % grid) + 0.5, Math.floor(cell / grid) + 0.5];
    return [x - left!, y - top!, x + right!, y + bottom!] as const;
  });
  const area = ([x1, y1, x2, y2]: (typeof boxes)[number]) => Math.max(0, x2 - x1) * Math.max(0, y2 - y1);
  const overlap = (a: (typeof boxes)[number], b: (typeof boxes)[number]) => {
    const width = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]));
    const common = width * Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
    return common / Math.max(1e-9, area(a) + area(b) - common);
  };
  const isSame = (a: number, b: number) => overlap(boxes[a]!, boxes[b]!) >= 0.3;
  let leaders = [...boxes.keys()];
  for (let round = 0; round < dropRounds; round++) {
    const before = leaders;
    leaders = [...boxes.keys()].filter((cell) =>
      before.every((other) => !isSame(other, cell) || sure[other]! <= sure[cell]!),
    );
  }
  const owner = boxes.map((box) => {
    const [best] = leaders.toSorted((a, b) => overlap(boxes[b]!, box) - overlap(boxes[a]!, box));
    return best !== undefined && overlap(boxes[best]!, box) >= 0.3 ? best : undefined;
  });
  return boxes.map((_, cell) => {
    const claims = sure.filter((_, other) => owner[other] === owner[cell] && owner[cell] !== undefined);
    const together = Math.min(
      1,
      claims.reduce((a, b) => a + b, 0),
    );
    return owner[cell] === cell ? [together, 0] : [0, together];
  });
}

/** Drawn evenly, so that no overlap lies so close to the limit that rounding decides. */
const picture = fc.integer().map((seed) => {
  const rng = createRng("leaders", seed);
  const some = <T>(make: () => T) => Array.from({ length: cells }, make);
  return {
    sure: some(() => rng.range(0.01, 1)),
    sides: some(() => Array.from({ length: 4 }, () => rng.range(-0.3, 2))),
  };
});

test("of cells whose boxes lie on each other the surest speaks for all of them", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(picture, { minLength: 1, maxLength: 3 }), async (pictures) => {
      const found = await leadersOf(pictures);
      for (const [b, one] of pictures.entries()) {
        const wanted = expected(one);
        for (const [cell, numbers] of found[b]!.entries())
          for (const i of [0, 1]) expect(numbers[i]).toBeCloseTo(wanted[cell]![i]!, 4);
      }
    }),
    { numRuns: 30 },
  );
});

test("a thing on the border of two cells has one leader, which is sure", async () => {
  // Cells 5 and 6 find the same box, [1, 1, 3, 2]; cell 12 a thing of its own.
  const sure = Array.from({ length: cells }, (_, c) => ({ 5: 0.55, 6: 0.4, 12: 0.9 })[c] ?? 0.001);
  const sides = Array.from({ length: cells }, (_, c) =>
    c === 5 ? [0.5, 0.5, 1.5, 0.5] : c === 6 ? [1.5, 0.5, 0.5, 0.5] : [0.4, 0.4, 0.4, 0.4],
  );
  const [found] = await leadersOf([{ sure, sides }]);
  expect(found![5]![0]).toBeCloseTo(0.95, 5);
  expect(found![6]).toEqual([0, expect.closeTo(0.95, 5)]);
  expect(found![12]![0]).toBeCloseTo(0.9, 5);
  expect(found!.filter(([leader]) => leader! > 0.5)).toHaveLength(2);
});

test("a box is dropped for a leader only, not for a box that was dropped itself", async () => {
  // Boxes of cells 4, 5 and 6, each nearly two cells wide: the second lies on both others, which do not lie on each other.
  const sure = Array.from({ length: cells }, (_, c) => ({ 4: 0.9, 5: 0.7, 6: 0.6 })[c] ?? 0.001);
  const sides = Array.from({ length: cells }, (_, c) =>
    c >= 4 && c <= 6 ? [0.95, 0.5, 0.95, 0.5] : [0.1, 0.1, 0.1, 0.1],
  );
  const [found] = await leadersOf([{ sure, sides }]);
  expect(found!.flatMap(([leader], cell) => (leader! > 0.5 ? [cell] : []))).toEqual([4, 6]);
  // With the vote of the middle one its leader is sure.
  expect(found![5]![1]).toBeCloseTo(1, 5);
});

test("no gradient flows back through it", () => {
  const graph = new Graph();
  const sure = graph.input("sure", "float32", [sym("batch_size"), cells, 1]);
  const sides = graph.input("sides", "float32", [sym("batch_size"), cells, 4]);
  const leaders = findLeaders(sure, sides, config);
  expect(() => gradients(ops.sumAll(leaders), [sides])).toThrow("loss must depend on");
  const both = ops.add(ops.sumAll(leaders), ops.sumAll(sides));
  expect(gradients(both, [sides])).toHaveLength(1);
});
