import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test, vi } from "vitest";
import { openDataset } from "../data/formats/index.ts";
import { taskFor } from "../eval/tasks/index.ts";
import { dataCommand } from "./data.ts";

/** Runs `sightline data …` in this process; gives what it printed. */
async function run(...words: string[]): Promise<string[]> {
  const printed: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((line) => void printed.push(line));
  try {
    const command = dataCommand();
    for (const each of [command, ...command.commands]) each.exitOverride().configureOutput({ writeErr() {} });
    await command.parseAsync(words, { from: "user" });
  } finally {
    log.mockRestore();
  }
  return printed;
}

test("writes a set, says what it wrote, and names the licence of share-alike art", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "sightline-data-"));
  try {
    const out = path.join(folder, "set");
    const printed = await run("scenes", "--out", out, "--count", "9", "--seed", "4", "--split", "test-style");
    const pictures = await readdir(path.join(out, "images"));
    expect(printed).toEqual([
      `wrote 9 questions about ${pictures.length} pictures to ${out}`,
      "These pictures are OpenMoji art (CC BY-SA 4.0): name it and share alike when you pass them on.",
    ]);
    await expect(run("scenes", "--out", out)).rejects.toThrow(
      `--out: must be a new or empty folder, got "${out}" with 2 entries. Add --force to write into it anyway.`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("makes POPE's questions of annotated pictures, with paths that start from the file", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "sightline-pope-"));
  try {
    const annotations = path.join(folder, "annotations.jsonl");
    const line = (image: string, ...objects: string[]) => `${JSON.stringify({ image, objects })}\n`;
    await writeFile(annotations, line("a.png", "dog") + line("b.png", "owl") + line("c.png"));
    const out = path.join(folder, "probes", "pope.jsonl");
    const printed = await run("pope", annotations, "--out", out, "--images", folder, "--per-picture", "1");
    expect(printed).toEqual([
      `wrote 12 questions about 2 of 3 pictures to ${out}`,
      "The pictures are outside the folder of that file: ask it with --trust-dataset.",
    ]);
    const { samples, task } = await openDataset(out);
    expect(task).toBe("pope");
    expect(samples.slice(0, 4).map(({ instruction, response }) => [instruction, response])).toEqual([
      ["Is there a dog in the image?", "yes"],
      ["Is there an owl in the image?", "no"],
      ["Is there an owl in the image?", "yes"],
      ["Is there a dog in the image?", "no"],
    ]);
    expect(samples[0]!.input).toEqual([{ type: "image", source: path.join("..", "a.png") }]);
    const written = await readFile(out, "utf8");
    await run("pope", annotations, "--out", path.join(folder, "again.jsonl"), "--per-picture", "1");
    const again = await readFile(path.join(folder, "again.jsonl"), "utf8");
    expect(again).toBe(written.replaceAll("../", ""));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("asks for captions of annotated pictures, scored by CHAIR", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "sightline-chair-"));
  try {
    const annotations = path.join(folder, "annotations.jsonl");
    const line = (image: string, ...objects: string[]) => `${JSON.stringify({ image, objects })}\n`;
    await writeFile(annotations, line("a.png", "dog", "bench") + line("b.png", "owl") + line("c.png"));
    const out = path.join(folder, "captions.jsonl");
    expect(await run("chair", annotations, "--out", out)).toEqual([
      `wrote 2 questions about 2 of 3 pictures to ${out}`,
    ]);
    const dataset = await openDataset(out);
    expect(dataset.samples[0]).toMatchObject({ response: "dog, bench", answerType: "caption" });
    const { scorer } = await taskFor(dataset);
    // The owl is an object because another picture has it; a chair is none here.
    expect(scorer.score("two dogs, an owl and a chair", dataset.samples[0]!)).toEqual({
      ...{ score: 0.5, answer: "dog, owl", reason: "not there: owl" },
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("an unknown split and a silly count are refused by name", async () => {
  await expect(run("scenes", "--out", "x", "--split", "tset")).rejects.toThrow(
    "error: option '--split <name>' argument 'tset' is invalid. It must be one of train, val, test, test-style. Did you mean test?",
  );
  await expect(run("scenes", "--out", "x", "--count", "-3")).rejects.toThrow(
    "error: option '--count <n>' argument '-3' is invalid. It must be a whole number from 1 up.",
  );
  await expect(run("scenes")).rejects.toThrow("error: required option '--out <dir>' not specified");
});
