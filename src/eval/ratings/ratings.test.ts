import { describe, expect, test } from "vitest";
import { encodePng } from "../../media/index.ts";
import type { Sample } from "../../spec/index.ts";
import type { Row } from "../row.ts";
import {
  agreementWithPeople,
  importRatings,
  parseRatingKey,
  type RatingItem,
  ratingItems,
  ratingPage,
} from "./index.ts";

const picture = "data:image/png;base64,AAAA";
const evil = "</script><script>alert(1)</script>";
const items: RatingItem[] = [
  {
    sampleId: "q1",
    question: "What is it?",
    references: ["a dog"],
    pictures: [picture],
    answers: [
      { key: "column-direct", text: "a dog" },
      { key: "column-blind", text: "a cat" },
      { key: "column-vote", text: "a dog" },
    ],
  },
  {
    sampleId: "q2",
    question: evil,
    pictures: [picture],
    answers: [
      { key: "column-direct", text: "yes" },
      { key: "column-blind", text: "no" },
    ],
  },
];
const made = await ratingPage({ title: "Dogs & cats", items, seed: 3 });

describe("the page", () => {
  test("names no column, holds a shared picture once, and lets nothing run that a dataset says", () => {
    expect(made.html).not.toContain("column-");
    expect(made.html.split("base64,AAAA")).toHaveLength(2);
    expect(made.html).not.toContain(evil);
    expect(made.html.match(/<script>/g)).toHaveLength(1);
    expect(made.html).toMatch(
      /default-src &#39;none&#39;; img-src data:; style-src &#39;sha256-[^ ]+ script-src &#39;sha256-/,
    );
    expect(made.html).toContain("<h1>Dogs &amp; cats</h1>");
  });

  test("the key knows the columns; equal answers are one, and every column has its answer", () => {
    const [first, second] = made.key.items;
    expect(first!.answers.map(({ answer }) => answer)).toEqual(["1", "2"]);
    expect(first!.answers.map(({ columns }) => columns)).toEqual(
      expect.arrayContaining([["column-direct", "column-vote"], ["column-blind"]]),
    );
    expect(second!.answers.flatMap(({ columns }) => columns).sort()).toEqual([
      "column-blind",
      "column-direct",
    ]);
  });

  test("the order of answers differs between items, and follows the seed", async () => {
    const many = Array.from({ length: 40 }, (_, i) => ({ ...items[1]!, sampleId: `q${i}` }));
    const order = async (seed: number) => {
      const { key } = await ratingPage({ title: "t", items: many, seed });
      return key.items.map(({ answers }) => answers[0]!.columns[0]);
    };
    const first = await order(1);
    expect(await order(1)).toEqual(first);
    expect(await order(2)).not.toEqual(first);
    const direct = first.filter((column) => column === "column-direct").length;
    expect(direct).toBeGreaterThan(8);
    expect(direct).toBeLessThan(32);
  });

  test.each([
    [{ scale: ["only"] }, "rating page, scale: must have from 2 to 9 ratings, got 1."],
    [{ items: [] }, "rating page: must have at least one item, got none."],
    [{ items: [items[0]!, items[0]!] }, 'rating page, item "q1": must come once, got it twice.'],
    [
      { items: [{ ...items[0]!, answers: [] }] },
      'rating page, item "q1": must have at least one answer, got none.',
    ],
    [
      { items: [{ ...items[0]!, pictures: ["https://example.org/a.png"] }] },
      'rating page, item "q1": must have its pictures as data URLs, got https://example.org/a.png.',
    ],
    [
      { items: [{ ...items[0]!, answers: [items[0]!.answers[0]!, items[0]!.answers[0]!] }] },
      'rating page, item "q1": must have one answer of each column, got column-direct, column-direct.',
    ],
  ])("refuses %#", async (change, message) => {
    await expect(ratingPage({ title: "t", items, ...change })).rejects.toThrow(message);
  });
});

/** A rater's file; ratings by column and item. */
function file(rater: string, ratings: Record<string, number>, change: object = {}) {
  const list = Object.entries(ratings).map(([name, rating]) => {
    const [item, column] = name.split(" ");
    const answers = made.key.items.find((one) => one.item === item)!.answers;
    const { answer } = answers.find(({ columns }) => columns.includes(column!))!;
    return { item, answer, rating };
  });
  const text = JSON.stringify({ version: 1, page: made.key.page, rater, ratings: list, ...change });
  return { name: `${rater}.json`, text };
}

