import fc from "fast-check";
import { expect, test } from "vitest";
import { Graph, gradients, openSession, ops, sym, toModelBytes } from "../onnx/index.ts";
import { createRng } from "../util/rng.ts";
import { NUMBER_CHANNELS, numberThings, sameWord } from "./thing-numbers.ts";

const [cells, width, vocabulary] = [9, 6, 12];

function graphOf() {
  const graph = new Graph();
  const found = graph.input("found", "float32", [sym("batch_size"), cells, 1]);
  const tokens = graph.input("tokens", "float32", [sym("batch_size"), cells, width]);
  const words = graph.input("words", "float32", [vocabulary, width]);
  return {
    graph,
    tokens,
    words,
    alike: sameWord(tokens, words),
    numbers: numberThings(found, tokens, words),
  };
}

async function run(found: number[], tokens: number[][], words: number[][]) {
  const { graph, alike, numbers } = graphOf();
  graph.output("alike", alike);
  graph.output("numbers", numbers);
  const session = await openSession(toModelBytes(graph));
  const floats = (data: number[], ...dims: number[]) =>
    ({ type: "float32", data: Float32Array.from(data), dims }) as const;
  const outputs = await session.run({
    found: floats(found, 1, cells, 1),
    tokens: floats(tokens.flat(), 1, cells, width),
    words: floats(words.flat(), vocabulary, width),
  });
  await session.dispose();
  const rows = (data: Float32Array, n: number) =>
    Array.from({ length: cells }, (_, cell) => [...data.slice(n * cell, n * cell + n)]);
  return {
    alike: rows(outputs.alike!.data as Float32Array, cells),
    numbers: rows(outputs.numbers!.data as Float32Array, NUMBER_CHANNELS),
  };
}

/** Cosine between the probabilities that two tokens give to the words. */
function cosine(a: readonly number[], b: readonly number[], words: readonly number[][]): number {
  const [p, q] = [a, b].map((token) =>
    words.map((word) => Math.exp(word.reduce((sum, x, i) => sum + x * token[i]!, 0))),
  ) as [number[], number[]];
  return p.reduce((sum, x, i) => sum + x * q[i]!, 0) / (Math.hypot(...p) * Math.hypot(...q));
}

test("numbers of things are those of loops over the cells", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const rng = createRng("numbers", seed);
      const found = Array.from({ length: cells }, () => rng.range(0, 2));
      const drawn = (n: number) =>
        Array.from({ length: n }, () => Array.from({ length: width }, () => rng.normal()));
      const [tokens, words] = [drawn(cells), drawn(vocabulary)];
      const { alike, numbers } = await run(found, tokens, words);
      const part = (x: number) => Math.min(1, Math.max(0, 2 * (x - 0.25)));
      const counts = found.map((x) => part(x) + part(x - 1));
      for (let i = 0; i < cells; i++) {
        const kind = tokens.map((token) => cosine(tokens[i]!, token, words));
        for (const [j, wanted] of kind.entries()) expect(alike[i]![j]).toBeCloseTo(wanted, 4);
        const sum = (of: (j: number) => number) =>
          counts.reduce((total, count, j) => total + of(j) * count, 0);
        const upTo = (j: number) => (j <= i ? 1 : 0);
        const three = [sum(upTo), sum((j) => upTo(j) * kind[j]!), sum((j) => kind[j]!)];
        for (const [k, number] of three.entries())
          for (let n = 1; n <= 9; n++) {
            const wanted = Math.max(0, 1 - Math.abs(Math.min(9, number) - n)) * Math.min(1, counts[i]!);
            expect(numbers[i]![9 * k + n - 1]).toBeCloseTo(wanted, 3);
          }
      }
    }),
    { numRuns: 20 },
  );
});

test("three dogs and a cat are numbered in the picture, within their kind, and counted", async () => {
  // Each word has a direction of its own, and each thing calls for one loudly.
  const words = Array.from({ length: vocabulary }, (_, w) =>
    Array.from({ length: width }, (_, i) => (i === w ? 4 : 0)),
  );
  const loud = (word: number) => Array.from({ length: width }, (_, i) => (i === word ? 4 : 0));
  const [dog, cat, nothing] = [loud(0), loud(1), loud(2)];
  const tokens = [nothing, dog, cat, nothing, dog, nothing, nothing, dog, nothing];
  const found = [0, 0.9, 0.95, 0.1, 0.8, 0.2, 0, 1, 0];
  const { numbers } = await run(found, tokens, words);
  const said = numbers.map((row) =>
    [0, 1, 2].map((k) => row.slice(9 * k, 9 * k + 9).findIndex((weight) => weight > 0.99) + 1),
  );
  const none = [0, 0, 0];
  expect(said).toEqual([none, [1, 1, 3], [2, 1, 1], none, [3, 2, 3], none, none, [4, 3, 3], none]);
});

test("no gradient flows back through it", () => {
  const { numbers, tokens, words } = graphOf();
  for (const given of [tokens, words])
    expect(() => gradients(ops.sumAll(numbers), [given])).toThrow("loss must depend on");
});
