import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { encodePng } from "../../media/index.ts";
import type { Sample } from "../../spec/index.ts";
import { galleryOf } from "../gallery-question.ts";
import type { CompareRun } from "../run-compare.ts";
import { summarise } from "../summary.ts";
import { formatReport, type ReportData, reportData } from "./index.ts";

const evil = '</script><script>alert("1")</script><img src=x onerror=alert(2)> & <!--';
const samples: Sample[] = ["p.png", "p.png", "other.png", "gone.png"].map((source, i) => ({
  id: `q${i}`,
  instruction: i === 0 ? evil : "What is it?",
  input: [{ type: "image", source }],
  response: "dog",
  type: i === 0 ? evil : "naming",
}));
const run: CompareRun = {
  columns: [
    {
      ...{ name: evil, model: "m", technique: "direct" },
      rows: samples.map(({ id, type }, seq) => ({
        ...{ id, seq, repeat: 0, type: type!, group: id },
        ...{ text: evil, score: 0, reasoning: evil, latencyMs: 5 },
        events: [{ id: "1", parent: null, technique: "t", type: "call-start", data: { label: evil } }],
      })),
    },
  ],
  aborted: true,
};
const loadImage = async ({ source }: { source: string }) => {
  if (source === "gone.png") throw new Error('"gone.png": must exist.');
  const bytes = await encodePng(new Uint8Array(12).fill(source.length), 2, 2);
  return { bytes, mediaType: "image/png", hash: `sha256:${source}` };
};

async function page(): Promise<string> {
  const summary = await summarise(run, { dataset: evil, n: samples.length });
  const data = await reportData(run.columns, galleryOf(samples), { loadImage });
  return formatReport(summary, data, { now: new Date(0), version: "1.2.3" });
}

test("a picture that questions share is stored once, and a missing one says why", async () => {
  const { pictures, questions } = await reportData(run.columns, galleryOf(samples), { loadImage });
  expect(pictures).toHaveLength(2);
  expect(pictures[0]).toMatch(/^data:image\/png;base64,/);
  expect(questions.map(({ pictures: at, problem }) => [at, problem])).toEqual([
    [[0], undefined],
    [[0], undefined],
    [[1], undefined],
    [[], '"gone.png": must exist.'],
  ]);
});

test("nothing that a dataset or a model wrote becomes markup", async () => {
  const text = await page();
  expect(text).not.toContain("<script>alert");
  expect(text).not.toContain("<img src=x");
  expect(text.match(/<script/g)).toHaveLength(2);
  expect(text.match(/<\/script>/g)).toHaveLength(2);
  const json = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(text)![1]!;
  const data = JSON.parse(json) as ReportData;
  expect(data.questions[0]).toMatchObject({
    question: evil,
    type: evil,
    answers: [{ text: evil, steps: [{ text: evil }] }],
  });
});

test("figures, judgements with what could not be read, people and a plot by type are shown, as text", async () => {
  const summary = await summarise(run, { dataset: "d", n: samples.length });
  const data = await reportData(run.columns, galleryOf(samples), { loadImage });
  const text = await formatReport(summary, data, {
    version: "1",
    figures: { [evil]: [{ name: "accuracy+", type: evil, value: 0.25 }] },
    remarks: [evil],
    judgements: [
      {
        ...{ mode: "rubric", judge: evil, prompt: "0123456789ab" },
        columns: {
          [evil]: {
            ...{ mode: "rubric", n: 9, failed: 2, retried: 1, mean: 0.5, interval: [0.3, 0.7] },
            ...{ ruleCompared: 7, ruleDisagreements: 3, ruleKappa: 0.125 },
          },
        },
      },
    ],
    people: {
      ...{ page: "p", scale: ["wrong", "right"], raters: [{ rater: evil, rated: 4 }], answers: [] },
      columns: [{ column: evil, n: 4, score: 0.75, interval: null }],
      agreement: { alpha: 0.5, ratedTwice: 3 },
      agreementWith: {
        [evil]: {
          n: 4,
          binary: { n: 4, share: 0.75, interval: undefined, kappa: 0.4 },
          weightedKappa: undefined,
        },
      },
    },
  });
  expect(text).not.toContain("<script>alert");
  expect(text).not.toContain("<img src=x");
  const cells = [...text.matchAll(/<td[^>]*>([^<]*)<\/td>/g)].map(([, cell]) => cell!);
  expect(cells).toContain("0.2500");
  for (const row of [
    ["50.0%", "30.0 – 70.0", "9", "2", "3 of 7", "0.13"],
    ["75.0%", "–", "4"],
    ["4", "75.0%", "0.40", "–"],
  ])
    expect(cells.join("|")).toContain(row.join("|"));
  expect(text).toContain("alpha between them: 0.50, over 3 answers");
  expect(text).toContain('aria-label="Accuracy by question type with 95% intervals"');
});

test("the policy admits exactly the page's own style and script, and no request", async () => {
  const text = await page();
  const hash = (part: string) => `'sha256-${createHash("sha256").update(part).digest("base64")}'`;
  const style = /<style>(.*?)<\/style>/s.exec(text)![1]!;
  const script = /<script>(.*?)<\/script>/s.exec(text)![1]!;
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/
    .exec(text)![1]!
    .replaceAll("&#39;", "'");
  expect(policy.split("; ")).toEqual([
    "default-src 'none'",
    "img-src data:",
    `style-src ${hash(style)}`,
    `script-src ${hash(script)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ]);
  expect(text.match(/(src|href)="(?!data:)[^"]*"/g)).toBeNull();
  expect(style).not.toMatch(/url\(|@import/);
});
