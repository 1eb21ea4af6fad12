import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { trainingReport, writeTrainingReport } from "./training-report.ts";

const step = (i: number, loss = 5 - i / 500) => ({
  ...{ kind: "step" as const, stage: i < 500 ? "ground" : "answer", loss, gradientNorm: 1 },
  ...{ learningRate: 0.001, wallSeconds: i },
});
const evaluation = (at: number, accuracy: number) => ({
  ...{ kind: "evaluation" as const, stage: "answer", step: at },
  accuracy: { counting: { n: 40, accuracy }, '<b>"x"': { n: 2, accuracy: 0.5 } },
});
const log = [
  ...Array.from({ length: 500 }, (_, i) => step(i)),
  evaluation(500, 0.25),
  ...Array.from({ length: 500 }, (_, i) => step(500 + i)),
  evaluation(1000, 0.75),
  { kind: "pace" as const, stage: "answer", waitShare: 0.0123 },
];

test("the page says where the run ended, and its curves are where the numbers are", () => {
  const page = trainingReport("mine", log);
  expect(page).toContain(
    "1000 steps in 2 stages, loss 3.0020 at the end; of the time waiting for pictures: answer 1.2%<",
  );
  expect(trainingReport("mine", [step(0)])).toContain("1 steps in 1 stage, loss 5.0000 at the end<");
  expect(page).toMatch(/counting <b>75\.0%<\/b> of 40/);
  const [raw] = /<polyline class="series-0" points="([^"]*)"/.exec(page)!.slice(1);
  const points = raw!.split(" ").map((pair) => pair.split(",").map(Number));
  expect(points.length).toBeLessThanOrEqual(400);
  // The loss falls, so its curve goes down the page, which is up in y, and to the right.
  for (const [i, [x, y]] of points.entries()) {
    if (i === 0) continue;
    expect(x).toBeGreaterThan(points[i - 1]![0]!);
    expect(y).toBeGreaterThan(points[i - 1]![1]!);
  }
});

test("names from a recipe and a dataset are text; a loss that is no number leaves a gap", () => {
  const page = trainingReport("<script>alert(1)</script>", [
    step(0),
    step(1, Number.NaN),
    step(2),
    evaluation(3, 1),
  ]);
  expect(page).not.toContain("<script>");
  expect(page).toContain("&lt;b&gt;&quot;x&quot;");
  expect(page).not.toContain("NaN");
});

test("the blind control stands beside each type, and what the model wrote beside what it was to write", () => {
  const answers = (step: number, answer: string) => ({
    ...{ kind: "samples" as const, stage: "answer", step },
    samples: [{ type: "counting", question: "How many <i>?", reference: "two", answer }],
  });
  const page = trainingReport("mine", [
    step(0),
    {
      ...{ kind: "evaluation", stage: "answer", step: 1 },
      accuracy: { counting: { n: 40, accuracy: 0.75, blind: 0.5 } },
      overall: { n: 40, accuracy: 0.75, blind: 0.5, gain: 0.25 },
    },
    ...[1, 2, 3, 4, 5, 6].map((at) => answers(at, at < 6 ? `try ${at}` : "two")),
    { kind: "best", stage: "answer", step: 6, best: 1, accuracy: 0.75 },
  ]);
  expect(page).toMatch(/counting <b>75\.0%<\/b> of 40, blind 50\.0%/);
  expect(page).toContain(
    "75.0% of 40 answers right; 50.0% behind grey pictures, so 25.0 points come from seeing",
  );
  expect(page).toContain("answer: 6 steps, ended with the weights of step 1 (75.0%)");
  expect(page).toContain("How many &lt;i&gt;?");
  expect(page).toMatch(/<td>try 1<\/td><td>try 3<\/td><td>try 4<\/td><td class="right">two<\/td>/);
});

test("is written beside the log, and an empty log is refused", async () => {
  const out = await mkdtemp(path.join(tmpdir(), "sightline-training-report-"));
  await writeFile(path.join(out, "log.jsonl"), log.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
  expect(await readFile(await writeTrainingReport(out, "mine"), "utf8")).toContain("Training of mine");
  await writeFile(path.join(out, "log.jsonl"), "");
  await expect(writeTrainingReport(out, "mine")).rejects.toThrow("log.jsonl: must have a step to report");
  await rm(out, { recursive: true });
});
