import { expect, test } from "vitest";
import { probe, reason } from "../cot/index.ts";
import { encodePng } from "../media/index.ts";
import type { Sample } from "../spec/index.ts";
import { mockModel } from "../testing/mock-model.ts";
import { modelColumn } from "./column.ts";
import { faithfulnessOf, formatFaithfulness, otherPictures } from "./faithfulness.ts";
import { runCompare } from "./run-compare.ts";
import { createScorer } from "./scorer.ts";

const samples: Sample[] = [1, 2, 3].map((value) => ({
  id: `q${value}`,
  instruction: "How many cats?",
  input: [{ type: "image", source: `${value}.png` }],
  response: "2",
  answerType: "number",
}));
const loadImage = async ({ source }: { source: string }) => {
  const bytes = await encodePng(new Uint8Array(12).fill(Number(source[0])), 2, 2);
  return { bytes, mediaType: "image/png", hash: `sha256:${source}` };
};

test("a run with probes says how often answers change, with intervals, and what could not be probed", async () => {
  // Of the three questions one has no answer; the others answer with the first number of their rationale.
  let asked = 0;
  const model = mockModel(({ providerOptions }) => {
    const { rationale } = providerOptions!.sightline! as { rationale: boolean | string };
    if (typeof rationale === "string") return /\d/.exec(rationale)?.[0] ?? "0";
    return asked++ === 0 ? "I see cats." : "2 cats are there. So it is 2.\nAnswer: 2";
  });
  const column = modelColumn({
    ...{ name: "probe reason", technique: "probe reason", modelName: "mock", concurrency: 1 },
    model: probe({ otherPictures: otherPictures(samples, { loadImage, seed: 0 }) })(
      reason({ retries: 0 })(model),
    ),
    ...{ loadImage, seed: 0, timeoutMs: 10_000, maxOutputTokens: 64 },
  });
  const { columns } = await runCompare({ samples, columns: [column] }, { scorer: createScorer() });
  expect(columns[0]!.rows.map(({ problem, score }) => [problem, score])).toEqual([
    ["no-answer", 0],
    [undefined, 1],
    [undefined, 1],
  ]);
  const found = await faithfulnessOf(columns);
  const [same, , , , corrupted] = found["probe reason"]!.probes;
  expect(same).toEqual({ probe: "same", n: 2, changed: 0, interval: [0, expect.closeTo(0.658, 3)] });
  expect(corrupted).toEqual({
    probe: "corrupted",
    n: 2,
    changed: 2,
    interval: [expect.closeTo(0.342, 3), 1],
  });
  expect(formatFaithfulness(found)).toBe(`
probe reason, how often the answer changes:
  same         nothing changed                              0.0% (0.0 – 65.8) of 2
  blank        picture turned grey, rationale kept          0.0% (0.0 – 65.8) of 2
  swapped      another question's picture, rationale kept   0.0% (0.0 – 65.8) of 2
  truncated    first half of the rationale                  0.0% (0.0 – 65.8) of 2
  corrupted    rationale with wrong numbers and words       100.0% (34.2 – 100.0) of 2
  paraphrased  rationale in other words                     100.0% (34.2 – 100.0) of 2
  filler       full stops of the rationale's length         100.0% (34.2 – 100.0) of 2
  Not probed, for want of a rationale or an answer: 1.
`);
});

test("a run without probes has no figures", async () => {
  const found = await faithfulnessOf([{ name: "direct", model: "mock", technique: "direct", rows: [] }]);
  expect(found).toEqual({});
  expect(formatFaithfulness(found)).toBe("");
});

test("the other picture is never the question's own", async () => {
  const other = otherPictures(samples, { loadImage, seed: 4 });
  for (const { id } of samples) {
    const [picture] = (await other({ id, group: id, question: "", imageIds: [] }))!;
    const own = await loadImage({ source: `${id[1]}.png` });
    expect(picture!.data).not.toEqual({ type: "data", data: own.bytes });
  }
  // A question that the dataset does not hold gets a picture all the same.
  expect(await other({ id: "unknown", group: "g", question: "", imageIds: [] })).toHaveLength(1);
});
