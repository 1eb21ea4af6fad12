// Every task's figures on examples small enough to be computed by hand.
import { describe, expect, test } from "vitest";
import { benchmarkNames } from "../../data/formats/index.ts";
import type { Sample } from "../../spec/index.ts";
import { heldInNote, type Task, type TaskRow, taskFor } from "./index.ts";

let next = 0;
const sample = (fields: Partial<Sample>): Sample => ({
  ...{ id: `q${next++}`, instruction: "Is it?", input: [{ type: "image", source: "a.png" }] },
  ...fields,
});

/** Rows as the runner makes them: each text scored by the task. */
async function rowsOf(task: Task, answered: [Sample, string | undefined][]): Promise<TaskRow[]> {
  return Promise.all(
    answered.map(async ([sample, text]) => ({
      ...{ sample, text },
      score: text === undefined ? 0 : (await task.scorer.score(text, sample)).score,
    })),
  );
}

/** Figures as an object from "name" or "name | type" to the value. */
async function figures(name: string, answered: [Sample, string | undefined][]) {
  const task = await taskFor({ task: name });
  const list = task.figures!(await rowsOf(task, answered));
  const named = list.map(({ name, value, type }) => [type === undefined ? name : `${name} | ${type}`, value]);
  expect(new Set(named.map(([key]) => key)).size).toBe(list.length);
  return { first: list[0]!, all: Object.fromEntries(named) as Record<string, number> };
}

test("every benchmark has its task, other datasets the default one", async () => {
  for (const name of benchmarkNames) {
    const task = await taskFor({ task: name });
    expect([task.name, typeof task.figures]).toEqual([name, "function"]);
    expect(task.figures!([])).toEqual(expect.any(Array));
  }
  const other = await taskFor({});
  expect(other).toEqual({ name: "match or caption-f1", scorer: expect.anything() });
  expect(await other.scorer.score("The dog.", sample({ response: "a dog" }))).toMatchObject({ score: 1 });
  expect((await taskFor({ task: "toString" })).name).toBe("match or caption-f1");
});

