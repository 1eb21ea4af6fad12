import { afterEach, beforeEach, expect, test } from "vitest";
import { encodePng } from "../media/index.ts";
import type { Sample } from "../spec/index.ts";
import { createRun, openStore, readJudgements, type Store } from "../store/index.ts";
import { mockModel } from "../testing/index.ts";
import { storedVerdicts } from "./answer-verdicts.ts";
import type { ColumnRows } from "./column-rows.ts";
import { galleryOf } from "./gallery-question.ts";
import { formatJudge, type JudgeMode, judgeRun } from "./judge-run.ts";
import { formatReport, reportData } from "./report/index.ts";
import type { Row } from "./row.ts";
import { runJudgements } from "./run-judgements.ts";
import { summarise } from "./summary.ts";

const png = await encodePng(new Uint8Array(12), 2, 2);
const picture = async () => ({ bytes: png, mediaType: "image/png", hash: "h" });
const loadImage = async () => ({ bytes: png, mediaType: "image/png" });
const samples: Sample[] = ["red", "blue", "green"].map((response, i) => ({
  ...{ id: `q${i}`, instruction: "Which colour is it?", response },
  input: [{ type: "image", source: "p.png" }],
}));
function column(name: string, texts: (string | undefined)[], scores = [1, 0, 1]): ColumnRows {
  const rows = texts.map((text, seq): Row => {
    const place = { id: `q${seq}`, seq, repeat: 0, type: "other", group: `q${seq}` };
    return text === undefined
      ? { ...place, score: 0, error: "down" }
      : { ...place, text, score: scores[seq]! };
  });
  return { name, model: "m", technique: name, rows };
}

let store: Store;
beforeEach(async () => {
  store = await openStore(":memory:");
  await createRun(store, { id: "r", dataset: "d", manifest: {} });
});
afterEach(() => store.close());
const run = (columns: ColumnRows[], mode: JudgeMode, model: ReturnType<typeof mockModel>) =>
  judgeRun(store, "r", { columns, samples }, { mode, model, loadImage, seed: 0, concurrency: 1 });

test("every answer is judged once, kept with its maker, and judged again only when it changed", async () => {
  const model = mockModel(["Fine.\nScore: 5", "Hm.\nScore: 3", "So.\nScore: 1"]);
  const columns = [column("direct", ["red", "dark blue", undefined])];
  const { direct } = await run(columns, "rubric", model);
  expect(model.calls).toHaveLength(2);
  expect(direct).toMatchObject({
    mode: "rubric",
    n: 2,
    failed: 0,
    mean: 0.75,
    ruleCompared: 2,
    ruleDisagreements: 1,
  });
  const kept = await readJudgements(store, "r", { column: "direct" });
  expect(kept.map(({ question, score }) => [question, score])).toEqual([
    ["q0", 1],
    ["q1", 0.5],
  ]);
  expect(kept[0]!.kind).toMatch(/^rubric mock:mock [0-9a-f]{12}$/);

  expect(await run(columns, "rubric", model)).toEqual({ direct });
  expect(model.calls).toHaveLength(2);
  const changed = await run([column("direct", ["red", "grey", undefined])], "rubric", model);
  expect(model.calls).toHaveLength(3);
  expect(changed.direct).toMatchObject({ n: 2, mean: 0.5 });
});

test("pairs are judged against the first column, in both orders", async () => {
  // q0: both orders for the first column's answer; q1: the place decides.
  const model = mockModel(["Winner: 2", "Winner: 1", "Winner: 1", "Winner: 1", "Winner: tie", "Winner: tie"]);
  const columns = [column("a", ["red", "blue", "green"]), column("b", ["pink", "navy", "lime"], [0, 0, 1])];
  const figures = await run(columns, "pair", model);
  expect(Object.keys(figures)).toEqual(["b"]);
  expect(figures.b).toMatchObject({
    against: "a",
    n: 3,
    wins: [0, 1],
    ties: 2,
    orderDependent: 1,
    winRate: 0,
  });
  expect((await readJudgements(store, "r", { column: "b" })).map(({ score }) => score)).toEqual([
    0, 0.5, 0.5,
  ]);
  expect(formatJudge(figures, "mock")).toContain("b against a: 0 won, 1 lost, 2 ties, win rate 0.0%");
});

