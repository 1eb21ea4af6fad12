import fc from "fast-check";
import { expect, test } from "vitest";
import { Graph, gradients, openSession, ops, sym, type Tensors, toModelBytes } from "../onnx/index.ts";
import { createRng } from "../util/rng.ts";
import { hasVisualTokens, modelConfigSchema } from "./model-config.ts";
import { joinLooks, shiftPicture } from "./second-look.ts";
import { dropRounds } from "./thing-leaders.ts";

const config = modelConfigSchema.parse({
  ...{ imageSize: 64, stemWidths: [8, 8], visionLayers: 1, width: 16, heads: 2, feedForward: 16 },
  ...{ bridgeWidth: 16, decoderLayers: 1, vocabulary: 300, context: 64 },
});
const [grid, cells, width] = [4, 16, 3];
/** Words that tokens are compared with. */
const wordRows = [
  [2, 0, 0],
  [0, 2, 0],
  [0, 0, 2],
  [-1, -1, 1],
];

/** What one look found: of each cell how sure it is, its sides, its token. */
interface Found {
  sure: number[];
  sides: number[][];
  tokens: number[][];
}

function graphOf() {
  const graph = new Graph();
  const look = (name: string) => ({
    sure: graph.input(`${name}.sure`, "float32", [sym("batch_size"), cells, 1]),
    sides: graph.input(`${name}.sides`, "float32", [sym("batch_size"), cells, 4]),
    tokens: graph.input(`${name}.tokens`, "float32", [sym("batch_size"), cells, width]),
  });
  const looks = [look("first"), look("second")] as const;
  const words = graph.constant(Float32Array.from(wordRows.flat()), [wordRows.length, width]);
  return { graph, looks, joined: joinLooks(...looks, words, config) };
}

/** Of each picture and cell: found, elsewhere, four sides, the change of the token. */
async function join(pictures: (readonly [Found, Found])[]): Promise<number[][][]> {
  const { graph, joined } = graphOf();
  graph.output("all", ops.concat([joined.leaders, joined.sides, joined.change], 2));
  const session = await openSession(toModelBytes(graph));
  const inputs: Tensors = {};
  for (const [i, name] of ["first", "second"].entries())
    for (const key of ["sure", "sides", "tokens"] as const) {
      const data = Float32Array.from(pictures.flatMap((looks) => looks[i]![key].flat()));
      const dims = [pictures.length, cells, data.length / (pictures.length * cells)];
      inputs[`${name}.${key}`] = { type: "float32", data, dims };
    }
  const { all } = await session.run(inputs);
  await session.dispose();
  const numbers = 6 + width;
  expect(all!.dims).toEqual([pictures.length, cells, numbers]);
  const data = [...(all!.data as Float32Array)];
  return pictures.map((_, b) =>
    Array.from({ length: cells }, (_, c) =>
      data.slice(numbers * (b * cells + c), numbers * (b * cells + c + 1)),
    ),
  );
}

/** Cosine between what two tokens say, as probabilities of words. */
function alike(a: readonly number[], b: readonly number[]): number {
  const [p, q] = [a, b].map((token) => {
    const powers = wordRows.map((word) => Math.exp(word.reduce((sum, x, i) => sum + x * token[i]!, 0)));
    const length = Math.hypot(...powers);
    return powers.map((power) => power / length);
  }) as [number[], number[]];
  return p.reduce((sum, x, i) => sum + x * q[i]!, 0);
}

/** The same with loops. */
function expected(looks: readonly [Found, Found]): number[][] {
  const boxes = looks.flatMap(({ sure, sides, tokens }, i) =>
    sure.map((share, cell) => {
      const [x, y] = [(cell % grid) + 0.5 + i / 2, Math.floor(cell / grid) + 0.5 + i / 2];
      const [left, top, right, bottom] = sides[cell] as [number, number, number, number];
      return { share, box: [x - left, y - top, x + right, y + bottom], token: tokens[cell]! };
    }),
  );
  type Box = (typeof boxes)[number];
  const area = ([x1, y1, x2, y2]: number[]) => Math.max(0, x2! - x1!) * Math.max(0, y2! - y1!);
  const overlap = ({ box: a }: Box, { box: b }: Box) => {
    const common = area([0, 1, 2, 3].map((i) => (i < 2 ? Math.max(a[i]!, b[i]!) : Math.min(a[i]!, b[i]!))));
    return common / Math.max(1e-6, area(a) + area(b) - common);
  };
  const isSame = (a: Box, b: Box) => overlap(a, b) >= 0.4 - 0.2 * alike(a.token, b.token);
  let leaders = boxes;
  for (let round = 0; round < dropRounds; round++) {
    const before = leaders;
    leaders = boxes.filter((box) => before.every((other) => !isSame(other, box) || other.share <= box.share));
  }
  const ownerOf = (box: Box): Box | undefined =>
    leaders.filter((leader) => isSame(leader, box)).toSorted((a, b) => overlap(b, box) - overlap(a, box))[0];
  const groups = leaders.map((leader) => {
    const mine = boxes.filter((box) => ownerOf(box) === leader);
    const total = mine.reduce((sum, { share }) => sum + share, 0);
    const mean = (of: (box: Box) => number[]) =>
      of(leader).map((_, i) => mine.reduce((sum, other) => sum + (other.share / total) * of(other)[i]!, 0));
    return {
      leader,
      score: Math.min(1, total / 2),
      box: mean(({ box }) => box),
      token: mean(({ token }) => token),
    };
  });
  const scoreOf = (cell: number) => groups.find(({ leader }) => leader === ownerOf(boxes[cell]!))?.score ?? 0;
  return Array.from({ length: cells }, (_, cell) => {
    const clamp = (at: number) => Math.min(grid - 1, Math.max(0, Math.floor(at)));
    const mine = groups.filter(({ box: [x1, y1, x2, y2] }) => {
      return clamp((y1! + y2!) / 2) * grid + clamp((x1! + x2!) / 2) === cell;
    });
    const sum = (of: (group: (typeof groups)[number]) => number) =>
      mine.reduce((total, group) => total + group.score * of(group), 0);
    const found = sum(() => 1);
    const [x, y] = [(cell % grid) + 0.5, Math.floor(cell / grid) + 0.5];
    return [
      found,
      Math.max(0, scoreOf(cell) - found),
      ...[x, y, -x, -y].map((at, i) => sum(({ box }) => (i < 2 ? at - box[i]! : at + box[i]!))),
      ...looks[0].tokens[cell]!.map((own, i) => sum(({ token }) => token[i]! - own)),
    ];
  });
}

