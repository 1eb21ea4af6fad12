import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mixCommand } from "../../cli/data-mix.ts";
import type { Sample } from "../../spec/index.ts";
import {
  type MixOptions,
  type MixSource,
  mix,
  mixBatches,
  mixSamples,
  mixShares,
  mixStages,
  moveMedia,
  type SourceUse,
} from "./index.ts";

function sample(id: string, picture = true): Sample {
  return {
    id,
    instruction: "What is it?",
    input: picture ? [{ type: "image", source: `images/${id}.png` }] : [],
    response: "a dog",
  };
}

/** A source that counts how many of its Samples were made. */
function source(name: string, size: number, picture = true): MixSource & { made: number } {
  const counted = {
    name,
    size,
    made: 0,
    *open() {
      for (let i = 0; i < size; i++) {
        counted.made++;
        yield sample(String(i), picture);
      }
    },
  };
  return counted;
}

const all = <T>(stream: AsyncIterable<T>): Promise<T[]> => Array.fromAsync(stream);
const countOf = (samples: Sample[], name: string) =>
  samples.filter(({ id }) => id.startsWith(`${name}/`)).length;

describe("shares", () => {
  test("by weight, by the square root of the size, and by temperature", () => {
    expect(mixShares([10, 90], [3, 1])).toEqual([0.75, 0.25]);
    expect(mixShares([100, 900], "sqrt")).toEqual([0.25, 0.75]);
    expect(mixShares([100, 900], { temperature: 2 })).toEqual([0.25, 0.75]);
    expect(mixShares([100, 900])[0]).toBeCloseTo(0.1, 12);
    // 8^(1/3) = 2: a third and two thirds.
    expect(mixShares([1, 8], { temperature: 3 })[0]).toBeCloseTo(1 / 3, 12);
    expect(mixShares([1, 1e9], { temperature: 1e6 })[0]).toBeCloseTo(0.5, 4);
    expect(mixShares([1, 1000], { temperature: 0.001 })).toEqual([0, 1]);
  });

  test.each<[string, () => unknown, string]>([
    ["too few", () => mixShares([1, 2], [1]), "weights: must be one number for each dataset, got 1 for 2."],
    ["below 0", () => mixShares([1, 2], [1, -1]), "weights: must be numbers from 0 up, got -1."],
    ["nothing", () => mixShares([1, 2], [0, 0]), "weights: must hold a number above 0, got 0, 0."],
    ["cold", () => mixShares([1, 2], { temperature: 0 }), "temperature: must be above 0, got 0."],
  ])("%s", (_, make, message) => {
    expect(make).toThrow(message);
  });
});

describe("mixSamples", () => {
  test("draws by the shares: chi-square of 20,000 draws stays below the 0.1% bound", async () => {
    const sources = [source("a", 50), source("b", 500), source("c", 7)];
    const weights = [5, 3, 2];
    const samples = await all(mixSamples(sources, { weights, count: 20_000, seed: 3 }));
    const chi = ["a", "b", "c"].reduce((sum, name, i) => {
      const expected = 2000 * weights[i]!;
      return sum + (countOf(samples, name) - expected) ** 2 / expected;
    }, 0);
    // Critical value of chi-square with 2 degrees of freedom at 0.001.
    expect(chi).toBeLessThan(13.82);
  });

  test("the same seed gives the same stream, another seed another one", async () => {
    const draw = async (seed: number) =>
      (await all(mixSamples([source("a", 5), source("b", 9)], { count: 100, seed }))).map(({ id }) => id);
    expect(await draw(1)).toEqual(await draw(1));
    expect(await draw(1)).not.toEqual(await draw(2));
  });

  test("a source that runs out is read again: ids stay unique, groups stay, and the use says so", async () => {
    let use: SourceUse[] = [];
    const options = { weights: [1, 1], count: 40, seed: 0, onUse: (used: SourceUse[]) => (use = used) };
    const samples = await all(mixSamples([source("a", 3), source("b", 1000)], options));
    expect(new Set(samples.map(({ id }) => id)).size).toBe(40);
    const drawn = countOf(samples, "a");
    expect(use[0]).toEqual({ name: "a", size: 3, drawn, rounds: Math.ceil(drawn / 3) });
    expect(use[1]!.rounds).toBe(1);
    const again = samples.find(({ id }) => id === "a/0#2")!;
    expect(again).toMatchObject({ group: "a/0", provenance: { dataset: "a" } });
  });

  test("is lazy: what is not asked for is not made, and a reader that stops closes the sources", async () => {
    const big = source("big", 1e9);
    let told = false;
    const stream = mixSamples([big, source("other", 10)], { onUse: () => (told = true) });
    for (let i = 0; i < 5; i++) await stream.next();
    expect(big.made).toBeLessThanOrEqual(5);
    await stream.return(undefined);
    expect(told).toBe(true);
  });

  test("text-only Samples get no image part", async () => {
    const samples = await all(mixSamples([source("pictures", 20), source("text", 20, false)], { seed: 5 }));
    for (const { id, input } of samples) expect(input.length).toBe(id.startsWith("text/") ? 0 : 1);
    expect(countOf(samples, "text")).toBeGreaterThan(0);
  });

  test("refuses an empty source that has a share, and two sources of one name", async () => {
    await expect(all(mixSamples([source("a", 0), source("b", 1)], { weights: [1, 1] }))).rejects.toThrow(
      "a: must hold Samples, got none.",
    );
    expect(await all(mixSamples([source("a", 0), source("b", 2)], { weights: [0, 1] }))).toHaveLength(2);
    await expect(all(mixSamples([source("a", 1), source("a", 1)]))).rejects.toThrow(
      'mix: datasets must have different names, got "a" twice.',
    );
  });
});

