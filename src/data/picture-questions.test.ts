import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { encodePng } from "../media/index.ts";
import { readPictureSet } from "./picture-questions.ts";

let dir: string;
const count = 24;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "sightline-own-"));
  for (let i = 0; i < count; i++) {
    const pixels = new Uint8Array(8 * 8 * 3).fill(i * 10);
    await writeFile(path.join(dir, `${i}.png`), await encodePng(pixels, 8, 8));
  }
});
afterAll(() => rm(dir, { recursive: true }));

async function write(rows: object[]): Promise<string> {
  const file = path.join(dir, "own.jsonl");
  await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  return file;
}

const rows = Array.from({ length: count }, (_, i) => [
  { image: `${i}.png`, question: "How grey?", answer: `${i}`, type: "grey" },
  { image: `${i}.png`, question: "Is it grey?", answer: "yes" },
]).flat();

test("every picture is kept once, at the model's size, with all its questions", async () => {
  const { pixels, train, val } = await readPictureSet(await write(rows), { side: 16, validation: 0.25 });
  expect(pixels.byteLength).toBe(count * 16 * 16 * 3);
  expect(train.length + val.length).toBe(count);
  expect(val.length).toBeGreaterThan(0);
  const all = [...train, ...val];
  expect(new Set(all.map(({ picture }) => picture)).size).toBe(count);
  for (const { picture, questions } of all) {
    expect(questions).toEqual([
      { type: "grey", question: "How grey?", answer: `${picture}` },
      { type: "own", question: "Is it grey?", answer: "yes" },
    ]);
    expect(new Uint8Array(pixels, picture * 768, 768).every((value) => value === picture * 10)).toBe(true);
  }
});

test("a program of lines comes with its question: as the Sample says, or from the gold program of a chart", async () => {
  const lines = "A=ask(image=IMAGE)\nRESULT(var=A.answer)";
  const steps = [
    { op: "values", series: "dogs", label: "Monday" },
    { op: "values", series: "dogs", label: "Friday" },
    { op: "minus", of: [0, 1] },
  ];
  const file = await write(
    rows.map(({ image: source, ...row }, i) => ({
      ...{
        id: `${i}`,
        instruction: "How many more dogs were sold on Friday than on Monday?",
        input: [{ type: "image", source }],
        response: row.answer,
      },
      extra: i % 2 === 0 ? { lineProgram: lines } : { program: steps },
    })),
  );
  const { train } = await readPictureSet(file, { side: 16, validation: 0.25 });
  for (const { questions } of train)
    expect(questions.map(({ program }) => program)).toEqual([
      lines,
      'A=query_chart(image=IMAGE, operation="difference", of=" dogs, Friday, Monday")\nRESULT(var=A.answer)',
    ]);
});

test("what cannot be trained on is refused by name", async () => {
  const options = { side: 16, validation: 0.25 };
  const sample = (more: object) => ({ id: "a", instruction: "What?", input: [], response: "x", ...more });
  const image = { type: "image", source: "0.png" };
  const of = async (more: object) => readPictureSet(await write([sample(more)]), options);
  await expect(of({})).rejects.toThrow(
    'Sample "a": must have one picture and nothing else to train on it, got 0 parts.',
  );
  const turns = [
    { role: "user", content: [{ type: "text", text: "Hi" }] },
    { role: "assistant", content: [{ type: "text", text: "Hello" }] },
  ];
  await expect(of({ input: [image], turns })).rejects.toThrow("must have no earlier turns");
  await expect(of({ input: [image], response: undefined, answers: ["x"] })).rejects.toThrow(
    "must have a response",
  );
  await expect(of({ input: [{ type: "image", source: "none.png" }] })).rejects.toThrow(
    '"none.png": must exist',
  );
  await expect(of({ input: [image] })).rejects.toThrow(
    /must have pictures for training and for validation, got [01] and [01]\./,
  );
});
