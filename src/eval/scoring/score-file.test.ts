import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { wilsonInterval } from "../statistics.ts";
import { metricDescriptions, scoreFile } from "./score-file.ts";
import { formatScoreTable } from "./score-table.ts";

let folder: string;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "score-"));
  file = path.join(folder, "predictions.jsonl");
});
afterAll(() => rm(folder, { recursive: true }));

async function score(metric: string, lines: (object | string)[]) {
  await writeFile(
    file,
    lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n"),
  );
  return scoreFile(file, metric);
}

/** The items without their other fields, by id. */
const scores = ({ items }: Awaited<ReturnType<typeof score>>) =>
  Object.fromEntries(items.map((item) => [item.id, item.score]));

describe("answers", () => {
  test("exact: items with what was compared, share and Wilson interval, and figures by type", async () => {
    const output = await score("exact", [
      { id: 1, prediction: "The Dog.", answers: ["dog"], type: "animal" },
      { id: "b", prediction: 2, answer: "two", type: "number" },
      { id: "c", prediction: "", answers: "three", type: "number" },
    ]);
    expect(output).toEqual({
      metric: "exact",
      items: [
        { id: "1", score: 1, answer: "dog" },
        { id: "b", score: 1, answer: "2" },
        { id: "c", score: 0, answer: "" },
      ],
      summary: {
        ...{ score: 2 / 3, interval: wilsonInterval(2, 3), n: 3 },
        byType: {
          animal: { score: 1, interval: wilsonInterval(1, 1), n: 1 },
          number: { score: 0.5, interval: wilsonInterval(1, 2), n: 2 },
        },
      },
    });
  });

  test("vqa, anls, relaxed and numeric", async () => {
    const people = [...Array(2).fill("red"), ...Array(8).fill("blue")];
    expect(scores(await score("vqa", [{ id: "a", prediction: "The red!", answers: people }]))).toEqual({
      a: 0.6,
    });
    const anls = await score("anls", [
      { id: "a", prediction: "Jan 5 2019", answers: ["January 5, 2019"] },
      { id: "b", prediction: "abcd", answers: ["abxy"] },
    ]);
    expect(anls.items[0]!.score).toBeCloseTo(2 / 3, 12);
    expect(anls.summary.score).toBeCloseTo(1 / 3, 12);
    const relaxed = [
      { id: "a", prediction: "105", answers: ["100"] },
      { id: "b", prediction: "105.1", answers: ["100"] },
      { id: "c", prediction: "105.1", answers: ["100"], tolerance: 0.06 },
    ];
    expect(scores(await score("relaxed", relaxed))).toEqual({ a: 1, b: 0, c: 1 });
    const numeric = { id: "a", prediction: "There are three.", answers: [3] };
    expect(await score("numeric", [numeric])).toMatchObject({ items: [{ id: "a", score: 1, answer: 3 }] });
  });

  test("text-vqa normalises what vqa leaves as it is", async () => {
    const lines = [{ id: "a", prediction: "Yes", answers: Array(10).fill("yes") }];
    expect(scores(await score("vqa", lines))).toEqual({ a: 0 });
    expect((await score("text-vqa", lines)).items).toEqual([{ id: "a", score: 1, answer: "yes" }]);
  });

  test("multiple-choice and science-qa take the answer as an option or its letter", async () => {
    const choices = ["cat", "dog", "bird"];
    const lines = [
      { id: "a", prediction: "(B)", answers: ["dog"], choices },
      { id: "b", prediction: "It is a dog", answers: ["B"], choices },
      { id: "c", prediction: "The answer is B.", answers: ["A"], choices },
      { id: "d", prediction: "no idea", answers: ["A"], choices },
    ];
    expect((await score("multiple-choice", lines)).items).toEqual([
      { id: "a", score: 1, answer: "B", by: "letter" },
      { id: "b", score: 1, answer: "B", by: "text" },
      { id: "c", score: 0, answer: "B", by: "letter" },
      { id: "d", score: 0, answer: "Z", by: "none" },
    ]);
    expect(scores(await score("science-qa", lines))).toEqual({ a: 0, b: 0, c: 0, d: 0 });
    expect(scores(await score("science-qa", [{ ...lines[0], prediction: "B. dog" }]))).toEqual({ a: 1 });
  });

  test("mmbench counts questions, and each must have all passes", async () => {
    const pass = (id: string, group: string, prediction: string) => ({
      ...{ id, group, prediction, answers: ["A"], choices: ["x1", "x2"] },
    });
    const lines = [pass("1", "p", "A"), pass("2", "q", "A"), pass("3", "p", "A"), pass("4", "q", "B")];
    expect((await score("mmbench", lines)).summary).toEqual({
      ...{ score: 0.5, interval: wilsonInterval(1, 2), n: 2, vanilla: 1 },
    });
    await expect(score("mmbench", lines.slice(0, 3))).rejects.toThrow(
      'group "q": must have one line for each of its 2 options, got 1. A question that misses a pass would be easier than the others.',
    );
  });
});