test("what is known of training mixes is said, and what is not is unknown", async () => {
  expect(heldInNote(await taskFor({ task: "science-qa" }))).toMatch(
    /^science-qa: known to be in the training of LLaVA tuned on ScienceQA \(arXiv 2306\.13549, .*; unknown for others\.$/,
  );
  expect(heldInNote(await taskFor({ task: "mme" }))).toBe(
    "mme: no training mix is known to hold its training split; unknown for others.",
  );
});

describe("yes and no", () => {
  const ask = (response: string, type: string, group = "a.png") => sample({ response, type, group });

  test("MME: acc, acc+ and sums; names say when subtasks are missing", async () => {
    const { first, all } = await figures("mme", [
      [ask("yes", "count", "1"), "Yes"],
      [ask("no", "count", "1"), "No, it is not"],
      [ask("yes", "count", "2"), "the answer is yes"],
      [ask("no", "count", "2"), "none"],
      [ask("yes", "code_reasoning", "1"), "yes"],
      [ask("no", "code_reasoning", "1"), undefined],
    ]);
    expect(first).toEqual({ name: "perception (1 of 10 subtasks)", value: 1.25 });
    expect(all).toEqual({
      "perception (1 of 10 subtasks)": 1.25,
      "cognition (1 of 4 subtasks)": 0.5,
      "yes ratio": 2 / 6,
      "neither yes nor no": 2 / 6,
      ...{ "score | count": 1.25, "acc | count": 0.75, "acc+ | count": 0.5 },
      ...{ "score | code_reasoning": 0.5, "acc | code_reasoning": 0.5, "acc+ | code_reasoning": 0 },
    });
  });

  test("POPE: F1 first, the mean of the samplings and not of the questions", async () => {
    const { first, all } = await figures("pope", [
      [ask("yes", "random"), "Yes"],
      [ask("no", "random"), "Yes, there is"],
      [ask("no", "random"), undefined],
      [ask("yes", "popular"), "There is, I think"],
      [ask("no", "popular"), "No."],
    ]);
    // random: TP 1, FP 1, and the failed question one more FP; popular: all right.
    expect(first).toEqual({ name: "F1", value: 0.75 });
    expect(all).toMatchObject({
      ...{ accuracy: expect.closeTo((1 / 3 + 1) / 2, 12), precision: expect.closeTo(2 / 3, 12), recall: 1 },
      ...{ "yes ratio": 0.75, "F1 | random": 0.5, "F1 | popular": 1 },
      ...{ "accuracy | random": 1 / 3, "yes ratio | popular": 0.5 },
    });
  });

  test("AMBER: the positive class is no", async () => {
    const { first, all } = await figures("amber", [
      [ask("no", "hallucination"), "No, there is none."],
      [ask("no", "hallucination"), "Yes"],
      [ask("yes", "attribute-state"), "No"],
      [ask("yes", "attribute-number"), "Yes"],
      [ask("no", "relation"), "No"],
      [ask("no", "relation"), "Yes and no"],
    ]);
    // "no" was said 3 times, 2 of them rightly; 4 truths are no, 2 of them found.
    expect(first).toEqual({ name: "F1", value: expect.closeTo(4 / 7, 12) });
    expect(all).toMatchObject({
      ...{ accuracy: 0.5, precision: expect.closeTo(2 / 3, 12), recall: 0.5, "yes ratio": 2 / 6 },
      ...{ "recall | existence": 0.5, "precision | existence": 1, "accuracy | attribute": 0.5 },
      ...{ "precision | relation": 1, "recall | relation": 0.5, "yes ratio | relation": 0 },
    });
  });

  test("HallusionBench: figures, and why answers are wrong", async () => {
    const item = (category: string, figure: string, visual: string, response: string) =>
      sample({
        ...{ response, type: `${category}/map` },
        extra: {
          ...{ category, subcategory: "map", set_id: "0", question_id: "0" },
          ...{ figure_id: figure, visual_input: visual },
        },
      });
    const { first, all } = await figures("hallusion-bench", [
      [item("VD", "0", "1", "yes"), "Yes."],
      [item("VD", "1", "2", "no"), "Yes, the same."],
      [item("VS", "0", "0", "yes"), "I cannot tell"],
      [item("VS", "1", "1", "yes"), "No"],
    ]);
    expect(first).toEqual({ name: "aAcc", value: 0.5 });
    expect(all).toEqual({
      ...{ aAcc: 0.5, fAcc: 1 / 3, qAcc: 0, "easy aAcc": 0.5, "hard aAcc": 0 },
      // Wrong answers are taken as the opposite of the truth: 3 of 4 truths are yes, 3 of 4 answers count as yes.
      ...{ "yes percentage difference": 0, "false positive ratio": 0.5 },
      // The answer was kept when the picture was edited; and it changed when a picture came.
      ...{ "wrong by language hallucination": 0.5, "wrong by visual illusion": 0.5, "wrong, mixed": 0 },
      ...{ "aAcc | VD/map": 0.5, "aAcc | VS/map": 0.5 },
    });
  });
});

describe("multiple choice", () => {
  test("MMBench: every question in all orders of its options", async () => {
    const task = await taskFor({ task: "mmbench" });
    const question = (id: string, ability: string): Sample =>
      sample({
        ...{ id, response: "dog", choices: ["cat", "dog", "yak"], type: `is ${id}` },
        extra: { answer: "B", ability },
      });
    const asked = [question("1", "fine"), question("2", "fine"), question("3", "coarse")].flatMap(
      task.expand!,
    );
    expect(asked.map(({ id, choices, extra }) => [id, choices, extra!.answer])).toEqual(
      ["1", "2", "3"].flatMap((id) => [
        [id, ["cat", "dog", "yak"], "B"],
        [`${id} shift 1`, ["dog", "yak", "cat"], "A"],
        [`${id} shift 2`, ["yak", "cat", "dog"], "C"],
      ]),
    );
    expect(asked.every(({ response, group }) => response === "dog" && group === asked[0]!.group)).toBe(true);
    // Question 1 is always right; question 2 says B each time, which is right once; question 3 lacks a pass.
    const answers = ["B", "dog", "The answer is C", "B", "B", "B", "B", "A"];
    const { first, all } = await figures(
      "mmbench",
      answers.map((text, i): [Sample, string] => [asked[i]!, text]).reverse(),
    );
    expect(first).toEqual({ name: "CircularEval", value: 0.5 });
    expect(all).toEqual({
      ...{ CircularEval: 0.5, VanillaEval: 1, "questions with all passes": 2 / 3 },
      ...{ "CircularEval | fine": 0.5, "CircularEval | is 1": 1, "CircularEval | is 2": 0 },
    });
    const { reason } = await task.scorer.score("I do not know", asked[0]!);
    expect(reason).toBe("names no option (none)");
  });

  test("ScienceQA: groups overlap, and a question without picture and hint is NO", async () => {
    const question = (type: string, grade: number, hasHint: boolean, input: Sample["input"]) =>
      sample({ type, input, choices: ["a", "b"], response: "b", extra: { answer: "B", grade, hasHint } });
    const picture: Sample["input"] = [{ type: "image", source: "a.png" }];
    const { first, all } = await figures("science-qa", [
      [question("natural science", 2, true, picture), "B"],
      [question("natural science", 7, false, picture), "A. because"],
      [question("language science", 6, false, []), "The answer is B."],
      [question("social science", 12, true, []), "C"],
    ]);
    expect(first).toEqual({ name: "accuracy", value: 0.5 });
    const byGroup = Object.fromEntries(
      Object.entries(all).map(([key, v]) => [key.split(" | ")[1] ?? "all", v]),
    );
    expect(byGroup).toEqual({
      ...{ all: 0.5, NAT: 0.5, SOC: 0, LAN: 1, TXT: 0.5, IMG: 0.5, NO: 1, "G1-6": 1, "G7-12": 0 },
    });
  });
});

describe("answers, captions and boxes", () => {
  const people = (...answers: [string, number][]) => answers.flatMap(([a, n]) => Array<string>(n).fill(a));

  test("VQA and TextVQA normalise differently", async () => {
    const same = sample({ answers: people(["yes", 10]), type: "yes/no", extra: { question_type: "is the" } });
    const mixed = sample({ answers: people(["red", 2], ["blue", 8]), type: "other" });
    expect(
      (
        await figures("vqa", [
          [same, "Yes"],
          [mixed, "The red!"],
        ])
      ).all,
    ).toEqual({
      ...{ "VQA accuracy": expect.closeTo(0.3, 12), "VQA accuracy | yes/no": 0 },
      ...{ "VQA accuracy | other": expect.closeTo(0.6, 12), "VQA accuracy | question: is the": 0 },
    });
    const { all } = await figures("text-vqa", [
      [same, "Yes"],
      [mixed, "The red!"],
    ]);
    expect(all).toEqual({ "VQA accuracy": expect.closeTo(0.8, 12) });
  });

  test("DocVQA: a question counts for each of its types", async () => {
    const doc = (answers: string[], question_types: string[]) =>
      sample({ answers, extra: { question_types } });
    const { all } = await figures("doc-vqa", [
      [doc(["January 5, 2019"], ["form", "handwritten"]), "Jan 5 2019"],
      [doc(["12"], ["form"]), "12"],
    ]);
    expect(all).toEqual({
      ...{ ANLS: expect.closeTo(5 / 6, 12), "ANLS | form": expect.closeTo(5 / 6, 12) },
      "ANLS | handwritten": expect.closeTo(2 / 3, 12),
    });
  });

  test("ChartQA: both halves weigh the same", async () => {
    const chart = (type: string, answer: string) => sample({ type, answers: [answer] });
    const rows: [Sample, string][] = [
      [chart("human", "100"), "105"],
      [chart("augmented", "100"), "106"],
      [chart("augmented", "Yes"), "yes"],
      [chart("augmented", "3"), "4"],
    ];
    const { first, all } = await figures("chart-qa", rows);
    expect(first).toEqual({ name: "relaxed accuracy", value: expect.closeTo(2 / 3, 12) });
    expect(all).toMatchObject({ "relaxed accuracy | human": 1, "relaxed accuracy | augmented": 1 / 3 });
    expect((await figures("chart-qa", rows.slice(1))).all).toEqual({ "relaxed accuracy | augmented": 1 / 3 });
  });

  test("captions equal the vectors of the official scorers", async () => {
    const caption = (...answers: string[]) => sample({ answers, answerType: "caption" });
    const { first, all } = await figures("coco-captions", [
      [
        caption("a man riding a horse on the beach", "a person rides a horse along the shore"),
        "a man riding a horse on the beach",
      ],
      [
        caption("two dogs play with a red ball in the park", "a pair of dogs chasing a ball on grass"),
        "Two dogs chasing a ball.",
      ],
      [
        caption("a bowl of fruit on a wooden table", "apples and bananas in a bowl"),
        "a plate of fruit on the table",
      ],
    ]);
    expect(first).toEqual({ name: "CIDEr-D", value: expect.closeTo(3.121874, 6) });
    expect(all).toEqual({
      ...{ "CIDEr-D": expect.closeTo(3.121874, 6), "ROUGE-L": expect.closeTo(0.734059, 6) },
      ...{ "BLEU-1": expect.closeTo(0.774637, 6), "BLEU-2": expect.closeTo(0.714043, 6) },
      ...{ "BLEU-3": expect.closeTo(0.655853, 6), "BLEU-4": expect.closeTo(0.603265, 6) },
    });
  });

  test("expressions: pixels or fractions, 0.5 is enough, no box is a miss", async () => {
    const box = sample({
      input: [{ type: "image", source: "a.png", width: 100, height: 50 }],
      ...{ type: "RefCOCO", regions: [{ label: "left dog", box: [0, 0, 10, 10] }] },
    });
    const { first, all } = await figures("ref-coco", [
      [box, "[0, 0, 10, 5]"],
      [box, "(0, 0), (10, 4.9)"],
      [box, "[0.0, 0.0, 0.1, 0.2]"],
      [box, "I see no dog"],
      [box, undefined],
    ]);
    expect(first).toEqual({ name: "Precision@1", value: 0.4 });
    expect(all["mean IoU"]).toBeCloseTo((0.5 + 0.49 + 1) / 5, 12);
    expect(all["Precision@1 | RefCOCO"]).toBe(0.4);
  });

  test("a sample that no reader made is refused by name", async () => {
    const task = await taskFor({ task: "mmbench" });
    expect(() => task.scorer.score("A", sample({ id: "x", choices: ["a", "b"] }))).toThrow(
      'sample "x", extra.answer: must be there. Open the benchmark from its official files.',
    );
  });
});
