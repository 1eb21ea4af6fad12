import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { cleanRow, cleanRowsOf, writePictures } from "../data/check/testing/clean-data.ts";
import { checkCommand } from "./data-check.ts";
import { main } from "./main.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "sightline-check-cli-"));
  await writePictures(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs `sightline data check …` in this process; gives what it printed and its exit code. */
async function run(...words: string[]): Promise<{ printed: string[]; code: number }> {
  const printed: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((line) => void printed.push(line));
  try {
    await checkCommand()
      .exitOverride()
      .configureOutput({ writeErr() {} })
      .parseAsync(words, { from: "user" });
    return { printed, code: Number(process.exitCode ?? 0) };
  } finally {
    process.exitCode = 0;
    log.mockRestore();
  }
}

async function write(name: string, rows: unknown[]): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  return file;
}

test("clean data end with 0; every pass tells its rate, and no image token is cut", async () => {
  const file = await write("clean.jsonl", cleanRowsOf("llava"));
  const passes = [
    "--max-tokens",
    "700",
    "--near-duplicates",
    "--against",
    await write("held.jsonl", [cleanRow("short", 0)]),
  ];
  const { printed, code } = await run(file, "--no-media", ...passes);
  expect(code).toBe(0);
  expect(printed[0]).toMatch(/^tokens: the longest row has \d+; 0 of 10368 image tokens are cut at 700$/);
  expect(printed[1]).toMatch(
    /^24 rows, 0 unusable; 0 errors \(structure \d+\/s, tokens \d+\/s, near-duplicates \d+\/s, contamination \d+\/s\)$/,
  );
});

test("errors end with 1, and are in the terminal, the JSON and the page, where what a row says is only text", async () => {
  const attack = "<script>alert(1)</script>";
  const rows = [
    { ...cleanRow("sample", 0), id: attack, response: "" },
    { ...cleanRow("sample", 1), input: [{ type: "image", source: "images/0.jpg" }] },
    { ...cleanRow("sample", 2), regions: [{ label: "x", box: [1, 1, 2, 200] }] },
  ];
  const file = await write("bad.jsonl", rows);
  const [page, json] = [path.join(folder, "report.html"), path.join(folder, "found.json")];
  const { printed, code } = await run(file, "--report", page, "--json", json);
  expect(code).toBe(1);
  expect(printed.slice(0, 2)).toEqual([
    "error empty-response: 1",
    `  ${file}:1 response: the response must not be empty`,
  ]);
  const found = JSON.parse(await readFile(json, "utf8"));
  expect(found).toMatchObject({ files: [file], rows: 3, errors: 3, histograms: { responses: 4 } });
  expect(found.findings.map(({ check, where }: { check: string; where: string }) => [check, where])).toEqual([
    ["empty-response", `${file}:1`],
    ["missing-media", `${file}:2`],
    ["box", `${file}:3`],
  ]);
  const text = await readFile(page, "utf8");
  expect(text).not.toContain(attack);
  expect(text).toContain("&lt;script&gt;alert(1)");
  expect(text).toContain('<img src="data:image/png;base64,');
  expect(text).toContain("default-src &#39;none&#39;");
});

test("limits: rows are left out, findings are counted but not kept; a file that is none is named", async () => {
  const rows = Array.from({ length: 9 }, (_, i) => ({ ...cleanRow("sample", 0), id: `${i}`, response: "" }));
  const file = await write("many.jsonl", rows);
  const json = path.join(folder, "many.json");
  await run(file, "--no-media", "--limit", "5", "--max-findings", "2", "--json", json);
  const found = JSON.parse(await readFile(json, "utf8"));
  expect(found.counts).toContainEqual({ check: "empty-response", severity: "error", count: 5 });
  expect(found.findings.filter(({ check }: { check: string }) => check === "empty-response")).toHaveLength(2);
  await expect(run(path.join(folder, "none.jsonl"))).rejects.toThrow('none.jsonl": must exist, got ENOENT.');
  await expect(run(folder)).rejects.toThrow("must hold one of samples.jsonl, questions.jsonl, questions.csv");
});

test("a benchmark can be checked, and be what data is checked against, with its pictures where they are", async () => {
  const pope = path.join(folder, "pope");
  await mkdir(pope, { recursive: true });
  await copyFile(path.join(folder, "images/evaluation.png"), path.join(pope, "a.png"));
  const line = (question_id: number, label: string) =>
    JSON.stringify({ question_id, image: "a.png", text: "Is there a heron in the picture?", label });
  await writeFile(path.join(pope, "coco_pope_random.json"), `${line(1, "yes")}\n${line(2, "perhaps")}\n`);
  const spec = `pope@random:${pope}`;
  const json = path.join(folder, "pope-found.json");
  const own = await run(spec, "--json", json);
  expect(own.code).toBe(1);
  const { findings } = JSON.parse(await readFile(json, "utf8"));
  expect(findings).toEqual([
    expect.objectContaining({
      check: "schema",
      where: `${path.join(pope, "coco_pope_random.json")}:2`,
      field: "label",
    }),
  ]);
  const chat = {
    id: "x",
    image: "images/evaluation.png",
    conversations: [
      { from: "human", value: "<image>\nIs there a heron in the picture?" },
      { from: "gpt", value: "Yes, one stands in the water." },
    ],
  };
  const leaked = await run(await write("leaked.jsonl", [chat]), "--against", spec);
  expect(leaked.code).toBe(1);
  expect(leaked.printed[1]).toContain(`asks the same question about the same picture as ${spec}:1`);
});

test("Ctrl-C ends with one line and 130", async () => {
  const file = await write("many.jsonl", cleanRowsOf("llava"));
  const said: string[] = [];
  const stderr = vi.spyOn(process.stderr, "write").mockImplementation((text) => said.push(String(text)) > 0);
  try {
    const before = process.listenerCount("SIGINT");
    const running = main(["data", "check", file]);
    await vi.waitFor(() => expect(process.listenerCount("SIGINT")).toBe(before + 1), {
      ...{ interval: 0, timeout: 20_000 },
    });
    process.emit("SIGINT");
    await running;
    expect([said, process.exitCode]).toEqual([["sightline: stopped with Ctrl-C\n"], 130]);
  } finally {
    process.exitCode = 0;
    stderr.mockRestore();
  }
});