test("batches hold the sources by their shares, whatever the shares and the size", async () => {
  const weights = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 2, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(
      weights.filter((list) => list.some((w) => w > 0)),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 60 }),
      async (weights, batchSize, count) => {
        const sources = weights.map((_, i) => source(`s${i}`, 1000));
        const batches = await all(mixBatches(sources, { weights, batchSize, count, seed: 1 }));
        const sum = weights.reduce((a, b) => a + b, 0);
        expect(batches.slice(0, -1).every((batch) => batch.length === batchSize)).toBe(true);
        for (let done = 1; done <= batches.length; done++) {
          const drawn = batches.slice(0, done).flat();
          for (const [i, weight] of weights.entries()) {
            const share = (weight / sum) * drawn.length;
            expect(Math.abs(countOf(drawn, `s${i}`) - share)).toBeLessThan(weights.length);
          }
        }
        expect(batches.flat()).toHaveLength(count);
      },
    ),
    { numRuns: 60 },
  );
  const batches = await all(
    mixBatches([source("a", 9), source("b", 9)], { weights: [3, 1], batchSize: 4, count: 40 }),
  );
  expect(batches.map((batch) => countOf(batch, "a"))).toEqual(Array(10).fill(3));
});

test("stages come one after another, each with its own mix", async () => {
  const captions = source("captions", 4);
  const samples = await all(
    mixStages([
      { sources: [captions], count: 4 },
      { sources: [captions, source("chat", 8)], weights: [0, 1], count: 3 },
    ]),
  );
  expect(samples.map(({ id }) => id)).toEqual([
    ...[0, 1, 2, 3].map((i) => `stage-1/captions/${i}`),
    ...[0, 1, 2].map((i) => `stage-2/chat/${i}`),
  ]);
});

test("only relative paths move", () => {
  const input = ["a.png", "https://a.b/c.png", "data:image/png;base64,AA==", "/abs/d.png"].map(
    (source) => ({ type: "image", source }) as const,
  );
  const moved = moveMedia({ ...sample("1"), input }, (source) => `../x/${source}`);
  expect(moved.input.map((part) => "source" in part && part.source)).toEqual([
    "../x/a.png",
    ...input.slice(1).map(({ source }) => source),
  ]);
  const turns = [{ role: "user", content: [...input, { type: "text", text: "Look." }] } as const];
  const talk = moveMedia(
    { ...sample("2"), turns: [{ ...turns[0]!, content: [...turns[0]!.content] }] },
    () => "b.png",
  );
  expect(talk.turns![0]!.content.map((part) => "source" in part && part.source)).toEqual([
    "b.png",
    ...input.slice(1).map(({ source }) => source),
    false,
  ]);
});

