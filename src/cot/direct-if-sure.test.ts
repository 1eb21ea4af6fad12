import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";
import { expect, test } from "vitest";
import { SetupError } from "../errors/index.ts";
import { textOf, traceEvents } from "../model/index.ts";
import type { Query } from "../spec/index.ts";
import { type MockAnswer, mockModel } from "../testing/mock-model.ts";
import { probe } from "./probe.ts";
import { reason } from "./reason.ts";

const picture = {
  type: "file" as const,
  mediaType: "image/png",
  data: { type: "data" as const, data: new Uint8Array([1, 2, 3]) },
};

function question(fields: Partial<Query> = {}): LanguageModelV4CallOptions {
  const query = {
    ...{ id: "q", group: "g", question: "How many cats are there?", imageIds: ["sha256:1"] },
    ...{ answerType: "number" as const, ...fields },
  };
  return {
    prompt: [{ role: "user", content: [picture, { type: "text", text: query.question }] }],
    providerOptions: { sightline: { query } },
    temperature: 0,
  };
}

/** An answer whose tokens have these probabilities. */
function said(text: string, ...probabilities: number[]): MockAnswer {
  const logprobs = probabilities.map((p) => ({ token: "x", logprob: Math.log(p), top: [] }));
  return { text, providerMetadata: { sightline: { logprobs } } };
}

const tells = { logprobs: true, rationales: true, plainQuestions: true };
const thought: MockAnswer = { reasoning: "cat: 1 a1, 2 b2.", text: "2" };

async function ask(script: MockAnswer[], unsure: number, call = question(), capabilities: object = tells) {
  const model = mockModel(script, { capabilities });
  const { content } = await reason({ unsure })(model).doGenerate(call);
  const reasoning = content.flatMap((part) => (part.type === "reasoning" ? part.text : [])).join("");
  const events = traceEvents(content).filter(({ type }) => type === "answered-directly");
  const asked = model.calls.map(({ prompt, providerOptions }) => ({
    text: (prompt.at(-1)!.content as { text?: string }[]).at(-1)!.text,
    rationale: providerOptions!.sightline!.rationale,
    logprobs: providerOptions!.sightline!.logprobs,
  }));
  return { text: textOf(content), reasoning, events: events.map(({ data }) => data), asked };
}

const plain = "How many cats are there?";

test("a direct answer that is sure stands, in one call and without a rationale", async () => {
  expect(await ask([said("3", 0.9, 0.8)], 0.8)).toEqual({
    text: "3",
    reasoning: "",
    events: [{ answer: "3", sureness: 0.8485, stands: true }],
    asked: [{ text: plain, rationale: false, logprobs: true }],
  });
});

test("one that is not is thought about", async () => {
  expect(await ask([said("3", 0.9, 0.5), thought], 0.8)).toEqual({
    text: "2",
    reasoning: "cat: 1 a1, 2 b2.",
    events: [{ answer: "3", sureness: 0.6708, stands: false }],
    asked: [
      { text: plain, rationale: false, logprobs: true },
      { text: plain, rationale: true, logprobs: undefined },
    ],
  });
});

test("the bound itself is sure enough, and nothing said never is", async () => {
  expect((await ask([said("3", 1)], 1)).asked).toHaveLength(1);
  expect((await ask([said("", 1), thought], 0)).text).toBe("2");
});

test("an answer that is none of the choices is not sure, however likely it is", async () => {
  const call = question({ choices: ["cat", "dog"], answerType: "choice" });
  const { text, events } = await ask([said("a cow", 1), { reasoning: "It barks.", text: "B" }], 0.5, call);
  expect(text).toBe("B");
  expect(events).toEqual([{ answer: "a cow", sureness: 1, stands: false }]);
});

test("a model that follows instructions is asked for a short answer first, then to think", async () => {
  const { asked } = await ask([said("3", 0.2), { text: "One, two.\nAnswer: 2" }], 0.5, question(), {
    logprobs: true,
  });
  expect(asked.map(({ text }) => text!.split("\n").slice(1, 2))).toEqual([
    ["Answer the question using a single word or phrase."],
    ["Let's think step by step."],
  ]);
});

test("a wanted format and a finished rationale leave nothing to be sure of", async () => {
  const json = { ...question({ answerType: "free" }), responseFormat: { type: "json" as const } };
  expect((await ask([{ reasoning: "Two.", text: "" }, { text: '{"n":2}' }], 0, json)).events).toEqual([]);
  const given = question();
  given.providerOptions!.sightline!.rationale = "There are four.";
  expect((await ask([{ text: "4" }], 0, given)).events).toEqual([]);
});

test("the answer goes out as without it: probabilities are told to those who asked for them", async () => {
  const metadata = async (sightline: Record<string, number>) => {
    const call = question();
    Object.assign(call.providerOptions!.sightline!, sightline);
    const model = mockModel(said("3", 0.9), { capabilities: tells });
    return (await reason({ unsure: 0.5 })(model).doGenerate(call)).providerMetadata!.sightline;
  };
  expect(await metadata({})).toEqual({ calls: 1 });
  expect(await metadata({ logprobs: 2 })).toMatchObject({ calls: 1, logprobs: [{ token: "x" }] });
});

test("a probe that asks for a rationale does not make sure answers think", async () => {
  const model = mockModel([said("3", 0.9)], { capabilities: tells });
  const { content } = await probe()(reason({ unsure: 0.5 })(model)).doGenerate(question());
  expect(model.calls.map(({ providerOptions }) => providerOptions!.sightline!.rationale)).toEqual([false]);
  expect(traceEvents(content).map(({ type }) => type)).toContain("probe-skipped");
});

test("a model that keeps its probabilities to itself is refused at once, and so is a bound that is none", () => {
  const around = () => reason({ unsure: 0.5 })(mockModel("3"));
  expect(around).toThrow(SetupError);
  expect(around).toThrow(
    "reason: unsure needs a model that tells the probabilities of its tokens, which this one does not.",
  );
  for (const unsure of [-0.1, 1.1, Number.NaN, "0.7" as unknown as number])
    expect(() => reason({ unsure })).toThrow(`reason: unsure must be from 0 to 1, got ${unsure}.`);
});
