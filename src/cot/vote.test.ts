import fc from "fast-check";
import { expect, test } from "vitest";
import { textOf, traceEvents } from "../model/index.ts";
import { type MockAnswer, mockModel } from "../testing/mock-model.ts";
import { reason } from "./reason.ts";
import { vote } from "./vote.ts";

const prompt = [{ role: "user" as const, content: [{ type: "text" as const, text: "How many?" }] }];

async function ask(answers: (string | MockAnswer)[], n: number, choices?: string[]) {
  const model = mockModel(answers);
  const query = { id: "q", group: "q", question: "How many?", imageIds: [], ...(choices ? { choices } : {}) };
  const result = await vote(n)(model).doGenerate({
    prompt,
    temperature: 0,
    seed: 3,
    providerOptions: { sightline: { query } },
  });
  const counted = traceEvents(result.content).find(({ type }) => type === "votes-counted")!.data!;
  return { text: textOf(result.content), counted, sightline: result.providerMetadata!.sightline!, model };
}

test("the majority wins, whatever its spelling, and every draw is another one", async () => {
  const { text, counted, sightline, model } = await ask(["two", "3", "Three.", "2", "the 3"], 5);
  expect(text).toBe("3");
  expect(counted).toEqual({
    votes: [
      { answer: "3", votes: 3 },
      { answer: "two", votes: 2 },
    ],
    ...{ drawn: 5, of: 5, tie: false, withoutVote: [] },
  });
  expect(sightline.votes).toEqual({ for: 3, drawn: 5 });
  expect(model.calls.every(({ temperature }) => temperature === 0.7)).toBe(true);
  expect(new Set(model.calls.map(({ seed }) => seed)).size).toBe(5);
});

test("options are compared as options", async () => {
  expect((await ask(["cat", "B", "(b) dog"], 3, ["cat", "dog"])).text).toBe("B");
});

test("drawing ends when the rest could change nothing", async () => {
  expect((await ask(["2", "2", "2"], 5)).counted).toMatchObject({ drawn: 3, of: 5 });
  expect((await ask(["2", "2"], 4)).counted).toMatchObject({ drawn: 2, of: 4 });
  expect((await ask(["3", "2", "2", "2"], 5)).counted).toMatchObject({ drawn: 4 });
});

test("a tie goes to the answer that was reached first", async () => {
  const { text, counted } = await ask(["2", "3", "3", "2"], 4);
  expect(text).toBe("2");
  expect(counted).toMatchObject({ drawn: 4, tie: true });
});

test("a draw that ended in a problem has no vote", async () => {
  const bad: MockAnswer = { text: "9", providerMetadata: { sightline: { problem: "outside-choices" } } };
  const { text, counted, sightline } = await ask([bad, bad, "2"], 3);
  expect(text).toBe("2");
  expect(counted.withoutVote).toEqual(["outside-choices", "outside-choices"]);
  expect(sightline).not.toHaveProperty("problem");
});

test("when nobody has a vote the problem is told, and nothing is made up", async () => {
  const { text, sightline, counted } = await ask([{ text: "" }, { text: "" }], 2);
  expect(text).toBe("");
  expect(sightline).toMatchObject({ problem: "no-answer", votes: { for: 0, drawn: 2 } });
  expect(counted).toMatchObject({ votes: [], withoutVote: ["no-answer", "no-answer"] });
});

test("the winner's rationale comes with its answer", async () => {
  const model = mockModel(["Two.\nAnswer: 2", "Three.\nAnswer: 3", "Three, sure.\nAnswer: 3"]);
  const { content, providerMetadata } = await vote(3)(reason()(model)).doGenerate({ prompt });
  expect(textOf(content)).toBe("3");
  expect(content.flatMap((part) => (part.type === "reasoning" ? part.text : []))).toEqual(["Three."]);
  expect(providerMetadata!.sightline!.calls).toBe(3);
});

test("stopping early never changes the outcome", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom("1", "2", "3"), { minLength: 1, maxLength: 7 }),
      async (answers) => {
        const counts = new Map<string, number>();
        for (const answer of answers) counts.set(answer, (counts.get(answer) ?? 0) + 1);
        const [winner] = [...counts].sort((a, b) => b[1] - a[1])[0]!;
        expect((await ask(answers, answers.length)).text).toBe(winner);
      },
    ),
    { numRuns: 60 },
  );
});

test("a number of draws that is none is refused", () => {
  for (const n of [0, -1, 1.5, Number.NaN])
    expect(() => vote(n)).toThrow(`vote: n must be a whole number from 1 on, got ${n}.`);
});
