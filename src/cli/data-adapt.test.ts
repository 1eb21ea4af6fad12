import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { dataCommand } from "./data.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "sightline-data-adapt-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs `sightline data …` in this process; gives what it printed. */
async function run(...words: string[]): Promise<string> {
  const printed: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((line) => void printed.push(line));
  try {
    const command = dataCommand();
    for (const each of [command, ...command.commands]) each.exitOverride().configureOutput({ writeErr() {} });
    await command.parseAsync(words, { from: "user" });
  } finally {
    log.mockRestore();
  }
  return printed.join("\n");
}

test("a bundled dataset becomes LLaVA data, with a task held out", async () => {
  const out = path.join(folder, "data.json");
  const printed = await run(
    ...["adapt", "scenes:demo", "--to", "llava", "--out", out],
    ...["--template", "vqa", "--hold-out", "reading"],
  );
  const held = path.join(folder, "data.held-out.json");
  expect(printed).toContain(`wrote 178 samples to ${out} and ${held}\nheld out: 22`);
  expect(printed).toMatch(/no place in this format: .*regions \(200\).*; --keep-extra stores them/);
  const rows = JSON.parse(await readFile(held, "utf8")) as { conversations: { value: string }[] }[];
  expect(rows).toHaveLength(22);
  expect(rows[0]!.conversations[0]!.value).toMatch(/^<image>\n.*(short|three words|single word)/is);
});

test("a name that does not fit the format is said before anything is read", async () => {
  await expect(run("adapt", "none.json", "--to", "openai", "--out", "a.json")).rejects.toThrow(
    '--out: must be a .jsonl file for openai, got "a.json".',
  );
  const used = path.join(folder, "used.jsonl");
  await writeFile(used, "");
  await expect(run("adapt", "scenes:demo", "--to", "hf", "--out", used)).rejects.toThrow(
    "must be in a folder that can be written",
  );
  await expect(run("adapt", "a", "--to", "hf", "--out", "b", "--max-rejects", "lots")).rejects.toThrow(
    "It must be a whole number or a share such as 5%.",
  );
});

test("export prints the command that trains", async () => {
  const out = path.join(folder, "swift");
  const printed = await run("export", "ms-swift", "scenes:demo", "--out", out, "--limit", "3");
  expect(printed).toContain(`train: ROOT_IMAGE_DIR="${out}" swift sft --model MODEL`);
  expect((await readdir(out)).sort()).toEqual(["media", "train.jsonl"]);
});

test("show marks what is learned without colour when it does not write to a terminal", async () => {
  const printed = await run("show", "scenes:demo", "--limit", "1");
  expect(printed).toBe(
    "scenes:demo:1  test-7-00000-reading  66 tokens, 7 learned\n" +
      "<|bos|><|user|><image×49> Which word is in the picture?<|assistant|>« CLIMB<|eos|>»\n",
  );
  expect(await run("show", "scenes:demo", "--limit", "1", "--as", "instruction")).toContain(
    "### Instruction: Which word is in the picture?\n### Input: <image×49>\n### Response:« CLIMB<|eos|>»",
  );
});

test("Ctrl-C leaves what is done, says so, and the same command finishes it", async () => {
  const input = path.join(folder, "in.jsonl");
  const row = JSON.stringify({ conversations: [{ from: "human", value: "Hi ".repeat(300) }] });
  await writeFile(input, `${row}\n`.repeat(80_000));
  const root = path.resolve(import.meta.dirname, "../..");
  const out = path.join(folder, "out");
  const command = [path.join(root, "bin/sightline.js"), "data", "adapt", input];
  const child = spawn(process.execPath, [
    ...command,
    "--to",
    "sharegpt",
    "--out",
    path.join(out, "data.json"),
  ]);
  let said = "";
  child.stderr.on("data", (bytes) => {
    said += bytes;
  });
  // The temporary file says that rows are being written.
  await vi.waitFor(async () => expect((await readdir(out)).length).toBeGreaterThan(0), { timeout: 60_000 });
  child.kill("SIGINT");
  const [code] = await once(child, "exit");
  expect([code, said]).toEqual([130, "stopped; the same command goes on from there\n"]);
  expect((await readdir(out)).every((name) => name.includes(".partial"))).toBe(true);
  const again = spawn(process.execPath, [
    ...command,
    "--to",
    "sharegpt",
    "--out",
    path.join(out, "data.json"),
  ]);
  expect(await once(again, "exit")).toEqual([0, null]);
  expect(await readdir(out)).toEqual(["data.json"]);
  expect(JSON.parse(await readFile(path.join(out, "data.json"), "utf8"))).toHaveLength(80_000);
}, 180_000);