describe("yes and no", () => {
  const lines = [
    { id: "a", prediction: "Yes, it is", answers: ["yes"], image: "1.jpg", type: "count" },
    { id: "b", prediction: "there is none", answers: ["No"], image: "1.jpg", type: "count" },
    { id: "c", prediction: "no", answers: ["no"], image: "1.jpg", type: "OCR" },
    { id: "d", prediction: "Yes", answers: ["yes"], image: "1.jpg", type: "OCR" },
  ];

  test("pope", async () => {
    const { items, summary } = await score("pope", lines);
    expect(items[1]).toEqual({ id: "b", score: 0, answer: "yes" });
    expect(summary).toMatchObject({
      ...{ score: 0.75, interval: wilsonInterval(3, 4), n: 4, accuracy: 0.75 },
      ...{ precision: 2 / 3, recall: 1, f1: 0.8, yesRatio: 0.75, otherRatio: 0 },
      byType: { count: { accuracy: 0.5, precision: 0.5, recall: 1 }, OCR: { accuracy: 1, f1: 1 } },
    });
  });

  test("pope with the samplings named: each of them, and the mean that papers report", async () => {
    const split = (name: string, i: number) => ({
      ...lines[i],
      id: `${name} ${i}`,
      type: undefined,
      split: name,
    });
    const named = [split("random", 0), split("random", 1), split("popular", 2), split("popular", 3)];
    const { summary } = await score("pope", named);
    expect(summary).toMatchObject({
      ...{
        f1: 0.8,
        splits: { random: { f1: expect.closeTo(2 / 3, 12), precision: 0.5 }, popular: { f1: 1 } },
      },
      splitMean: {
        f1: expect.closeTo(5 / 6, 12),
        accuracy: 0.75,
        precision: 0.75,
        recall: 1,
        yesRatio: 0.75,
      },
    });
    const table = formatScoreTable(await score("pope", named), "p.jsonl");
    expect(table).toMatch(/\nrandom f1 +66\.7%\n/);
    expect(table).toMatch(/\nmean of splits f1 +83\.3%\n/);
    expect((await score("pope", [...named, lines[0]!])).summary).not.toHaveProperty("splitMean");
  });

  test("mme, with acc+ and subtask scores where pictures are named", async () => {
    const { summary } = await score("mme", lines);
    expect(summary).toMatchObject({
      ...{ score: 0.75, accuracy: 0.75, precision: 1, recall: 1, f1: 1, yesRatio: 0.5, otherRatio: 0.25 },
      ...{ accuracyPlus: 0.5, perception: 2.5, cognition: 0 },
      subtasks: {
        count: { accuracy: 0.5, accuracyPlus: 0, score: 0.5 },
        OCR: { accuracy: 1, accuracyPlus: 1, score: 2 },
      },
    });
    const { image: _, ...bare } = lines[0]!;
    expect((await score("mme", [bare])).summary).not.toHaveProperty("accuracyPlus");
  });

  test("hallusion-bench reads the answer, or takes the judge's label", async () => {
    const line = {
      ...{ id: "a", prediction: "Cannot tell", answers: ["yes"], category: "VS", subcategory: "map" },
      ...{ set_id: "0", figure_id: "0", question_id: 1, visual_input: "0" },
    };
    const { items, summary } = await score("hallusion-bench", [
      line,
      { ...line, id: "b", figure_id: "1", visual_input: 1, prediction: "Yes" },
      { ...line, id: "c", figure_id: "2", visual_input: 2, prediction: "Yes", label: 0 },
    ]);
    expect(items.map(({ score, label }) => [score, label])).toEqual([
      [1, 2],
      [1, 1],
      [0, 0],
    ]);
    expect(summary).toMatchObject({ score: 2 / 3, aAcc: 2 / 3, qAcc: 0, fAcc: 0.5, easyAcc: 1, hardAcc: 0 });
    expect(summary.diagnosis).toEqual({ languageHallucination: 0, visualIllusion: 1, mixed: 0 });
  });
});

