import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { encodePng } from "../../media/index.ts";
import type { Sample } from "../../spec/index.ts";
import { contentHash } from "../../util/hash.ts";
import { type AdaptOptions, adapt } from "./adapt.ts";
import { exportForTrainer } from "./export-trainer.ts";
import { type InstructionRow, openInstructions } from "./read-instructions.ts";

let folder: string;
let png: Uint8Array;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "sightline-adapt-"));
  png = await encodePng(new Uint8Array(12).fill(9), 2, 2);
  await mkdir(path.join(folder, "in/pictures"), { recursive: true });
  for (const name of ["a.png", "same.png"]) await writeFile(path.join(folder, "in/pictures", name), png);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const at = (...names: string[]) => path.join(folder, ...names);
const lines = (rows: readonly unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const talk = (id: number | string, picture = "pictures/a.png") => ({
  id,
  image: picture,
  conversations: [
    { from: "human", value: "<image>\nWhat?" },
    { from: "gpt", value: "A dog." },
  ],
});

async function put(rows: readonly unknown[], name = "in/data.jsonl"): Promise<string> {
  await writeFile(at(name), lines(rows));
  return at(name);
}
async function samplesOf(spec: string): Promise<Sample[]> {
  const rows: InstructionRow[] = [];
  for await (const row of (await openInstructions(spec)).rows()) rows.push(row);
  return rows.map((row) => {
    if ("problem" in row) throw new Error(JSON.stringify(row));
    return row.sample;
  });
}
const files = async (name: string) =>
  (await readdir(at(name), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(at(name), path.join(entry.parentPath, entry.name)))
    .sort();

describe("pictures are where the new file says", () => {
  test("paths start from the new file; bytes inside rows become files that are kept once", async () => {
    const input = await put([
      talk(1),
      talk(2, `data:image/png;base64,${Buffer.from(png).toString("base64")}`),
      talk(3, "https://example.com/x.png"),
    ]);
    await adapt(input, { format: "sharegpt", out: at("out/deep/data.json") });
    const rows = JSON.parse(await readFile(at("out/deep/data.json"), "utf8")) as { images: string[] }[];
    const digest = contentHash(png).slice(7);
    expect(rows.map(({ images }) => images)).toEqual([
      ["../../in/pictures/a.png"],
      [`media/${digest.slice(0, 2)}/${digest}.png`],
      ["https://example.com/x.png"],
    ]);
    expect(await readFile(at("out/deep", rows[1]!.images[0]!))).toEqual(Buffer.from(png));
  });

  test("OpenAI and Parquet hold the bytes, and give the same conversations back", async () => {
    const input = await put([talk(1), talk(2)]);
    const data = `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
    await adapt(input, { format: "openai", out: at("out/o.jsonl") });
    const [first] = await samplesOf(at("out/o.jsonl"));
    expect(first).toEqual({
      id: "1",
      instruction: "What?",
      response: "A dog.",
      input: [{ type: "image", source: data }],
    });
    const { files: written } = await adapt(input, { format: "hf", out: at("hf/train") });
    expect(written).toEqual([at("hf/train-00000-of-00001.parquet")]);
    expect((await samplesOf(at("hf")))[0]).toEqual(first);
  });

  test("a picture outside the dataset is a bad row unless the dataset is trusted", async () => {
    await writeFile(at("secret.png"), png);
    const input = await put([talk(1), talk(2, "../secret.png"), talk(3, "pictures/none.png")]);
    const options = { format: "openai", out: at("out/o.jsonl") } as const;
    expect(await adapt(input, options)).toMatchObject({ written: 1, rejected: 2 });
    const rejects = (await readFile(at("out/rejects.jsonl"), "utf8")).trim().split("\n");
    expect(rejects.map((line) => JSON.parse(line))).toMatchObject([
      {
        file: input,
        line: 2,
        field: "input",
        problem: expect.stringContaining("must stay inside the folder"),
      },
      { file: input, line: 3, field: "input", problem: expect.stringContaining("must exist") },
    ]);
    expect(await adapt(input, { ...options, trust: true })).toMatchObject({ written: 2 });
  });
});

describe("bad rows", () => {
  const bad = { conversations: [{ from: "bot", value: "x" }] };
  const options = (more: Partial<AdaptOptions> = {}): AdaptOptions => ({
    ...{ format: "llava", out: at("out/data.json") },
    ...more,
  });

  test("go to rejects.jsonl with file, line, field and the row; a clean run leaves none", async () => {
    const input = await put([talk(1), bad, talk(2)]);
    expect(await adapt(input, options())).toMatchObject({ written: 2, rejected: 1 });
    expect(JSON.parse(await readFile(at("out/rejects.jsonl"), "utf8"))).toEqual({
      ...{ file: input, line: 2, field: "conversations[0].from", row: JSON.stringify(bad) },
      problem: 'must be one of "human", "user", "gpt", "assistant", "system"',
    });
    await adapt(await put([talk(1)]), options());
    expect(await files("out")).toEqual(["data.json"]);
  });

  test("strict stops at the first and leaves nothing", async () => {
    const input = await put([talk(1), bad, bad]);
    await expect(adapt(input, options({ strict: true }))).rejects.toThrow(
      `${input}:2, conversations[0].from: must be one of`,
    );
    expect(await files("out")).toEqual([]);
  });

  test("a share counts from the 1,001st row on; the rejects stay to be looked at", async () => {
    const good = Array.from({ length: 940 }, (_, i) => talk(i));
    const input = await put([...Array(60).fill(bad), ...good]);
    expect(await adapt(input, options())).toMatchObject({ written: 940, rejected: 60 });
    await rm(at("out"), { recursive: true });
    const longer = await put([...Array(60).fill(bad), ...good, talk("last")]);
    await expect(adapt(longer, options())).rejects.toThrow(
      `--max-rejects: at most 5% of rows may be bad, got 60 bad of the first 1001. They are in "${at("out/rejects.jsonl")}".`,
    );
    expect(await files("out")).toEqual(["rejects.jsonl"]);
  });

  test("a number counts from the first row on, and a file of bad rows only is an error", async () => {
    const input = await put([bad, talk(1), bad]);
    await expect(adapt(input, options({ maxRejects: { count: 1 } }))).rejects.toThrow("got 2 bad");
    await expect(adapt(await put([bad]), options())).rejects.toThrow(
      "must hold at least one good row, got 1 bad ones",
    );
  });

  test("a stopped run goes on where it was, and gives what an unbroken one gives; other options start anew", async () => {
    const input = await put(Array.from({ length: 500 }, (_, i) => (i % 9 ? talk(i % 100) : bad)));
    for (const format of ["llava", "hf"] as const) {
      const all: AdaptOptions = { format, out: at(`${format}/train.json`), maxRejects: { count: 100 } };
      const whole = await adapt(input, { ...all, out: at(`whole-${format}/train.json`) });
      const reads: number[] = [];
      const stopAt = (rows: number, more: Partial<AdaptOptions> = {}) => {
        const controller = new AbortController();
        const onProgress = (read: number) => {
          reads.push(read);
          if (read === rows) controller.abort();
        };
        return adapt(input, { ...all, ...more, signal: controller.signal, onProgress });
      };
      await expect(stopAt(200)).rejects.toThrow("aborted");
      expect((await files(format)).every((name) => name.includes(".partial"))).toBe(true);
      await expect(stopAt(300)).rejects.toThrow("aborted");
      const report = await stopAt(-1);
      // Every row is worked on once.
      expect(reads).toEqual(Array.from({ length: 500 }, (_, i) => i + 1));
      expect({ ...report, files: [] }).toEqual({ ...whole, files: [] });
      const texts = async (folder: string) => {
        if (format === "llava") return readFile(at(`${folder}/train.json`), "utf8");
        const read = await openInstructions(at(`${folder}/train.json`));
        return JSON.stringify(
          (await Array.fromAsync(read.rows())).map((row) => "sample" in row && row.sample),
        );
      };
      expect(await texts(format)).toBe(await texts(`whole-${format}`));
      expect(await readFile(at(`${format}/rejects.jsonl`), "utf8")).toBe(
        await readFile(at(`whole-${format}/rejects.jsonl`), "utf8"),
      );
      expect((await files(format)).some((name) => name.includes("partial"))).toBe(false);
    }
    const out = at("other/train.jsonl");
    const options = { format: "llava", out, maxRejects: { count: 100 } } as const;
    const controller = new AbortController();
    const stopped = adapt(input, {
      ...{ ...options, signal: controller.signal },
      onProgress: (read) => read === 100 && controller.abort(),
    });
    await expect(stopped).rejects.toThrow("aborted");
    let first = 0;
    await adapt(input, { ...options, keepExtra: true, onProgress: (read) => (first ||= read) });
    expect(first).toBe(1);
  });

  test("a run that was killed goes on from its last thousand rows", async () => {
    const input = await put(Array.from({ length: 2500 }, (_, i) => talk(i)));
    const out = at("killed/train.jsonl");
    const controller = new AbortController();
    const options = { format: "llava", out } as const;
    // What a kill leaves: the state of the last checkpoint, and more in the partial file than it says.
    let state = "";
    const stopped = adapt(input, {
      ...{ ...options, signal: controller.signal },
      onProgress: (read) => {
        if (read === 1001) state = readFileSync(`${out}.partial.json`, "utf8");
        if (read === 1500) controller.abort();
      },
    });
    await expect(stopped).rejects.toThrow("aborted");
    await writeFile(`${out}.partial.json`, state);
    let first = 0;
    const report = await adapt(input, { ...options, onProgress: (read) => (first ||= read) });
    expect([first, report.written]).toEqual([1001, 2500]);
    const ids = (await readFile(out, "utf8"))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).id);
    expect(new Set(ids).size).toBe(2500);
    // A state whose partial file is gone is none.
    await writeFile(`${out}.partial.json`, state);
    expect(await adapt(input, options)).toMatchObject({ written: 2500 });
    expect((await readFile(out, "utf8")).trimEnd().split("\n")).toHaveLength(2500);
  });
});

describe("what becomes of the samples", () => {
  const question = (id: number, dataset: string, type: string): Sample => ({
    ...{ id: `q${id}`, instruction: "How many?", input: [{ type: "image", source: "pictures/a.png" }] },
    ...{ response: "two", answerType: "short", type, provenance: { dataset } },
  });

  test("one template a sample, the same for the same seed", async () => {
    const input = await put(Array.from({ length: 40 }, (_, i) => question(i, "d", "t")));
    const run = async (seed: number) => {
      const out = at(`out/${seed}.jsonl`);
      await adapt(input, { format: "samples", out, template: "vqa", seed });
      return (await samplesOf(out)).map(({ instruction }) => instruction);
    };
    const first = await run(1);
    expect(new Set(first).size).toBeGreaterThan(4);
    expect(await run(1)).toEqual(first);
    expect(await run(2)).not.toEqual(first);
  });

  test("a dataset or a task is held out in a file of its own", async () => {
    const input = await put([
      question(1, "vqa", "count"),
      question(2, "gqa", "count"),
      question(3, "vqa", "colour"),
    ]);
    const options = { format: "samples", out: at("out/in.jsonl"), heldOut: at("out/out.jsonl") } as const;
    const report = await adapt(input, { ...options, holdOut: ["gqa", "colour"] });
    expect(report).toMatchObject({ written: 1, heldOut: 2 });
    expect((await samplesOf(at("out/out.jsonl"))).map(({ id }) => id)).toEqual(["q2", "q3"]);
    await expect(adapt(input, { ...options, holdOut: ["color"] })).rejects.toThrow(
      '--hold-out: must name a dataset or task that the rows have (colour, count, gqa, short, vqa), got "color". Did you mean colour?',
    );
  });

  test("what is held out is another split of the same folder, and splits are never read as one", async () => {
    const input = await put([question(1, "vqa", "count"), question(2, "gqa", "count")]);
    const options = { format: "hf", out: at("hf/train"), heldOut: at("hf/test") } as const;
    await adapt(input, { ...options, holdOut: ["gqa"] });
    await expect(samplesOf(at("hf"))).rejects.toThrow(
      `"${at("hf")}": must hold the shards of one split, got test and train. Name one, such as ${at("hf/test")}.`,
    );
    expect((await samplesOf(at("hf/test"))).map(({ id }) => id)).toEqual(["q2"]);
    expect((await samplesOf(at("hf/train"))).map(({ id }) => id)).toEqual(["q1"]);
    await expect(adapt(input, options)).rejects.toThrow("must hold no train shards yet");
  });

  test("ids that come twice get a number, and never one that is taken", async () => {
    const input = await put([talk("x"), talk("x"), talk("x-2"), talk("x")]);
    const report = await adapt(input, { format: "llava", out: at("out/data.json") });
    expect(report.renamed).toBe(3);
    const ids = (await samplesOf(at("out/data.json"))).map(({ id }) => id);
    expect(new Set(ids).size).toBe(4);
    expect(ids[0]).toBe("x");
  });

  test("says how often each field had no place", async () => {
    const input = await put([question(1, "a", "t"), { ...question(2, "a", "t"), rationale: "I see two." }]);
    const { lost } = await adapt(input, { format: "llava", out: at("out/data.jsonl") });
    expect(Object.fromEntries(lost)).toEqual({ answerType: 2, type: 2, provenance: 2, rationale: 1 });
    const kept = await adapt(input, {
      format: "llava",
      out: at("out/data.jsonl"),
      keepExtra: true,
    });
    expect(kept.lost.size).toBe(0);
    await adapt(at("out/data.jsonl"), { format: "samples", out: at("in/back.jsonl") });
    expect(await samplesOf(at("in/back.jsonl"))).toEqual(await samplesOf(input));
    await adapt(input, { format: "hf", out: at("hf/train"), keepExtra: true });
    const [, back] = await samplesOf(at("hf"));
    expect(back).toMatchObject({ rationale: "I see two.", type: "t", provenance: { dataset: "a" } });
  });
});

describe("folders for trainers", () => {
  test("LLaMA-Factory: rows, pictures kept once, and the entry that maps them", async () => {
    const input = await put([
      talk(1),
      talk(2, "pictures/same.png"),
      { ...talk(3), image: undefined, conversations: [{ from: "human", value: "Hi" }] },
    ]);
    const out = at("my set");
    const report = await exportForTrainer("llama-factory", input, { out });
    expect(report).toMatchObject({ written: 2, rejected: 1 });
    const digest = contentHash(png).slice(7);
    const picture = `media/${digest.slice(0, 2)}/${digest}.png`;
    expect(await files("my set")).toEqual(["dataset_info.json", picture, "rejects.jsonl", "train.jsonl"]);
    const rows = (await readFile(at("my set/train.jsonl"), "utf8")).trim().split("\n");
    expect(JSON.parse(rows[1]!)).toEqual({
      id: "2",
      messages: [
        { role: "user", content: "<image>\nWhat?" },
        { role: "assistant", content: "A dog." },
      ],
      images: [picture],
    });
    const info = JSON.parse(await readFile(at("my set/dataset_info.json"), "utf8"));
    expect(info).toEqual({
      my_set: {
        ...{ file_name: "train.jsonl", formatting: "sharegpt" },
        columns: { messages: "messages", images: "images" },
        tags: {
          ...{ role_tag: "role", content_tag: "content", system_tag: "system" },
          ...{ user_tag: "user", assistant_tag: "assistant" },
        },
      },
    });
    expect(report.command).toContain(`dataset=my_set dataset_dir="${out}" media_dir="${out}"`);
    await expect(exportForTrainer("llama-factory", input, { out })).rejects.toThrow(
      "--out: must be a new or empty folder",
    );
  });

  test("a run that stopped at bad rows may be run again into the same folder", async () => {
    const input = await put([talk(1), { conversations: [] }]);
    const out = at("again");
    const once = exportForTrainer("ms-swift", input, { out, maxRejects: { count: 0 } });
    await expect(once).rejects.toThrow("--max-rejects: must be enough for all bad rows, got 1 bad");
    expect(await exportForTrainer("ms-swift", input, { out })).toMatchObject({ written: 1, rejected: 1 });
  });

  test("ms-swift keeps the messages that are not learned; TRL's shards declare their pictures", async () => {
    const turns = [
      { role: "user", content: [{ type: "text", text: "Hi" }] },
      { role: "assistant", content: [{ type: "text", text: "Hello" }], loss: false },
    ];
    const sample = {
      id: "1",
      turns,
      instruction: "What?",
      input: [{ type: "image", source: "pictures/a.png" }],
      response: "A dog.",
    };
    const input = await put([sample]);
    await exportForTrainer("ms-swift", input, { out: at("swift") });
    const row = JSON.parse(await readFile(at("swift/train.jsonl"), "utf8"));
    expect(row.messages[1]).toEqual({ role: "assistant", content: "Hello", loss: false });
    await exportForTrainer("trl", input, { out: at("trl") });
    const shard = await readFile(at("trl/train-00000-of-00001.parquet"));
    const { parquetMetadata } = await import("hyparquet");
    const { key_value_metadata: facts } = parquetMetadata(new Uint8Array(shard).buffer);
    const features = JSON.parse(facts!.find(({ key }) => key === "huggingface")!.value!).info.features;
    expect(features.images).toEqual([{ _type: "Image" }]);
    const [back] = await samplesOf(at("trl"));
    expect(back).toMatchObject({ id: "1", instruction: "What?", response: "A dog." });
  });
});
