import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDataset } from "../formats/index.ts";
import { loadWorldOf, sceneSamples } from "./dataset.ts";
import { writeScenes } from "./write-scenes.ts";

const world = await loadWorldOf({ split: "test" });
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "sightline-scenes-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const set = { split: "test", count: 12, seed: 3 } as const;

test("writes pictures and samples that read back as the set in memory", async () => {
  const out = path.join(folder, "new", "set");
  const seen: number[] = [];
  const written = await writeScenes(set, { out, world, onProgress: (done) => seen.push(done) });
  expect(written.questions).toBe(12);
  expect(seen.at(-1)).toBe(12);
  expect((await readdir(out)).sort()).toEqual(["images", "samples.jsonl"]);
  const pictures = await readdir(path.join(out, "images"));
  expect(pictures.length).toBe(written.pictures);
  const { samples } = await openDataset(path.join(out, "samples.jsonl"));
  const memory = await sceneSamples(set, { world });
  const withoutSource = (list: typeof memory) =>
    list.map(({ input, ...rest }) => ({ ...rest, hash: input[0]!.type === "image" && input[0].hash }));
  expect(withoutSource(samples)).toEqual(withoutSource(memory));
  for (const { input } of samples)
    expect(pictures).toContain(path.basename(input[0]!.type === "image" ? input[0].source : ""));
});

test("a folder with files is left alone unless forced", async () => {
  await writeFile(path.join(folder, "mine.txt"), "mine");
  await expect(writeScenes(set, { out: folder })).rejects.toThrow(
    `--out: must be a new or empty folder, got "${folder}" with 1 entry. Add --force to write into it anyway.`,
  );
  expect(await readdir(folder)).toEqual(["mine.txt"]);
  await writeScenes(set, { out: folder, force: true, world });
  expect((await readdir(folder)).sort()).toEqual(["images", "mine.txt", "samples.jsonl"]);
  expect(await readFile(path.join(folder, "mine.txt"), "utf8")).toBe("mine");
});

test("a path below a file cannot be written", async () => {
  const file = path.join(folder, "file");
  await writeFile(file, "");
  for (const out of [file, path.join(file, "below")])
    await expect(writeScenes(set, { out, force: out === file, world })).rejects.toThrow(
      `--out: must be a folder that can be written, got "${out}" (it is a file, or below one).`,
    );
});