describe("captions", () => {
  const lines = [
    {
      id: 0,
      prediction: "a man riding a horse on the beach",
      answers: ["a man riding a horse on the beach", "a person rides a horse along the shore"],
    },
    {
      id: 1,
      prediction: "two dogs chasing a ball",
      answers: ["two dogs play with a red ball in the park", "a pair of dogs chasing a ball on grass"],
    },
    {
      id: 2,
      prediction: "A plate of fruit, on the table.",
      answers: ["a bowl of fruit on a wooden table", "apples and bananas in a bowl"],
    },
  ];

  test("the corpus value is the score, and the interval holds it", async () => {
    const { summary } = await score("bleu", lines);
    expect((summary.bleu as number[]).map((b) => b.toFixed(6))).toEqual([
      ...["0.774637", "0.714043", "0.655853", "0.603265"],
    ]);
    expect(summary.score).toBe((summary.bleu as number[])[3]);
    const [low, high] = summary.interval!;
    expect(low).toBeLessThan(summary.score);
    expect(high).toBeGreaterThan(summary.score);
    expect((await score("bleu", lines)).summary).toEqual(summary);
    expect((await score("bleu", lines.slice(0, 1))).summary.interval).toBeNull();
  });

  test("ROUGE-L and CIDEr-D are means; CIDEr-D's interval is on its own scale", async () => {
    expect((await score("rouge-l", lines)).summary.score.toFixed(6)).toBe("0.734059");
    const cider = await score("cider", lines);
    expect(cider.items.map((item) => item.score.toFixed(6))).toEqual(["5.486710", "2.557613", "1.321299"]);
    expect(cider.summary.score.toFixed(6)).toBe("3.121874");
    expect(cider.summary.interval![1]).toBeGreaterThan(5);
    expect(cider.summary.interval![1]).toBeLessThanOrEqual(10);
  });
});

describe("boxes, traces and form", () => {
  test("iou takes lists and texts, corners and sizes", async () => {
    const output = await score("iou", [
      { id: "a", prediction: "<box>(0,0),(10,5)</box>", answers: [[0, 0, 10, 10]] },
      { id: "b", prediction: [0, 0, 10, 4.9], answers: [0, 0, 10, 10] },
      { id: "c", prediction: [10, 10, 10, 10], answers: ["[10, 10, 10, 10]"], box: "xywh" },
      { id: "d", prediction: [10, 10, 20, 20], answers: [[10, 10, 10, 10]], answerBox: "xywh" },
      { id: "e", prediction: "I see no box", answers: [[0, 0, 10, 10]] },
    ]);
    expect(output.items).toEqual([
      { id: "a", score: 1, iou: 0.5 },
      { id: "b", score: 0, iou: expect.closeTo(0.49, 12) },
      { id: "c", score: 1, iou: 1 },
      { id: "d", score: 1, iou: 1 },
      { id: "e", score: 0, iou: 0 },
    ]);
    expect(output.summary).toMatchObject({ score: 0.6, meanIou: expect.closeTo(2.99 / 5, 12) });
  });

  test("gpt4tools", async () => {
    const trace = "Thought: Do I need to use a tool? Yes\nAction: Segment\nAction Input: a.png, dog";
    const output = await score("gpt4tools", [
      { id: "a", prediction: trace, answers: [trace] },
      { id: "b", prediction: trace.replace("Segment", "Crop"), answers: [trace] },
    ]);
    expect(output.summary).toMatchObject({ score: 0.5, thought: 1, action: 0.5, args: expect.closeTo(1, 6) });
    expect(output.items[1]).toMatchObject({ id: "b", score: 0, thought: 1, action: 0, success: 0 });
  });

  test("format needs no answers", async () => {
    const constraints = [
      { type: "words", max: 2 },
      { type: "case", is: "lower" },
    ];
    const output = await score("format", [
      { id: "a", prediction: "red dog", constraints },
      { id: "b", prediction: "Sure:\nred dog", constraints },
    ]);
    expect(output.items[1]).toEqual({ id: "b", score: 0, strict: [false, false], loose: [true, true] });
    expect(output.summary).toMatchObject({
      ...{ score: 0.5, loose: 1, strictByConstraint: 0.5, looseByConstraint: 1 },
    });
  });
});

