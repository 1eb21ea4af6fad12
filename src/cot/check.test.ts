import { expect, test } from "vitest";
import { textOf, traceEvents } from "../model/index.ts";
import { mockModel } from "../testing/mock-model.ts";
import { type CheckOptions, check } from "./check.ts";
import { reason } from "./reason.ts";

const picture = {
  type: "file" as const,
  mediaType: "image/png",
  data: { type: "data" as const, data: new Uint8Array([1]) },
};

async function ask(script: string[], options?: CheckOptions) {
  const model = mockModel(script);
  const { content, providerMetadata } = await check(options)(reason({ retries: 0 })(model)).doGenerate({
    prompt: [{ role: "user", content: [picture, { type: "text", text: "How many?" }] }],
  });
  const checks = traceEvents(content).filter(({ type }) => type === "steps-checked");
  return {
    text: textOf(content),
    checks: checks.map(({ data }) => data!),
    sightline: providerMetadata!.sightline!,
    model,
  };
}

test("a chain that leads to the same answer without the picture is left alone", async () => {
  const { text, checks, sightline, model } = await ask(["1 + 1 = 2.\nAnswer: 2", "two"]);
  expect(text).toBe("2");
  expect(checks).toEqual([
    { attempt: 1, answer: "2", fromRationale: "two", agrees: true, claims: 2, wrong: [] },
  ]);
  expect(sightline).not.toHaveProperty("problem");
  const [seen, alone] = model.calls.map(({ prompt }) => JSON.stringify(prompt));
  expect(seen).toContain('"file"');
  expect(alone).not.toContain('"file"');
  expect(alone).toContain("1 + 1 = 2.");
});

test("a right calculation with a wrong last step is drawn again", async () => {
  const { text, checks } = await ask(["1 + 2 = 3.\nAnswer: 4", "4", "1 + 2 = 3.\nAnswer: 3", "3"]);
  expect(text).toBe("3");
  expect(checks[0]!.wrong).toMatchObject([{ kind: "conclusion", claimed: "4", computed: "3" }]);
});

test("a disagreement that stays is recorded, and the answer stays the model's", async () => {
  const { text, checks, sightline } = await ask(["A cat.\nAnswer: 4", "1", "A dog.\nAnswer: 5", "1"]);
  expect(text).toBe("5");
  expect(checks.map(({ agrees }) => agrees)).toEqual([false, false]);
  expect(sightline).toMatchObject({ problem: "inconsistent", calls: 4 });
});

test("code alone needs no second call", async () => {
  const { sightline, checks } = await ask(["1 + 1 = 3.\nAnswer: 3"], { reanswer: false, retries: 0 });
  expect(checks[0]).not.toHaveProperty("agrees");
  expect(sightline).toMatchObject({ problem: "inconsistent", calls: 1 });
});

test("what has no answer is not checked, and keeps its own problem", async () => {
  const { text, checks, sightline } = await ask(["I see a cat."]);
  expect({ text, checks: checks.length }).toEqual({ text: "", checks: 0 });
  expect(sightline).toMatchObject({ problem: "no-answer", calls: 1 });
});
