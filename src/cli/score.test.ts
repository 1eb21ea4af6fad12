import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { main } from "./main.ts";

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "score-"));
  file = path.join(folder, "p.jsonl");
  const rows = [
    { id: "a", prediction: "Jan 5 2019", answers: ["January 5, 2019"] },
    { id: "b", prediction: "x", answers: ["y"] },
  ];
  await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
  process.exitCode = 0;
});

/** Runs the command line in this process. */
async function sightline(...args: string[]) {
  const texts = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((stream) =>
    vi.spyOn(process[stream], "write").mockImplementation((text) => {
      texts[stream] += String(text);
      return true;
    }),
  );
  process.exitCode = 0;
  await main(args);
  for (const spy of spies) spy.mockRestore();
  return { ...texts, code: process.exitCode };
}

test("prints a table, or JSON with every item", async () => {
  const table = await sightline("score", file, "--metric", "anls");
  expect(table.stdout).toMatch(/: anls, 2 scored\n\nscore {2}33\.3% {2}95% interval /);
  const { stdout, stderr, code } = await sightline("score", file, "--metric", "anls", "--json");
  expect([stderr, code]).toEqual(["", 0]);
  expect(JSON.parse(stdout)).toEqual({
    metric: "anls",
    items: [
      { id: "a", score: expect.closeTo(2 / 3, 12) },
      { id: "b", score: 0 },
    ],
    summary: { score: expect.closeTo(1 / 3, 12), interval: [0, expect.any(Number)], n: 2 },
  });
});

test("bad input is one line and exit code 2", async () => {
  await writeFile(file, '{"id": "a", "prediction": "x"}\n');
  expect(await sightline("score", file, "--metric", "anls")).toEqual({
    ...{ stdout: "", code: 2 },
    stderr: `sightline: ${file}:1: answers: must be text or a list of texts.\n`,
  });
  const { stderr, code } = await sightline("score", file, "--metric", "rogue-l");
  expect(stderr).toMatch(
    /^sightline: metric: must be one of exact, .*, got "rogue-l"\. Did you mean rouge-l\?\n$/,
  );
  expect(code).toBe(2);
  const without = await sightline("score", file);
  expect(without).toEqual({
    ...{ stdout: "", code: 2 },
    stderr: "sightline: required option '-m, --metric <name>' not specified. Try --help.\n",
  });
});

test("help lists every metric", async () => {
  const { stdout } = await sightline("score", "--help");
  for (const name of ["exact", "vqa", "anls", "pope", "mme", "bleu", "rouge-l", "cider", "iou", "format"]) {
    expect(stdout).toContain(`\n  ${name} `);
  }
});