describe("sightline data mix", () => {
  let folder: string;
  const printed: string[] = [];
  const run = async (...words: string[]) => {
    const log = console.log;
    console.log = (line: string) => void printed.push(line);
    printed.length = 0;
    try {
      await mixCommand()
        .exitOverride()
        .configureOutput({ writeErr() {} })
        .parseAsync(words, { from: "user" });
    } finally {
      console.log = log;
    }
  };
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "sightline-mix-"));
    const lines = (n: number, picture: boolean) =>
      Array.from({ length: n }, (_, i) => `${JSON.stringify(sample(String(i), picture))}\n`).join("");
    await writeFile(path.join(folder, "pictures.jsonl"), lines(6, true));
    await writeFile(path.join(folder, "text.jsonl"), lines(2, false));
    await writeFile(path.join(folder, "short.jsonl"), '{"image":"p.png","question":"Who?","answer":"Ada"}\n');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const file = (name: string) => path.join(folder, name);
  const read = async (name: string): Promise<Sample[]> =>
    (await readFile(file(name), "utf8"))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));

  test("writes the mix, moves the pictures' paths, and says what repeats", async () => {
    const out = "mixed/out.jsonl";
    await run(
      file("pictures.jsonl"),
      file("text.jsonl"),
      ...["--weights", "1,1", "--batch-size", "2"],
      ...["--out", file(out)],
    );
    const samples = await read(out);
    expect(printed).toEqual([
      "pictures: 4 of 6, 50.0% (share 50.0%)",
      "text: 4 of 2, 50.0% (share 50.0%), repeated 2.00 times over",
      `wrote 8 Samples to ${file(out)}`,
    ]);
    expect(samples.filter(({ input }) => input.length > 0).map(({ input }) => input[0])).toEqual(
      [0, 1, 2, 3].map((i) => ({ type: "image", source: `../images/${i}.png` })),
    );
    await run(
      file("pictures.jsonl"),
      file("text.jsonl"),
      ...["--sqrt", "--seed", "7", "--count", "50"],
      ...["--out", file("a.jsonl")],
    );
    await run(
      file("pictures.jsonl"),
      file("text.jsonl"),
      ...["--temperature", "2", "--seed", "7", "--count", "50"],
      ...["--out", file("b.jsonl")],
    );
    expect(await read("a.jsonl")).toEqual(await read("b.jsonl"));
  });

  test("takes other formats, and one after the other", async () => {
    await run(file("text.jsonl"), file("short.jsonl"), "--sequential", "--out", file("c.jsonl"));
    expect((await read("c.jsonl")).map(({ id }) => id)).toEqual(["text/0", "text/1", "short/1"]);
    const chat = {
      id: "t",
      image: "p.png",
      conversations: [
        { from: "human", value: "<image>\nWho?" },
        { from: "gpt", value: "Ada" },
      ],
    };
    await writeFile(file("llava.json"), JSON.stringify([chat, { ...chat, id: "u" }]));
    await run(file("llava.json"), file("short.jsonl"), "--sequential", "--out", file("sub/e.jsonl"));
    const mixed = await read("sub/e.jsonl");
    expect(mixed.map(({ id, response }) => [id, response])).toEqual([
      ["llava.json/t", "Ada"],
      ["llava.json/u", "Ada"],
      ["short/1", "Ada"],
    ]);
    for (const { input } of mixed) expect(input).toEqual([{ type: "image", source: "../p.png" }]);
  });

  test("bad rows go to rejects.jsonl and are not drawn; strict names the first; too many stop the run", async () => {
    const bad = file("bad.jsonl");
    await writeFile(
      bad,
      `${JSON.stringify(sample("1"))}\n{"id":"2"}\n{"id"\n${JSON.stringify(sample("3"))}\n`,
    );
    const out = file("rejects/d.jsonl");
    await run(bad, file("text.jsonl"), "--count", "8", "--batch-size", "2", "--out", out);
    expect(printed).toEqual([
      "bad: 4 of 2, 50.0% (share 50.0%), repeated 2.00 times over",
      "text: 4 of 2, 50.0% (share 50.0%), repeated 2.00 times over",
      `wrote 8 Samples to ${out}`,
      `bad rows: 2, see ${file("rejects/rejects.jsonl")}`,
    ]);
    expect(await read("rejects/rejects.jsonl")).toMatchObject([
      { file: bad, line: 2, field: "", problem: expect.stringContaining("must have"), row: '{"id":"2"}' },
      { file: bad, line: 3, field: "", problem: expect.stringContaining("must be JSON") },
    ]);
    await expect(run(bad, "--strict", "--out", file("strict/d.jsonl"))).rejects.toThrow(
      `${bad}:2: must have`,
    );
    expect(await readdir(file("strict"))).toEqual([]);
    await expect(run(bad, "--max-rejects", "1", "--out", file("many/d.jsonl"))).rejects.toThrow(
      "--max-rejects: must be enough for all bad rows, got 2 bad of the first 3.",
    );
    expect(await readdir(file("many"))).toEqual(["rejects.jsonl"]);
  });

  test("--limit writes the first Samples of the same mix, in each way of mixing", async () => {
    for (const way of [["--seed", "4"], ["--batch-size", "4"], ["--sequential"]]) {
      const mixed = [file("pictures.jsonl"), file("text.jsonl"), ...way];
      await run(...mixed, "--out", file("all.jsonl"));
      await run(...mixed, "--limit", "5", "--out", file("first.jsonl"));
      expect(await read("first.jsonl")).toEqual((await read("all.jsonl")).slice(0, 5));
      expect(printed.at(-1)).toBe(`wrote 5 Samples to ${file("first.jsonl")}`);
    }
  });

  test("ids that come twice in a dataset get a number", async () => {
    await writeFile(file("twice.jsonl"), `${JSON.stringify(sample("1"))}\n`.repeat(2));
    await run(file("twice.jsonl"), "--count", "4", "--out", file("f.jsonl"));
    expect((await read("f.jsonl")).map(({ id }) => id)).toEqual([
      ...["twice/1", "twice/1-2", "twice/1#2", "twice/1-2#2"],
    ]);
  });

  test("a stopped run goes on where it was and gives what an unbroken one gives; other options start anew", async () => {
    const png = Buffer.from(
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
      "base64",
    );
    await mkdir(file("images"), { recursive: true });
    for (let i = 0; i < 40; i++) if (i % 8 > 0) await writeFile(file(`images/${i}.png`), png);
    const lines = Array.from({ length: 40 }, (_, i) =>
      i % 10 === 3 ? '{"id":' : JSON.stringify(sample(String(i))),
    );
    await writeFile(file("forty.jsonl"), lines.join("\n"));
    const specs = [file("forty.jsonl"), file("text.jsonl")];
    for (const way of [{}, { batchSize: 6 }, { sequential: true }]) {
      const name = `stopped-${Object.keys(way)}`;
      const settings: MixOptions = {
        ...{ ...way, weights: [3, 1], count: 200, seed: 2, out: file(`${name}/whole.jsonl`) },
        ...{ mediaDir: file(`${name}/media`), maxRejects: { count: 20 } },
      };
      const whole = await mix(specs, settings);
      expect(whole).toMatchObject({ written: 200, rejected: 9 });
      const rejects = await readFile(file(`${name}/rejects.jsonl`), "utf8");
      const out = file(`${name}/again/train.jsonl`);
      const again = { ...settings, out, mediaDir: file(`${name}/media`) };
      for (const stopAt of [1, 47, 110, 111]) {
        const controller = new AbortController();
        const onProgress = (done: number) => done >= stopAt && controller.abort();
        await expect(mix(specs, { ...again, signal: controller.signal, onProgress })).rejects.toThrow(
          "aborted",
        );
        expect((await readdir(path.dirname(out))).sort()).toEqual([
          ...["rejects.jsonl.partial", "train.jsonl.partial", "train.jsonl.partial.json"],
        ]);
      }
      let isCounted = false;
      expect(await mix(specs, { ...again, onCount: () => (isCounted = true) })).toEqual(whole);
      expect(isCounted).toBe(false);
      const paths = (text: string) => text.replaceAll("../media", "media");
      expect(paths(await readFile(out, "utf8"))).toBe(await readFile(settings.out, "utf8"));
      expect(await readFile(file(`${name}/again/rejects.jsonl`), "utf8")).toBe(rejects);
      expect((await readdir(path.dirname(out))).sort()).toEqual(["rejects.jsonl", "train.jsonl"]);
    }
    const out = file("anew/train.jsonl");
    const controller = new AbortController();
    const onProgress = (done: number) => done >= 50 && controller.abort();
    const stopped = mix(specs, { out, count: 100, signal: controller.signal, onProgress });
    await expect(stopped).rejects.toThrow("aborted");
    let counted = 0;
    await mix(specs, { out, count: 100, seed: 1, onCount: (rows) => (counted = rows) });
    expect(counted).toBe(42);
  });

  test("names the option that is wrong, and never writes over a dataset", async () => {
    await expect(run(file("text.jsonl"), "--weights", "1,x", "--out", file("d.jsonl"))).rejects.toThrow(
      "It must be numbers with commas between them, such as 3,1.",
    );
    await expect(run(file("text.jsonl"), "--out", file("d.json"))).rejects.toThrow(
      `--out: must be a .jsonl file, got "${file("d.json")}".`,
    );
    await expect(run(file("text.jsonl"), "--out", file("text.jsonl"))).rejects.toThrow(
      `--out: must not be one of the datasets, got "${file("text.jsonl")}".`,
    );
    await writeFile(file("none.jsonl"), '{"id":"2"}\n');
    await expect(run(file("none.jsonl"), "--out", file("d.jsonl"))).rejects.toThrow(
      "none: must hold at least one good row, got none.",
    );
  });
});
