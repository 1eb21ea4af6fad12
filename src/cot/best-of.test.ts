import { expect, test } from "vitest";
import { textOf, traceEvents } from "../model/index.ts";
import { type MockAnswer, mockModel } from "../testing/mock-model.ts";
import { type BestOfOptions, bestOf, verifyBy } from "./best-of.ts";

async function ask(script: MockAnswer[], options?: BestOfOptions) {
  const { content, providerMetadata } = await bestOf(
    script.length,
    options,
  )(mockModel(script)).doGenerate({
    prompt: [{ role: "user", content: [{ type: "text", text: "How many?" }] }],
  });
  const events = traceEvents(content);
  const verified = events.find(({ type }) => type === "candidates-verified")!.data as unknown as {
    candidates: { answer: string; score: number }[];
    chosen: number;
  };
  return {
    text: textOf(content),
    events,
    scores: verified.candidates.map(({ score }) => score),
    chosen: verified.chosen,
    sightline: providerMetadata!.sightline!,
  };
}

test("code picks the draw whose sums are right", async () => {
  const { text, scores, chosen } = await ask([
    { reasoning: "1 + 2 = 4.", text: "4" },
    { reasoning: "1 + 2 = 4.", text: "4" },
    { reasoning: "1 + 2 = 3.", text: "3" },
  ]);
  expect({ text, scores, chosen }).toEqual({ text: "3", scores: [0.5, 0.5, 1], chosen: 3 });
});

test("equally good draws are decided by their number, then by their order", async () => {
  const draws = (...answers: string[]) => answers.map((text) => ({ text }));
  expect((await ask(draws("2", "3", "three"))).text).toBe("3");
  expect((await ask(draws("2", "3"))).text).toBe("2");
});

test("a problem is worse than any answer, and is told when there is nothing else", async () => {
  const bad: MockAnswer = { text: "9", providerMetadata: { sightline: { problem: "outside-choices" } } };
  expect((await ask([bad, { reasoning: "1 + 1 = 3.", text: "3" }])).text).toBe("3");
  expect((await ask([bad])).sightline).toMatchObject({ problem: "outside-choices" });
});

test("a model verifies by its yes, or by its chances when it can tell them", async () => {
  const judge = mockModel(["No.", "Yes, it is."]);
  const { text, events } = await ask([{ reasoning: "A", text: "2" }, { text: "3" }], {
    verify: verifyBy(judge),
  });
  expect(text).toBe("3");
  expect(JSON.stringify(judge.calls[0]!.prompt)).toContain("Reasoning: A\\nAnswer: 2\\n");
  expect(events.filter(({ type }) => type === "model-asked").map(({ data }) => data!.label)).toEqual([
    "verify",
    "verify",
  ]);

  const choices = (yes: number, no: number): MockAnswer => ({
    text: yes > no ? "yes" : "no",
    providerMetadata: {
      sightline: {
        choices: [
          { choice: "yes", logprob: yes },
          { choice: "no", logprob: no },
        ],
      },
    },
  });
  const scoring = mockModel([choices(-1, -1), choices(-1, -1 + Math.log(3))], {
    capabilities: { choices: true },
  });
  const { scores } = await ask([{ text: "2" }, { text: "3" }], { verify: verifyBy(async () => scoring) });
  expect(scores[0]).toBeCloseTo(0.5);
  expect(scores[1]).toBeCloseTo(0.25);
  expect(scoring.calls[0]!.providerOptions!.sightline!.choices).toEqual(["yes", "no"]);
});

test("a number of draws that is none is refused", () => {
  for (const n of [0, -1, 1.5, Number.NaN])
    expect(() => bestOf(n)).toThrow(`best-of: n must be a whole number from 1 on, got ${n}.`);
});
