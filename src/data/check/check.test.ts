// The heart of the checks: every kind of fault, put into clean data of every format, is found in its row by its check,
// and nothing is said about the clean data.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRng } from "../../util/rng.ts";
import {
  type CheckResult,
  contaminationCheck,
  mediaCheck,
  nearDuplicates,
  runChecks,
  structurePass,
  tokenLength,
} from "./index.ts";
import type { Check, RowValue } from "./row-view.ts";
import {
  cleanRows,
  cleanRowsOf,
  type FormatName,
  formatNames,
  rowLayouts,
  writePictures,
} from "./testing/clean-data.ts";
import { evaluationQuestion, evaluationText, type FaultContext, faults } from "./testing/faults.ts";
import { writeRows } from "./testing/write-rows.ts";

/** A table has its header first. */
const firstLines: Partial<Record<FormatName, number>> = { csv: 2, tsv: 2 };
let folder: string;
// These two remember pictures, not rows, so that all tests share them.
const media = mediaCheck();
let contamination: Check;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "sightline-check-"));
  await writePictures(folder);
  const evaluation = path.join(folder, "evaluation.jsonl");
  const rows = [
    { image: "images/evaluation.png", question: evaluationQuestion, answer: "a square and a star" },
    { image: "images/evaluation.png", question: "What is written there?", answer: evaluationText },
  ];
  await writeFile(evaluation, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  contamination = await contaminationCheck([evaluation]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const toJpeg: FaultContext["toJpeg"] = (bytes, { orientation, width, height }) =>
  sharp(bytes)
    .resize(width, height, { fit: "fill" })
    .withMetadata(orientation ? { orientation } : {})
    .jpeg({ quality: 60 })
    .toBuffer();

async function check(format: FormatName, rows: (RowValue | Buffer)[]): Promise<CheckResult> {
  const file = await writeRows(folder, format, rows);
  const countTokens = (text: string) => text.split(/\s+/).filter(Boolean).length;
  return runChecks(
    [file],
    [
      structurePass(),
      { name: "media", checks: [media] },
      { name: "tokens", checks: [tokenLength({ maxTokens: 1000, tokensPerImage: 100, countTokens })] },
      { name: "near-duplicates", checks: [nearDuplicates()] },
      { name: "contamination", checks: [contamination] },
    ],
  );
}

test("at least 20 kinds of fault are tried on each format", () => {
  for (const format of formatNames) {
    const kinds = faults.filter(({ formats }) => !formats || formats.includes(format));
    expect(kinds.length, format).toBeGreaterThanOrEqual(20);
  }
});

describe.each(formatNames)("%s", (format) => {
  test("nothing is said about clean data", async () => {
    const { findings, rows, rejected, passes } = await check(format, cleanRowsOf(format));
    expect(findings).toEqual([]);
    expect([rows, rejected, passes.length]).toEqual([cleanRows, 0, 5]);
  });

  const own = faults.filter(({ formats }) => !formats || formats.includes(format));
  test.each(own.map((fault) => [fault.name, fault] as const))("%s", async (_, fault) => {
    for (const seed of [1, 2]) {
      const rng = createRng("faults", seed, fault.name, format);
      const rows: (RowValue | Buffer)[] = cleanRowsOf(format);
      // The clean rows that have a picture and a free text in every format; never the first ones alone.
      const at = rng.pick([4, 16]);
      const injected = await fault.inject(rows[at] as RowValue, rowLayouts[format], {
        folder,
        rng,
        toJpeg,
        prefix: `${format}-${seed}`,
      });
      if (injected && "raw" in injected) rows[at] = injected.raw;
      if (injected && "after" in injected) rows.splice(at + 1, 0, injected.after);
      const { findings, counts } = await check(format, rows);
      const found = findings.filter(({ check: name }) => name === (fault.checkIn?.[format] ?? fault.check));
      // Line by line in all formats: the list in a .json file has an item on each line too.
      const first = firstLines[format] ?? 1;
      const line = at + first + (injected && "after" in injected ? 1 : 0);
      expect(found.map(({ where }) => where.split(":").pop())).toContain(String(line));
      // Nothing is said about the other rows.
      const others = findings.filter(
        ({ where }) => ![at + first, line].includes(Number(where.split(":").pop())),
      );
      expect(others).toEqual([]);
      expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(findings.length);
    }
  });
});
