import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";
import { describe, expect, test } from "vitest";
import { techniqueSpec, textOf, traceEvents } from "../model/index.ts";
import type { LanguageModel, Query } from "../spec/index.ts";
import { type MockAnswer, mockModel } from "../testing/mock-model.ts";
import { type ReasonOptions, reason } from "./reason.ts";

const picture = {
  type: "file" as const,
  mediaType: "image/png",
  data: { type: "data" as const, data: new Uint8Array([1, 2, 3]) },
};

function question(fields: Partial<Query> = {}, pictures = 1): LanguageModelV4CallOptions {
  const text = fields.question ?? "How many cats are there?";
  const query = {
    id: "q",
    group: "g",
    question: text,
    imageIds: ["sha256:1"],
    answerType: "number",
    ...fields,
  };
  return {
    prompt: [{ role: "user", content: [...Array(pictures).fill(picture), { type: "text", text }] }],
    providerOptions: { sightline: { query } },
    temperature: 0,
    seed: 7,
  };
}

const said = ({ prompt }: LanguageModelV4CallOptions) => {
  const last = prompt.findLast(({ role }) => role === "user");
  return (last!.content as { type: string; text?: string }[]).map(({ text }) => text ?? "").join("");
};

async function ask(model: LanguageModel, options: ReasonOptions, call = question()) {
  const { content, finishReason, providerMetadata, usage } = await reason(options)(model).doGenerate(call);
  const reasoning = content.flatMap((part) => (part.type === "reasoning" ? part.text : [])).join("");
  const problems = traceEvents(content).filter(({ type }) => type === "problem-found");
  return {
    text: textOf(content),
    reasoning,
    problems,
    finishReason,
    sightline: providerMetadata?.sightline,
    usage,
    content,
  };
}

describe("the prompts", () => {
  test("one stage asks for steps and a marked last line", async () => {
    const model = mockModel("One left.\nTwo right.\nAnswer: 3");
    const { text, reasoning, problems } = await ask(model, {});
    expect({ text, reasoning, problems }).toEqual({
      text: "3",
      reasoning: "One left.\nTwo right.",
      problems: [],
    });
    expect(said(model.calls[0]!)).toBe(
      'How many cats are there?\nLet\'s think step by step.\nWrite the steps first. The last line must be "Answer:" and then a number, nothing else.',
    );
    expect(model.calls[0]!.providerOptions!.sightline!.rationale).toBe(true);
  });

  test("two stages give the rationale to a call of its own", async () => {
    const model = mockModel(["One left, two right.", "3"]);
    const { text, reasoning } = await ask(model, { stages: 2 });
    expect({ text, reasoning }).toEqual({ text: "3", reasoning: "One left, two right." });
    expect(model.calls.map(said)).toEqual([
      "How many cats are there?\nLet's think step by step.",
      "How many cats are there?\nReasoning: One left, two right.\nGiven this reasoning, reply with a number only.",
    ]);
    expect(model.calls.map(({ providerOptions }) => providerOptions!.sightline!.rationale)).toEqual([
      true,
      "One left, two right.",
    ]);
  });

  test("several pictures are thought through frame by frame, unless told otherwise", async () => {
    const model = mockModel("Answer: 3");
    await ask(model, {}, question({}, 3));
    await ask(model, { trigger: "Look twice." }, question({}, 3));
    expect(said(model.calls[0]!)).toContain("\nLet's think frame by frame.\n");
    expect(said(model.calls[1]!)).toContain("\nLook twice.\n");
  });

  test("the layout of Multimodal-CoT", async () => {
    const model = mockModel(["It barks.", "The answer is (B)."]);
    const call = question({ question: "What is it?", choices: ["cat", "dog"], answerType: "choice" });
    const { text } = await ask(model, { format: "multimodal-cot" }, call);
    expect(text).toBe("(B).");
    expect(model.calls.map(said)).toEqual([
      "Question: What is it?\nContext: N/A\nOptions: (A) cat (B) dog\nSolution:",
      "Question: What is it?\nContext: N/A\nOptions: (A) cat (B) dog\nSolution: It barks.\nAnswer:",
    ]);
    expect(() => reason({ format: "multimodal-cot", stages: 1 })).toThrow(
      "reason: format multimodal-cot needs two stages, got stages 1.",
    );
  });

  test("a wanted format and stop sequences hold for the answer only", async () => {
    const model = mockModel(["Two.", '{"n":2}']);
    const call: LanguageModelV4CallOptions = {
      ...question({ answerType: "free" }),
      responseFormat: { type: "json" },
      stopSequences: ["\n"],
    };
    expect((await ask(model, {}, call)).text).toBe('{"n":2}');
    expect(model.calls.map(({ responseFormat }) => responseFormat)).toEqual([undefined, { type: "json" }]);
    expect(model.calls.map(({ stopSequences }) => stopSequences)).toEqual([undefined, ["\n"]]);
  });

  test("its options are in the spec that a run stores", () => {
    expect(techniqueSpec(reason({ retries: 2 })(mockModel("x")))).toBe(
      "reason(stages=1, format=trigger, retries=2)",
    );
  });
});

