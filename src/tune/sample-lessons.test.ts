import { expect, test } from "vitest";
import { SPECIAL_TOKENS } from "../data/chat-format.ts";
import type { PictureSet } from "../data/picture-questions.ts";
import { trainBpe } from "./bpe.ts";
import { createTurnEncoder } from "./encode-turn.ts";
import { checkFits, makeSampleLesson } from "./sample-lessons.ts";

const program =
  'T=read_chart(image=IMAGE)\nA=query_table(rows=T.rows, operation="sum")\nRESULT(var=A.answer)';
const set: PictureSet = {
  pixels: new SharedArrayBuffer(2 * 3 * 8 * 8),
  train: [
    {
      picture: 0,
      questions: [
        { type: "sum", question: "How many in all?", answer: "9", program },
        { type: "plain", question: "What is it?", answer: "a chart" },
      ],
    },
  ],
  val: [{ picture: 1, questions: [{ type: "plain", question: "What is it?", answer: "a chart" }] }],
};
const texts = [
  program,
  "How many in all? What is it? 9 a chart",
  "program: read_chart, query_table, ask, ocr",
];
const encoder = createTurnEncoder(trainBpe(texts, { vocabSize: 500, specialTokens: SPECIAL_TOKENS }));
const programs = { share: 1, tools: ["read_chart", "query_table", "ask", "ocr"] };
const lesson = (index: number, share = 1) =>
  makeSampleLesson(
    set,
    encoder,
    {
      ...{ split: "train", seed: 1, questions: 2, rationales: 0, cells: 4 },
      programs: { ...programs, share },
    },
    index,
  );

test("a question with a program is answered by it, with its tools and some others on offer, in any order", () => {
  const offers = new Set<string>();
  for (let index = 0; index < 60; index++) {
    const { turns, types } = lesson(index);
    const at = types.indexOf("sum with program");
    const asked = encoder.decode(turns[at]!.question);
    expect(encoder.decode(turns[at]!.response)).toContain(program);
    const [, offer] = /program: (.*?)(?:<|$)/.exec(asked)!;
    const names = offer!.trim().split(", ");
    expect(names).toEqual(expect.arrayContaining(["read_chart", "query_table"]));
    expect(programs.tools).toEqual(expect.arrayContaining(names));
    offers.add(offer!.trim());
    expect(types).toContain("plain");
  }
  expect(offers.size).toBeGreaterThan(10);
});

test("the share says how many are answered by their program; the rest are answered in words", () => {
  const types = Array.from({ length: 200 }, (_, index) => lesson(index, 0.25).types).flat();
  const count = (name: string) => types.filter((type) => type === name).length;
  expect(count("sum with program") + count("sum")).toBe(200);
  expect(count("sum with program")).toBeGreaterThan(30);
  expect(count("sum with program")).toBeLessThan(75);
});

test("a program that is too long, or whose tools are not named, is refused before training", () => {
  const sizes = { slots: 400, rows: 200 };
  expect(() => checkFits(set, encoder, sizes, programs)).not.toThrow();
  expect(() => checkFits(set, encoder, { ...sizes, rows: 12 })).not.toThrow();
  expect(() => checkFits(set, encoder, { ...sizes, rows: 12 }, programs)).toThrow(
    /^question "How many in all\?": must fit pack\.slots \(400\) and its response pack\.rows \(12\)/,
  );
  expect(() => checkFits(set, encoder, sizes, { share: 1, tools: ["read_chart"] })).toThrow(
    'programs.tools must name the tools of its program, got no "query_table".',
  );
});
