// Holds the scorers to the outputs of the benchmarks' own code, written by scripts/gold/benchmarks.py.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { gpt4Tools } from "./gpt4tools.ts";
import { type HallusionItem, hallusionFigures, labelYesNo } from "./hallusion-bench.ts";
import { extractChoice } from "./multiple-choice.ts";
import { extractScienceQa } from "./science-qa.ts";

const gold = JSON.parse(readFileSync("scripts/gold/benchmarks.json", "utf8")) as {
  gpt4tools: [prediction: string, expected: string, rates: [number, number, number, number]][];
  hallusion: { rows: Record<string, string>[] } & Record<string, number>;
  choices: { options: string[]; answers: [answer: string, letter: string][] };
  scienceQa: [answer: string, letter: string][];
};

describe("GPT4Tools", () => {
  test("equals the official rates", () => {
    expect(gold.gpt4tools.length).toBeGreaterThan(60);
    for (const [prediction, expected, rates] of gold.gpt4tools) {
      const { thought, action, args, success } = gpt4Tools(prediction, expected);
      for (const [i, value] of [thought, action, args, success].entries()) {
        expect(value, JSON.stringify([prediction, expected, i])).toBeCloseTo(rates[i]!, 9);
      }
    }
  });

  const ask = "Thought: Do I need to use a tool?";

  test("any picture will do where a picture is expected, but there must be one", () => {
    const expected = `${ask} Yes\nAction: Crop\nAction Input: image/a.png, red dog\n`;
    expect(gpt4Tools(expected.replace("a.png", "b.png"), expected)).toEqual({
      ...{ thought: 1, action: 1, success: 1 },
      args: expect.closeTo(1, 6),
    });
    expect(gpt4Tools(expected.replace("image/a.png", "it"), expected)).toEqual({
      ...{ thought: 1, action: 1, args: 0, success: 0 },
    });
  });

  test("without a tool the trace thinks No and replies", () => {
    const expected = `${ask} No\nAI: It is a dog.`;
    expect(gpt4Tools(`${ask} No\nAI: A cat.`, expected).success).toBe(1);
    expect(gpt4Tools(`${ask} No`, expected).success).toBe(0);
    expect(gpt4Tools("AI: It is a dog.", expected).success).toBe(0);
  });

  test("an expected trace with an action without input is refused", () => {
    expect(() => gpt4Tools("", "Action: a\nAction: b\nAction Input: c")).toThrow(
      "gpt4tools: the expected trace must have one Action Input for each Action, got 2 and 1.",
    );
  });
});

describe("HallusionBench", () => {
  const items = gold.hallusion.rows.map(
    (row): HallusionItem => ({
      category: row.category as "VD" | "VS",
      ...{ subcategory: row.subcategory!, setId: row.set_id!, figureId: row.figure_id! },
      questionId: row.question_id!,
      visualInput: Number(row.visual_input) as 0 | 1 | 2,
      label: Number(row.label) as 0 | 1 | 2,
      expected: row.gt_answer === "1" ? "yes" : "no",
    }),
  );

  const figureNames = [
    "aAcc",
    "qAcc",
    "fAcc",
    "easyAcc",
    "hardAcc",
    "yesBias",
    "falsePositiveRatio",
  ] as const;

  test("equals the official accuracies and bias numbers", () => {
    const figures = hallusionFigures(items);
    for (const name of figureNames) {
      expect(figures[name], name).toBeCloseTo(gold.hallusion[name]!, 12);
    }
  });

  test("unclear is correct only for VS without its figure, which is no figure of fAcc", () => {
    const item: HallusionItem = {
      ...{ category: "VS", subcategory: "map", setId: "1", figureId: "0", questionId: "0" },
      ...{ visualInput: 0, label: 2, expected: "no" },
    };
    expect(hallusionFigures([item])).toMatchObject({ aAcc: 1, qAcc: 1, fAcc: 0, easyAcc: 1, hardAcc: 0 });
    expect(hallusionFigures([{ ...item, category: "VD" }])).toMatchObject({ aAcc: 0, qAcc: 0, fAcc: 0 });
    expect(hallusionFigures([item, { ...item, figureId: "1", visualInput: 2 }])).toMatchObject({
      ...{ aAcc: 0.5, qAcc: 0, fAcc: 0, easyAcc: 1, hardAcc: 0, yesBias: 0.5, falsePositiveRatio: 1 },
    });
    expect(hallusionFigures([])).toMatchObject({
      aAcc: 0,
      qAcc: 0,
      fAcc: 0,
      yesBias: 0,
      falsePositiveRatio: 0,
    });
  });

  test.each([
    ["Yes, it is.", "yes", 1],
    ["No.", "yes", 0],
    ["No", "no", 1],
    ["Yes and no", "yes", 2],
    ["I cannot tell", "no", 2],
    ["", "no", 2],
  ] as const)("%s against %s", (answer, expected, label) => {
    expect(labelYesNo(answer, expected)).toBe(label);
  });
});

test("choices equal VLMEvalKit's", () => {
  const { options, answers } = gold.choices;
  const isNoAnswer = (answer: string) => answer.startsWith("Failed to obtain answer via API");
  const compared = answers.filter(([answer]) => !isNoAnswer(answer));
  expect(compared.length).toBeGreaterThan(150);
  expect(compared.map(([answer]) => [answer, extractChoice(answer, options).letter])).toEqual(compared);
});

test("ScienceQA letters equal LLaVA's", () => {
  for (const [answer, letter] of gold.scienceQa) {
    const expected = "ABCDE".includes(letter) ? letter : undefined;
    expect(extractScienceQa(answer, 5), JSON.stringify(answer)).toBe(expected);
  }
});