describe("thoughts are kept apart", () => {
  test.each<[string, MockAnswer]>([
    ["native parts", { reasoning: "I see three.", text: "3" }],
    ["tags", { text: "<think>I see three.</think>3" }],
    ["a tag that the prompt opened", { text: "I see three.</think>Answer: 3" }],
  ])("%s", async (_, reply) => {
    const { text, reasoning, problems } = await ask(mockModel(reply), {});
    expect({ text, reasoning, problems }).toEqual({ text: "3", reasoning: "I see three.", problems: [] });
  });

  test("in the answering call too", async () => {
    const model = mockModel(["One, two.", "<think>So two.</think>2"]);
    const { text, reasoning } = await ask(model, { stages: 2 });
    expect(text).toBe("2");
    expect(reasoning).toBe("One, two.\nSo two.");
  });

  test("as own parts, which a provider never gets back", async () => {
    const { content } = await ask(mockModel({ reasoning: "native", text: "3" }), {});
    const part = content.find(({ type }) => type === "reasoning")!;
    expect(part.providerMetadata?.sightline?.own).toBe("reason");
  });
});

describe("a model that was trained to write rationales", () => {
  const trained = (script: MockAnswer[]) =>
    mockModel(script, { capabilities: { rationales: true, plainQuestions: true } });

  test("is asked the plain question, once", async () => {
    const model = trained([{ reasoning: "cat: 1 a1, 2 b2.", text: "2" }]);
    const { text, reasoning } = await ask(model, {});
    expect({ text, reasoning }).toEqual({ text: "2", reasoning: "cat: 1 a1, 2 b2." });
    expect(said(model.calls[0]!)).toBe("How many cats are there?");
    expect(model.calls[0]!.providerOptions!.sightline!.rationale).toBe(true);
  });

  test("is given its rationale back in two stages", async () => {
    const model = trained([{ reasoning: "cat: 1 a1.", text: "9" }, { text: "1" }]);
    expect((await ask(model, { stages: 2 })).text).toBe("1");
    expect(model.calls[1]!.providerOptions!.sightline!.rationale).toBe("cat: 1 a1.");
    expect(said(model.calls[1]!)).toBe("How many cats are there?");
  });
});

test("a finished rationale in the call is taken as it is", async () => {
  const model = mockModel("4");
  const call = question();
  call.providerOptions!.sightline!.rationale = "There are four.";
  const { text, reasoning } = await ask(model, {}, call);
  expect({ text, reasoning, calls: model.calls.length }).toEqual({ text: "4", reasoning: "", calls: 1 });
  expect(said(model.calls[0]!)).toContain("Reasoning: There are four.");
});

