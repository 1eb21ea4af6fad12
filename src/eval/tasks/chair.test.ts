import { expect, test } from "vitest";
import { chairProbes } from "../../data/probes/index.ts";
import { sampleSchema } from "../../data/schema/index.ts";
import { taskFor } from "./index.ts";

const picture = (name: string, ...objects: string[]) => ({ name, source: name, objects, regions: [] });
const samples = chairProbes([picture("a", "dog", "car"), picture("b", "person"), picture("c")]);

test("a question for each picture with an object, as a Sample", () => {
  expect(samples.map((sample) => sampleSchema.parse(sample))).toEqual(samples);
  expect(samples.map(({ id, response }) => [id, response])).toEqual([
    ["a:caption", "dog, car"],
    ["b:caption", "person"],
  ]);
  expect(() => chairProbes([picture("c")])).toThrow(
    "chair: needs pictures with at least one object, got 1 without any.",
  );
});

test("figures by hand: a failed caption covers nothing and hallucinates nothing", async () => {
  const { figures } = await taskFor({ task: "chair", samples });
  const row = (i: number, text?: string) => ({ sample: samples[i]!, text, score: 0 });
  const found = (...rows: ReturnType<typeof row>[]) =>
    Object.fromEntries(figures!(rows).map(({ name, value }) => [name, value]));
  // 3 mentions, of which the cat is not there; 1 of the 2 captions; 2 of 3 objects; 5 and 2 words.
  expect(found(row(0, "a dog, a cat sleeping"), row(1, "a man"))).toEqual({
    ...{ CHAIRi: 1 / 3, CHAIRs: 1 / 2, recall: 2 / 3, "mean length": 3.5 },
  });
  expect(found(row(0, "a dog and a cat"), row(1))).toEqual({
    ...{ CHAIRi: 1 / 2, CHAIRs: 1, recall: 1 / 3, "mean length": 5 },
  });
});

test("a sample without its objects is refused", async () => {
  const { extra: _, ...bare } = samples[0]!;
  await expect(taskFor({ task: "chair", samples: [bare] })).rejects.toThrow(
    'sample "a:caption", extra.objects: must be the names of what is in the picture.',
  );
});