describe("import", () => {
  const ada = file("Ada", { "q1 column-direct": 5, "q1 column-blind": 1, "q2 column-direct": 4 });
  const bob = file("Bob", { "q1 column-direct": 4, "q1 column-blind": 1, "q2 column-blind": 2 });

  test("gives each column the mean of its answers, shared answers to all who gave them", () => {
    const { answers, columns, raters, agreement } = importRatings([ada, bob], made.key);
    const mean = Object.fromEntries(answers.map((one) => [`${one.item} ${one.column}`, one.mean]));
    expect(mean).toEqual({
      "q1 column-direct": 4.5,
      "q1 column-vote": 4.5,
      "q1 column-blind": 1,
      "q2 column-direct": 4,
      "q2 column-blind": 2,
    });
    expect(raters).toEqual([
      { rater: "Ada", rated: 3 },
      { rater: "Bob", rated: 3 },
    ]);
    expect(columns.find(({ column }) => column === "column-direct")).toMatchObject({
      n: 2,
      score: (0.875 + 0.75) / 2,
    });
    // Two answers were rated twice, [5, 4] and [1, 1]. Of the four ratings two are 1, so by rank 1 and 4 are 1.5 apart,
    // 1 and 5 2.5, 4 and 5 1; squared: 1 - 3 * (2 * 1) / (2 * (2 * 2.25 + 2 * 6.25 + 1)).
    expect(agreement.ratedTwice).toBe(2);
    expect(agreement.alpha).toBeCloseTo(1 - 6 / 36, 12);
  });

  const change = (more: object) => file("Eve", { "q1 column-direct": 5 }, more);
  const rating = (more: object) => change({ ratings: [{ item: "q1", answer: "1", rating: 5, ...more }] });
  test.each([
    [[{ name: "a.json", text: "no" }], "a.json: must be JSON as the rating page exports it."],
    [[change({ page: "other" })], "Eve.json: must be ratings of the page "],
    [[change({ version: 2 })], "Eve.json: version: must be one of 1."],
    [[change({ rater: " " })], "Eve.json: rater: must not be empty."],
    [[rating({ rating: 6 })], "Eve.json: ratings[0].rating must be from 1 to 5, got 6."],
    [
      [rating({ item: "q9" })],
      'Eve.json: ratings[0] must be of an item and answer of the page, got ["q9","1"].',
    ],
    [[rating({ answer: "3" })], "Eve.json: ratings[0] must be of an item and answer of the page"],
    [
      [change({ ratings: Array(2).fill({ item: "q1", answer: "1", rating: 5 }) })],
      'Eve.json: ratings[1] must not rate the same answer again, got ["q1","1"].',
    ],
    [
      [ada, { ...ada, name: "Ada again.json" }],
      'Ada again.json: must be by another rater than "Ada.json", got "Ada". Leave out the older file of the same person.',
    ],
    [[], "ratings: must be at least one file, got none."],
  ])("refuses %#", (files, message) => {
    expect(() => importRatings(files, made.key)).toThrow(message);
  });

  test("is compared with a judge or rules over the answers that both have", () => {
    const imported = importRatings([ada, bob], made.key);
    const scores = [
      { item: "q1", column: "column-direct", score: 1 },
      { item: "q1", column: "column-blind", score: 0.75 },
      { item: "q2", column: "column-direct", score: 0.75 },
      { item: "q2", column: "column-blind", score: 0.25 },
      { item: "q9", column: "column-blind", score: 1 },
    ];
    const { n, binary, weightedKappa } = agreementWithPeople(imported, scores);
    expect([n, binary.share]).toEqual([4, 0.75]);
    // Right: people 2 of 4, scores 3 of 4; chance 2/4 * 3/4 + 2/4 * 1/4 = 1/2.
    expect(binary.kappa).toBeCloseTo(0.5, 12);
    // Ratings of people 5 (4.5 rounded up), 1, 4, 2 and scores 5, 4, 4, 2: one pair 3 steps apart, so 9 / 4 observed;
    // chance: the 16 pairings have the squares 0+1+1+9, 16+9+9+1, 1+0+0+4, 9+4+4+0, which is 68 / 16.
    expect(weightedKappa).toBeCloseTo(1 - 9 / 4 / (68 / 16), 12);
  });
});

test("a key is read back from its file, and other files are refused", () => {
  expect(parseRatingKey(JSON.stringify(made.key), "key.json")).toEqual(made.key);
  expect(() => parseRatingKey("<html>", "page.html")).toThrow("page.html: must be the JSON of a rating key.");
  expect(() => parseRatingKey('{"version": 1}', "key.json")).toThrow(
    "key.json: page: missing, must be a string (and 3 more). The key was written beside the page.",
  );
});

test("items of a run: chosen questions with the columns' first answers, none for what failed", async () => {
  const bytes = await encodePng(new Uint8Array(12).fill(9), 2, 2);
  const samples = ["a", "b", "c"].map(
    (id): Sample => ({
      ...{ id, instruction: "Which?", response: "x", choices: ["x", "y"] },
      input: [
        { type: "text", text: "Look." },
        { type: "image", source: `${id}.png` },
      ],
    }),
  );
  const row = (id: string, text?: string, repeat = 0): Row => ({
    ...{ id, seq: 0, repeat, type: "naming", group: id, score: 0 },
    ...(text === undefined ? { error: "no answer" } : { text }),
  });
  const columns = [
    { name: "one", rows: [row("a", "x"), row("a", "y", 1), row("b")] },
    { name: "two", rows: [row("a", "y"), row("stranger", "x")] },
  ];
  expect(await ratingItems(columns, samples, { loadImage: async () => ({ bytes }) })).toEqual([
    {
      sampleId: "a",
      question: "Look.\nWhich?\nA. x\nB. y",
      references: ["x"],
      pictures: [`data:image/png;base64,${Buffer.from(bytes).toString("base64")}`],
      answers: [
        { key: "one", text: "x" },
        { key: "two", text: "y" },
      ],
    },
  ]);
  const all = [{ name: "one", rows: samples.map(({ id }) => row(id, "x")) }];
  expect(await ratingItems(all, samples, { loadImage: async () => ({ bytes }), limit: 2 })).toHaveLength(2);
});