describe("bad replies", () => {
  const choices = { choices: ["cat", "dog"], answerType: "choice" as const };
  const loop = `It is a cat. ${"and then again ".repeat(10)}`;

  test("a rationale without an answer is asked for its answer", async () => {
    const model = mockModel(["There are two left and one right.", "3"]);
    const { text, reasoning, problems, sightline } = await ask(model, {});
    expect({ text, reasoning }).toEqual({ text: "3", reasoning: "There are two left and one right." });
    expect(problems.map(({ data }) => data)).toEqual([
      {
        ...{ label: "rationale and answer", problem: "no-answer", attempt: 1, again: false },
        reasoning: "There are two left and one right.",
      },
    ]);
    expect(sightline).toMatchObject({ calls: 2 });
    expect(sightline).not.toHaveProperty("problem");
  });

  test("without a budget it stays without an answer", async () => {
    const model = mockModel("There are two left and one right.");
    const { text, reasoning, finishReason, sightline } = await ask(model, { retries: 0 });
    expect({ text, reasoning }).toEqual({ text: "", reasoning: "There are two left and one right." });
    expect(finishReason).toEqual({ unified: "other", raw: "no-answer" });
    expect(sightline).toMatchObject({ problem: "no-answer", calls: 1 });
  });

  test("an answer outside the choices is asked for again, in other words and with another draw", async () => {
    const model = mockModel(["It moos.\nAnswer: a cow", "It barks.\nAnswer: B"]);
    const { text, reasoning, problems } = await ask(model, {}, question(choices));
    expect({ text, reasoning }).toEqual({ text: "B", reasoning: "It barks." });
    expect(problems.map(({ data }) => [data!.problem, data!.again, data!.answer])).toEqual([
      ["outside-choices", true, "a cow"],
    ]);
    const [first, second] = model.calls;
    expect(said(second!)).toBe(`${said(first!)}\nThe answer must be one of the given options.`);
    expect(first).toMatchObject({ temperature: 0, seed: 7 });
    expect(second!.temperature).toBe(0.7);
    expect(second!.seed).not.toBe(7);
  });

  test("and stands as the wrong answer that it is when it stays", async () => {
    const model = mockModel("It moos.\nAnswer: a cow");
    const { text, sightline } = await ask(model, {}, question(choices));
    expect(text).toBe("a cow");
    expect(sightline).toMatchObject({ problem: "outside-choices", calls: 2 });
  });

  test("a loop", async () => {
    const model = mockModel([{ text: loop, finishReason: "length" }, "Answer: 3"]);
    const { text, problems } = await ask(model, {});
    expect(text).toBe("3");
    expect(problems.map(({ data }) => data!.problem)).toEqual(["loop"]);
    expect(said(model.calls[1]!)).toMatch(/\nDo not repeat yourself\.$/);
  });

  test("the token limit in mid-thought, also between tags", async () => {
    const cut: MockAnswer = { text: "<think>There are 2", finishReason: "length" };
    const { text, reasoning, problems, finishReason, sightline } = await ask(mockModel(cut), {});
    expect({ text, reasoning }).toEqual({ text: "", reasoning: "There are 2" });
    expect(problems.map(({ data }) => [data!.problem, data!.again])).toEqual([
      ["cut", true],
      ["cut", false],
    ]);
    expect(finishReason.unified).toBe("length");
    expect(sightline).toMatchObject({ problem: "cut", calls: 2 });
  });

  test("the budget is for the whole question", async () => {
    const model = mockModel(["Two.", "1\n2", "1\n2", "1\n2"]);
    const { text, sightline } = await ask(model, { stages: 2, retries: 2 });
    expect({ text, problem: sightline!.problem, calls: model.calls.length }).toEqual({
      text: "",
      problem: "no-answer",
      calls: 4,
    });
  });

  test("an empty reply is asked for again from the start", async () => {
    const model = mockModel([{ text: "" }, "Two.\nAnswer: 2"]);
    expect((await ask(model, {})).text).toBe("2");
  });

  test("a model that wants plain questions is told nothing more", async () => {
    const model = mockModel("a cow", { capabilities: { plainQuestions: true, rationales: true } });
    await ask(model, {}, question(choices));
    expect(model.calls.map(said)).toEqual(["How many cats are there?", "How many cats are there?"]);
  });
});
