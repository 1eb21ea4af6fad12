import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TOKEN_ID } from "../data/chat-format.ts";
import type { ModelConfig } from "./model-config.ts";
import { createBatch, type Lesson } from "./packer.ts";
import { sequenceLength } from "./training-graph.ts";

const config = { imageSize: 32 } as ModelConfig; // 4 visual tokens, so text starts at position 6
const sizes = { slots: 12, rows: 6 };
const length = sequenceLength(config, sizes);

const lesson = (turns: Lesson["turns"], conversation = false): Lesson => ({
  pixels: new Uint8Array(3 * 32 * 32).fill(255),
  cells: [7, -1, -2, 3],
  turns,
  conversation,
});
const twoTurns = [
  { question: [100, TOKEN_ID.assistant], response: [200, TOKEN_ID.eos] },
  { question: [101, 102, TOKEN_ID.assistant], response: [201, TOKEN_ID.eos] },
];

function pack(...lessons: Lesson[]) {
  const batch = createBatch(config, sizes, { batchSize: lessons.length, backgroundClass: 9 });
  const placed = batch.fill(lessons);
  const numbers = (name: string) =>
    Array.from(batch.tensors[name]!.data as ArrayLike<number | bigint>, Number);
  const visible = (i: number) => {
    const row = numbers("bias").slice(i * length, (i + 1) * length);
    return row.flatMap((value, j) => (value === 0 ? [j] : []));
  };
  return { placed, numbers, visible };
}

describe("side by side", () => {
  const { placed, numbers, visible } = pack(lesson(twoTurns));

  test("tokens follow bos and the user's role; the picture lies between", () => {
    expect(numbers("ids")).toEqual([1, 5, 100, 6, 200, 2, 101, 102, 6, 201, 2, 0, 0, 0]);
  });
  test("each turn counts its positions from the end of the picture", () => {
    expect(numbers("positions").slice(0, 15)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 6, 7, 8, 9, 10]);
  });
  test("a turn sees the picture and itself, not the turn before", () => {
    expect(visible(13)).toEqual([0, 1, 2, 3, 4, 5, 10, 11, 12, 13]);
    expect(visible(3)).toEqual([0, 1, 2, 3]);
  });
  test("rows point at the token before each response token, and weigh 1/sqrt(length)", () => {
    expect(numbers("rows")).toEqual([7, 8, 12, 13, 0, 0]);
    expect(numbers("row_targets")).toEqual([200, 2, 201, 2, 0, 0]);
    numbers("row_weights").forEach((weight, i) => {
      expect(weight).toBeCloseTo(i < 4 ? 0.25 : 0);
    });
    expect(placed).toEqual([
      { lesson: 0, turn: 0, row: 0, rows: 2 },
      { lesson: 0, turn: 1, row: 2, rows: 2 },
    ]);
  });
  test("background counts a quarter, unclear cells nothing; weights add up to 1", () => {
    expect(numbers("cell_targets")).toEqual([7, 9, 9, 3]);
    numbers("cell_weights").forEach((weight, i) => {
      expect(weight).toBeCloseTo([1 / 2.25, 0.25 / 2.25, 0, 1 / 2.25][i]!);
    });
  });
  test("the middle of a thing marks its cell and brings its sides; a picture without such truth counts nothing", () => {
    const sides = [0.5, 0.25, 1, 0.75] as const;
    const known = pack({ ...lesson(twoTurns), things: [{ cell: 3, sides }] }, lesson(twoTurns));
    expect(known.numbers("middle_targets")).toEqual([0, 0, 0, 1, 0, 0, 0, 0]);
    expect(known.numbers("middle_weights")).toEqual([0.25, 0.25, 0.25, 0.25, 0, 0, 0, 0]);
    expect(known.numbers("side_targets").slice(12, 16)).toEqual([...sides]);
    expect(known.numbers("side_weights")).toEqual([
      ...new Array(12).fill(0),
      ...new Array(4).fill(0.25),
      ...new Array(16).fill(0),
    ]);
  });
  test("white becomes 1", () => expect(new Set(numbers("pixels"))).toEqual(new Set([1])));
});

test("a conversation runs on: later turns start with the user's role and see earlier ones", () => {
  const { numbers, visible } = pack(lesson(twoTurns, true));
  expect(numbers("ids")).toEqual([1, 5, 100, 6, 200, 2, 5, 101, 102, 6, 201, 2, 0, 0]);
  expect(numbers("positions").slice(6, 16)).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
  expect(visible(11)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
});

test("an episode runs on over its pictures; what is context only is seen and not learned", () => {
  const episode = { ...sizes, slots: 5, rows: 4, pictures: 2 };
  const batch = createBatch(config, episode, { batchSize: 1, backgroundClass: 9 });
  const shots = [lesson([{ ...twoTurns[0]!, context: true }]), lesson([twoTurns[1]!])];
  const placed = batch.fill(shots);
  const numbers = (name: string) => Array.from(batch.tensors[name]!.data as ArrayLike<bigint>, Number);
  expect(numbers("ids")).toEqual([1, 5, 100, 6, 200, 2, 0, 0, 5, 101, 102, 6, 201, 2]);
  // Positions count real tokens only: not the padding at 10, nor the empty lead at 11.
  const real = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21];
  const positions = numbers("positions");
  expect(real.map((at) => positions[at])).toEqual(real.map((_, i) => i));
  const line = numbers("bias").slice(21 * 22, 22 * 22);
  expect(line.flatMap((value, j) => (value === 0 ? [j] : []))).toEqual(real);
  expect(placed).toEqual([{ lesson: 1, turn: 0, row: 0, rows: 2 }]);
  expect(numbers("rows")).toEqual([19, 20, 0, 0]);
  expect(numbers("row_targets")).toEqual([201, 2, 0, 0]);
});

test("turns that do not fit are left out whole, and no token sees a later one", () => {
  const tokens = fc.array(fc.integer({ min: 24, max: 99 }), { minLength: 1, maxLength: 5 });
  const turn = fc.record({ question: tokens, response: tokens });
  fc.assert(
    fc.property(
      fc.array(fc.record({ turns: fc.array(turn), conversation: fc.boolean() }), {
        minLength: 1,
        maxLength: 3,
      }),
      (drawn) => {
        const lessons = drawn.map(({ turns, conversation }) => lesson(turns, conversation));
        const { placed, numbers } = pack(...lessons);
        const targets = numbers("row_targets");
        const weights = numbers("row_weights");
        for (const { lesson: l, turn: t, row, rows } of placed) {
          expect(targets.slice(row, row + rows)).toEqual(lessons[l]!.turns[t]!.response);
          expect(weights.slice(row, row + rows).every((weight) => weight > 0)).toBe(true);
        }
        expect(weights.filter((weight) => weight > 0).length).toBe(
          placed.reduce((sum, { rows }) => sum + rows, 0),
        );
        numbers("bias").forEach((value, at) => {
          if (at % length > Math.floor(at / length) % length) expect(value).toBe(-1e9);
        });
      },
    ),
    { numRuns: 30 },
  );
});

test("a picture of another size is refused", () => {
  const small = { ...lesson(twoTurns), pixels: new Uint8Array(12) };
  expect(() => pack(small)).toThrow("tune.packer: a picture must be 32x32 RGB, got 12 bytes.");
});
