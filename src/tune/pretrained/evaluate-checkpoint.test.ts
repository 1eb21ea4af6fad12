// Scores against what the model itself says token by token.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkpointFolder } from "../../../test/fixtures/checkpoint-folder.ts";
import { readPictureProcessor } from "../../data/picture-processor.ts";
import { createRng } from "../../util/rng.ts";
import { openEvaluator } from "./evaluate-checkpoint.ts";
import { startWeights, trainedLayout } from "./gradients.ts";
import { openPretrained } from "./pretrained-model.ts";
import { readCheckpoint } from "./read-checkpoint.ts";
import { IGNORED } from "./training-batch.ts";
import { batchOf, type Example } from "./training-examples.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "sightline-scores-"));
});
afterAll(() => rm(root, { recursive: true }));

test("loss, tokens and answers by type are those of the logits; grey hides the picture", async () => {
  const dir = await checkpointFolder("smolvlm", root);
  const checkpoint = await readCheckpoint(dir);
  const processor = await readPictureProcessor(dir);
  const model = await openPretrained(checkpoint);
  const rng = createRng("scores");
  const picture = () => new Uint8Array(768).map(() => rng.int(256));
  const asked = [
    { squares: [picture()], ids: [1, 95, 95, 95, 95, 20, 30, 31], spans: [[6, 8]], type: "a" },
    // A conversation of two answers about two pictures.
    {
      squares: [picture(), picture()],
      ids: [1, ...new Array<number>(8).fill(95), 20, 40, 21, 22, 41],
      spans: [
        [10, 11],
        [13, 14],
      ],
      type: "b",
    },
    { squares: [], ids: [1, 20, 50, 2], spans: [[2, 4]], type: "a" },
  ] as (Pick<Example, "squares" | "ids" | "type"> & { spans: [number, number][] })[];
  let [loss, right, total] = [0, 0, 0];
  const answers: boolean[][] = [];
  const examples: Example[] = [];
  for (const [i, { squares, ids, spans, type }] of asked.entries()) {
    const { pixels } = batchOf([{ squares, ids, labels: ids } as unknown as Example], processor);
    // One answer is made right: it is what the model finds most likely.
    const greedy = await model.generate(ids.slice(0, spans[0]![0]), {
      maxTokens: 1,
      ...(pixels && { pixels }),
    });
    const said = ids.map((id, t) => (i === 1 && t === 10 ? greedy[0]! : id));
    const { data } = await model.logits(said, pixels);
    const hits = spans.map(([start, end]) => {
      let whole = true;
      for (let t = start; t < end; t++) {
        const row = [...data.subarray((t - 1) * 96, t * 96)];
        loss += Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0)) - row[said[t]!]!;
        const hit = row.indexOf(Math.max(...row)) === said[t];
        right += Number(hit);
        total++;
        whole &&= hit;
      }
      return whole;
    });
    answers.push(hits);
    const labels = said.map((id, t) => (spans.some(([start, end]) => t >= start && t < end) ? id : IGNORED));
    examples.push({ id: `${i}`, type, question: "", reference: "", ids: said, labels, spans, squares });
  }
  await model.dispose();
  const trained = startWeights(
    checkpoint,
    trainedLayout(checkpoint, undefined, () => false),
    1,
  );
  const evaluator = await openEvaluator(checkpoint, trained, { length: 16, processor });
  for (const batch of [1, 2, 3]) {
    const scores = await evaluator.score(examples, batch);
    expect(scores.loss).toBeCloseTo(loss / total, 4);
    expect(scores.tokenAccuracy).toBeCloseTo(right / total, 6);
    expect(scores.accuracy.a).toEqual({
      n: 2,
      accuracy: answers.flat().filter((hit, i) => hit && i !== 1 && i !== 2).length / 2,
    });
    expect(scores.accuracy.b!.n).toBe(2);
    expect(scores.accuracy.b!.accuracy).toBeGreaterThanOrEqual(0.5);
    expect(scores.overall).toEqual({ n: 4, accuracy: answers.flat().filter(Boolean).length / 4 });
  }
  const grey = examples.map((example) => ({
    ...example,
    squares: example.squares.map(() => new Uint8Array(768).fill(128)),
  }));
  expect(await evaluator.score(examples, 3, { hidden: true })).toEqual(await evaluator.score(grey, 3));
  await evaluator.dispose();
});
