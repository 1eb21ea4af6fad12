import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Sample } from "../../spec/index.ts";
import { hash32 } from "../../util/rng.ts";
import {
  flatMapSamples,
  formatSampleJsonl,
  limitSamples,
  limitStream,
  openDataset,
  openDatasetStream,
  type Samples,
} from "./index.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "sightline-stream-"));
});
afterAll(() => rm(folder, { recursive: true }));

const sample = (id: string): Sample => ({ id, instruction: `What is ${id}?`, input: [], response: id });
const many = (n: number) => Array.from({ length: n }, (_, i) => sample(`q${i}`));
async function all(samples: Samples): Promise<Sample[]> {
  const list: Sample[] = [];
  for await (const one of samples) list.push(one);
  return list;
}

test("a limit takes from a stream what it takes from an array, every time that it is read", async () => {
  const ids = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(ids, fc.integer({ min: 1, max: 70 }), fc.nat(3), async (names, limit, seed) => {
      const samples = names.map(sample);
      const limited = await limitStream(samples, limit, seed);
      const expected = limitSamples(samples, limit, seed);
      expect(await all(limited)).toEqual(expected);
      expect(await all(limited)).toEqual(expected);
    }),
  );
});

test("of two ids with the same hash a limit between them takes the same one", async () => {
  const samples = Array.from({ length: 200_000 }, (_, i) => sample(`${Math.imul(i, 0x9e3779b1)} ${i}`));
  const keys = samples.map(({ id }) => hash32("limit", 0, id)).sort((x, y) => x - y);
  const first = keys.findIndex((key, i) => key === keys[i + 1]);
  expect(first).toBeGreaterThanOrEqual(0);
  for (const limit of [first + 1, first + 2])
    expect((await all(await limitStream(samples, limit))).map(({ id }) => id)).toEqual(
      limitSamples(samples, limit).map(({ id }) => id),
    );
});

test("a file is read again each time, and gives what it gives in memory", async () => {
  const samples = many(1000).map((one) => ({ ...one, provenance: { dataset: "chair" } }));
  for (const [name, text] of [
    ["a.jsonl", formatSampleJsonl(samples)],
    ["b.jsonl", '{"image": "a.png", "question": "q", "answer": "b"}\n'.repeat(600)],
    ["c.csv", `image,question,answer\n${'a.png,"Two\nlines",yes\n'.repeat(600)}`],
  ] as const) {
    const file = path.join(folder, name);
    await writeFile(file, text);
    const { hash: _, ...opened } = await openDataset(file);
    const stream = await openDatasetStream(file);
    for (let round = 0; round < 2; round++)
      expect({ ...stream, samples: await all(stream.samples) }).toEqual(opened);
    const twice = flatMapSamples(stream.samples, (one) => [one, { ...one, id: `${one.id} again` }]);
    expect(await all(twice)).toHaveLength(2 * opened.samples.length);
  }
});

test("what is wrong is said at the start, and a file that changes on the way is refused", async () => {
  const file = path.join(folder, "d.jsonl");
  await writeFile(file, `${formatSampleJsonl(many(300))}{"id": "q7", "instruction": "?", "input": []}\n{\n`);
  await expect(openDatasetStream(file)).rejects.toThrow(
    /d\.jsonl:301: id: must be unique, but "q7" is also on line 8; line 302: must be JSON/,
  );
  await writeFile(file, formatSampleJsonl(many(3)));
  const { samples } = await openDatasetStream(file);
  await utimes(file, new Date(0), new Date(0));
  await expect(all(samples)).rejects.toThrow(
    `${file}: must not change while it is being read. Run again when the file is finished.`,
  );
});