test("a judge that cannot be read is counted and never guessed; one that fails ends the judging", async () => {
  const vague = mockModel(() => "I would rather not say.");
  const { direct } = await run([column("direct", ["red", "blue", "green"])], "reference", vague);
  expect(direct).toMatchObject({ n: 3, failed: 3, score: null });
  expect(vague.calls).toHaveLength(9);
  const dead = mockModel(() => new Error("judge is down"));
  await expect(run([column("direct", ["red", "blue", "green"])], "rubric", dead)).rejects.toThrow(
    "judge is down",
  );
});

test("a report finds every judge's judgements, but none of an answer that has changed since", async () => {
  const judge = mockModel(["Score: 5", "no verdict", "no verdict", "no verdict", "Score: 1"]);
  const columns = [column("direct", ["red", "blue", "grey"]), column("blind", ["red", "red", undefined])];
  const { direct } = await run(columns.slice(0, 1), "rubric", judge);
  const pairs = await run(
    columns,
    "pair",
    mockModel(() => "Winner: 1"),
  );
  expect(await runJudgements(store, "r", columns)).toEqual([
    { mode: "rubric", judge: "mock:mock", prompt: expect.any(String), columns: { direct } },
    { mode: "pair", judge: "mock:mock", prompt: expect.any(String), against: "direct", columns: pairs },
  ]);
  expect(direct).toMatchObject({ n: 3, failed: 1 });
  const changed = [column("direct", ["red", "green", "grey"]), columns[1]!];
  const [rubric, pair] = await runJudgements(store, "r", changed);
  expect(rubric!.columns.direct).toMatchObject({ n: 2, failed: 0 });
  expect(pair!.columns.blind).toMatchObject({ n: 1 });
});

test("verdicts on single answers are in the report's gallery, with what the judge wrote", async () => {
  const columns = [column("direct", ["red", "blue", "grey"]), column("blind", ["red", "red", undefined])];
  const rubric = mockModel([
    "<b>Fine</b>.\nScore: 5",
    "Right, but the rules say no.\nScore: 4",
    ...Array(3).fill("?"),
    "Score: 1",
    "Score: 2",
  ]);
  await run(columns, "rubric", rubric);
  await run(
    columns,
    "reference",
    mockModel(() => "4 8\nShort."),
  );
  await run(columns, "pair", mockModel(["Winner: 2", "Winner: 1", "Winner: 1", "Winner: 1"]));
  const verdicts = storedVerdicts(store, "r", columns);
  const data = await reportData(columns, galleryOf(samples), { loadImage: picture, verdicts });
  const [first, second, third] = data.questions.map(({ answers }) => answers);
  expect(first![0]!.verdicts).toEqual([
    {
      ...{ judge: "rubric, mock:mock", verdict: "5 of 5: right and complete", score: 1 },
      text: "<b>Fine</b>.\nScore: 5",
    },
    {
      ...{ judge: "reference, mock:mock", verdict: "8 of 10, the reference 4", score: 7 / 9 },
      text: "4 8\nShort.",
    },
  ]);
  expect(third![0]!.verdicts![0]).toMatchObject({ verdict: "could not be read", score: null, text: "?" });
  expect([first, second].map((answers) => answers![1]!.verdicts!.at(-1)!.verdict)).toEqual([
    "worse than direct",
    "the place decided, no winner against direct",
  ]);
  expect(third![1]!.verdicts).toBeUndefined();
  // Where the judge and the rules are furthest apart comes first.
  expect(data.cases).toContainEqual({ name: "direct: judge and rules disagree most", questions: [1, 2] });
  const page = await formatReport(
    await summarise({ columns, aborted: false }, { dataset: "d", n: 3 }),
    data,
    { version: "0" },
  );
  expect(page).not.toContain("<b>Fine");
  expect(page).toContain('<option value="0">direct: best</option>');

  const changed = [column("direct", ["green", "blue", "grey"]), columns[1]!];
  const later = await reportData(changed, galleryOf(samples), {
    loadImage: picture,
    verdicts: storedVerdicts(store, "r", changed),
  });
  expect(later.questions[0]!.answers[0]!.verdicts).toBeUndefined();
});
