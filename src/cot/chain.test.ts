import { expect, test } from "vitest";
import { textOf, traceEvents } from "../model/index.ts";
import { mockModel } from "../testing/mock-model.ts";
import { type ChainOptions, chain } from "./chain.ts";

async function ask(script: string[], options?: ChainOptions) {
  const model = mockModel(script);
  const query = { id: "q", group: "q", question: "How many?", imageIds: [], answerType: "number" };
  const { content, providerMetadata } = await chain(options)(model).doGenerate({
    prompt: [{ role: "user", content: [{ type: "text", text: "How many?" }] }],
    providerOptions: { sightline: { query } },
  });
  const said = model.calls.map(({ prompt }) => (prompt[0]!.content as { text: string }[])[0]!.text);
  const ended = traceEvents(content).find(({ type }) => type === "chain-ended")?.data;
  const reasoning = content.flatMap((part) => (part.type === "reasoning" ? part.text : [])).join("");
  return { text: textOf(content), reasoning, ended, said, sightline: providerMetadata!.sightline! };
}

test("the model says when it is done", async () => {
  const { text, reasoning, ended, said } = await ask(["1. One left.", "Step 2: Two right.", "Answer: 3"]);
  expect({ text, reasoning }).toEqual({ text: "3", reasoning: "One left.\nTwo right." });
  expect(ended).toEqual({ steps: 2, by: "the model" });
  expect(said[2]).toBe(
    'How many?\nSteps so far:\n1. One left.\n2. Two right.\nWrite step 3 in one sentence. If the steps are enough, write instead "Answer:" and then a number.',
  );
});

test("the cap ends a chain that does not end, and the answer is still the model's", async () => {
  const { text, ended, said } = await ask(["One.", "Two.", "2"], { cap: 2 });
  expect({ text, ended }).toEqual({ text: "2", ended: { steps: 2, by: "the cap" } });
  expect(said[2]).toContain("Reasoning: One.\nTwo.");
});

test("a given length is kept, also when the model would stop", async () => {
  const { text, said, ended } = await ask(["Answer: 1", "Two.", "2"], { steps: 2 });
  expect({ text, ended }).toEqual({ text: "2", ended: { steps: 2, by: "the given length" } });
  expect(said[1]).toContain("Write step 2 of 2 in one sentence.");
  expect(() => chain({ steps: 0 })).toThrow("chain: steps must be a whole number from 1 on, got 0.");
});

test("a chain that goes round in a circle is stopped", async () => {
  const { text, sightline, ended } = await ask(["One left.", "one left", "One left."]);
  expect({ text, ended }).toEqual({ text: "", ended: { steps: 2, by: "loop" } });
  expect(sightline).toMatchObject({ problem: "loop", calls: 3 });
});