describe("bad files", () => {
  const good = { id: "a", prediction: "x", answers: ["x"] };

  test.each<[metric: string, lines: (object | string)[], message: string]>([
    ["exact", [good, "", "{broken"], "FILE:3: must be JSON, but …"],
    ["exact", [good, "[1]"], "FILE:2: must be a JSON object, got an array."],
    ["exact", [{ id: "a", answers: ["x"] }], "FILE:1: prediction: must be text or a number."],
    ["exact", [{ id: "a", prediction: "x" }], "FILE:1: answers: must be text or a list of texts."],
    ["exact", [{ prediction: "x", answers: ["x"] }], "FILE:1: id: must be text or a number."],
    ["exact", [{ ...good, prediction: null }], "FILE:1: prediction: must be text or a number."],
    ["exact", [{ ...good, answers: [] }], "FILE:1: answers: must not be empty."],
    ["exact", [good, good], 'FILE:2: id: must be unique, but "a" is also on line 1.'],
    ["exact", [], "FILE: must hold at least one prediction, got none."],
    ["vqa", [good], "FILE:1: answers: must hold the answers of all people asked (VQA has ten), got 1."],
    ["pope", [{ ...good, answers: ["maybe"] }], 'FILE:1: answers: must be ["yes"] or ["no"].'],
    ["multiple-choice", [good], "FILE:1: choices: must be a list of options."],
    [
      "multiple-choice",
      [{ ...good, choices: ["y", "z"] }],
      'FILE:1: answers: must be one of the choices or its letter, got "x".',
    ],
    ["numeric", [good], 'FILE:1: answers: must be numbers, got "x".'],
    [
      "iou",
      [{ ...good, answers: [[5, 5, 1, 1]] }],
      "FILE:1: answers: must be boxes of four numbers with an area (box says whether xyxy or xywh).",
    ],
    [
      "exact",
      [{}, {}, good, "x", "y"],
      "FILE:1: id: must be text or a number (and 2 more); line 2: id: must be text or a number (and 2 more); line 4: must be JSON, but …",
    ],
    [
      "exakt",
      [good],
      `metric: must be one of ${Object.keys(metricDescriptions).join(", ")}, got "exakt". Did you mean exact?`,
    ],
    [
      "constructor",
      [good],
      `metric: must be one of ${Object.keys(metricDescriptions).join(", ")}, got "constructor".`,
    ],
  ])("%s %j", async (metric, lines, message) => {
    const error = await score(metric, lines).catch((e: Error) => e);
    const [start, rest] = message.replace("FILE", file).split("…");
    expect((error as Error).name).toBe("InputError");
    if (rest === undefined) expect((error as Error).message).toBe(start);
    else expect((error as Error).message.startsWith(start!)).toBe(true);
  });

  test("a file that does not exist, and a folder", async () => {
    await expect(scoreFile("/nowhere/x.jsonl", "exact")).rejects.toThrow(
      '"/nowhere/x.jsonl": does not exist.',
    );
    await expect(scoreFile(folder, "exact")).rejects.toThrow(
      `"${folder}": must be a readable file, got EISDIR.`,
    );
  });
});

test("the table", async () => {
  const yes = { id: "a", prediction: "yes", answers: ["yes"], type: "random" };
  const output = await score("pope", [yes, { ...yes, id: "b", answers: ["no"], type: "popular" }]);
  expect(formatScoreTable(output, "p.jsonl")).toBe(`p.jsonl: pope, 2 scored

score       50.0%  95% interval 9.5 – 90.5
accuracy    50.0%
precision   50.0%
recall      100.0%
f1          66.7%
yesRatio    100.0%
otherRatio  0.0%

random: 1 scored
score       100.0%  95% interval 20.7 – 100.0
accuracy    100.0%
precision   100.0%
recall      100.0%
f1          100.0%
yesRatio    100.0%
otherRatio  0.0%

popular: 1 scored
score       0.0%  95% interval 0.0 – 79.3
accuracy    0.0%
precision   0.0%
recall      0.0%
f1          0.0%
yesRatio    100.0%
otherRatio  0.0%
`);
});
