import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readJsonArray } from "./read-json-array.ts";
import { type ByteLine, readLines } from "./read-lines.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "sightline-lines-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function all(batches: AsyncIterable<ByteLine[]>): Promise<[number, string][]> {
  const lines: [number, string][] = [];
  for await (const batch of batches)
    for (const { line, bytes } of batch) lines.push([line, bytes.toString()]);
  return lines;
}

test("lines are the same for every size of the buffer", async () => {
  const file = path.join(folder, "lines.txt");
  const text = fc.array(fc.constantFrom("", "a", "bär", "x".repeat(40), "\t", "日本"), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 4, max: 64 }), fc.boolean(), async (lines, chunkBytes, crlf) => {
      await writeFile(file, lines.join(crlf ? "\r\n" : "\n"));
      const expected = lines.flatMap((line, i) => (line.trim() ? [[i + 1, line.trim()]] : []));
      expect(await all(readLines(file, { chunkBytes }))).toEqual(expected);
    }),
    { numRuns: 200 },
  );
});

test("a byte order mark is no part of the first line, and an endless line is refused", async () => {
  const file = path.join(folder, "bom.txt");
  await writeFile(file, "\uFEFFone\ntwo");
  expect(await all(readLines(file, { chunkBytes: 4 }))).toEqual([
    [1, "one"],
    [2, "two"],
  ]);
  await writeFile(file, `a\n${"x".repeat(3 << 20)}`);
  await expect(all(readLines(file, { maxLineBytes: 2 << 20 }))).rejects.toThrow(
    `${file}:2: must be at most 2 MiB in one line. Keep pictures in files of their own.`,
  );
});

test("the items of a JSON list are those that JSON.parse finds, for every size of the buffer", async () => {
  const file = path.join(folder, "list.json");
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.jsonValue(), { maxLength: 8 }),
      fc.integer({ min: 1, max: 64 }),
      fc.constantFrom(undefined, 2),
      async (list, chunkBytes, indent) => {
        await writeFile(file, JSON.stringify(list, null, indent));
        const items = await all(readJsonArray(file, { chunkBytes }));
        expect(items.map(([, text]) => JSON.parse(text))).toEqual(JSON.parse(JSON.stringify(list)));
      },
    ),
    { numRuns: 60 },
  );
});

test("an item of a JSON list has the line that it starts on; a list that breaks off keeps its last item", async () => {
  const file = path.join(folder, "lines.json");
  await writeFile(file, '[\n  {"a": "]\\"["},\n\n  {\n"b": 2}, {"c"');
  expect(await all(readJsonArray(file))).toEqual([
    [2, '{"a": "]\\"["}'],
    [4, '{\n"b": 2}'],
    [5, '{"c"'],
  ]);
});
