import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test, vi } from "vitest";
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

test("an unknown split and a silly count are refused by name", async () => {
  await expect(run("scenes", "--out", "x", "--split", "tset")).rejects.toThrow(
    "error: option '--split <name>' argument 'tset' is invalid. It must be one of train, val, test, test-style. Did you mean test?",
  );
  await expect(run("scenes", "--out", "x", "--count", "-3")).rejects.toThrow(
    "error: option '--count <n>' argument '-3' is invalid. It must be a whole number from 1 up.",
  );
  await expect(run("scenes")).rejects.toThrow("error: required option '--out <dir>' not specified");
});