/** Drawn evenly, so that no overlap lies so close to the limit that rounding decides. */
const picture = fc.integer().map((seed) => {
  const rng = createRng("looks", seed);
  const some = <T>(make: () => T) => Array.from({ length: cells }, make);
  const look = (): Found => ({
    sure: some(() => rng.range(0.01, 1)),
    sides: some(() => Array.from({ length: 4 }, () => rng.range(-0.2, 1.2))),
    tokens: some(() => Array.from({ length: width }, () => rng.normal())),
  });
  return [look(), look()] as const;
});

test("what two looks found is joined thing by thing", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(picture, { minLength: 1, maxLength: 3 }), async (pictures) => {
      const joined = await join(pictures);
      for (const [b, one] of pictures.entries())
        for (const [cell, numbers] of expected(one).entries())
          for (const [i, number] of numbers.entries()) expect(joined[b]![cell]![i]).toBeCloseTo(number, 3);
    }),
    { numRuns: 30 },
  );
});

test("a thing on the border of two cells is one thing, in the cell of its middle", async () => {
  const nothing = (): Found => ({
    sure: Array(cells).fill(0.0001),
    sides: Array.from({ length: cells }, () => [0.1, 0.1, 0.1, 0.1]),
    tokens: Array.from({ length: cells }, () => [0, 0, 0]),
  });
  // The box [1, 1, 3.1, 2]: cells 5 and 6 of the first look are half sure, cell 5 of the second one (centre 2, 2) is sure.
  const [first, second] = [nothing(), nothing()];
  first.sure[5] = 0.5;
  first.sides[5] = [0.5, 0.5, 1.6, 0.5];
  first.tokens[5] = [1, 0, 0];
  first.sure[6] = 0.4;
  first.sides[6] = [1.5, 0.5, 0.6, 0.5];
  first.tokens[6] = [0, 1, 0];
  second.sure[5] = 0.9;
  second.sides[5] = [1, 1, 1.1, 0];
  second.tokens[5] = [0, 0, 1];
  const [found] = await join([[first, second]]);
  expect(found!.filter(([sure]) => sure! > 0.5)).toHaveLength(1);
  // The middle is at 2.05, so cell 6 has it; its token [0, 1, 0] becomes the mean look.
  const [sure, elsewhere, ...rest] = found![6]!;
  expect(sure).toBeCloseTo(0.9, 3);
  expect(elsewhere).toBeCloseTo(0, 3);
  const wanted = [1.5, 0.5, 0.6, 0.5, 0.5 / 1.8, 0.4 / 1.8 - 1, 0.9 / 1.8].map((x) => 0.9 * x);
  for (const [i, x] of wanted.entries()) expect(rest[i]).toBeCloseTo(x, 3);
  expect(found![5]!.slice(0, 2)).toEqual([expect.closeTo(0, 3), expect.closeTo(0.9, 3)]);
});

test("no gradient flows back through it", () => {
  const { looks, joined } = graphOf();
  const loss = ops.sumAll(ops.concat([joined.leaders, joined.sides, joined.change], 2));
  for (const given of [looks[0].tokens, looks[1].sides])
    expect(() => gradients(loss, [given])).toThrow("loss must depend on");
});

test("the second look sees the picture half a cell further on", async () => {
  const graph = new Graph();
  const pixels = graph.input("pixels", "float32", [sym("batch_size"), 3, 64, 64]);
  graph.output("shifted", shiftPicture(pixels, config));
  const session = await openSession(toModelBytes(graph));
  const rng = createRng("shift");
  const data = Float32Array.from({ length: 2 * 3 * 64 * 64 }, () => rng.next());
  const { shifted } = await session.run({ pixels: { type: "float32", data, dims: [2, 3, 64, 64] } });
  await session.dispose();
  expect(shifted!.dims).toEqual([2, 3, 64, 64]);
  const last = (at: number) => Math.min(63, at + 8);
  const wanted = data.map((_, i) => {
    const [plane, y, x] = [Math.floor(i / 4096), Math.floor(i / 64) % 64, i % 64];
    return data[plane * 4096 + last(y) * 64 + last(x)]!;
  });
  expect(shifted!.data).toEqual(wanted);
});

test("marks of two looks need a token for each cell", () => {
  const bridge = { kind: "mlp" as const, shuffle: 2, hidden: 16, layers: 2 };
  expect(() => hasVisualTokens({ ...config, bridge, thingMarks: "looks" })).toThrow(
    'model.thingMarks: "looks" needs one token a cell (linear, mlp or lavin, shuffle 1), got "mlp".',
  );
});

test("marks of another name are refused by the names that there are", () => {
  const { error } = modelConfigSchema.safeParse({ ...config, thingMarks: "look" });
  expect(error?.issues.map(({ message }) => message)).toEqual(['must be true, false, "leaders" or "looks"']);
});
