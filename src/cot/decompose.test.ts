import { describe, expect, test } from "vitest";
import { textOf, traceEvents } from "../model/index.ts";
import { mockModel } from "../testing/mock-model.ts";
import { type DecomposeOptions, decompose } from "./decompose.ts";

const picture = {
  type: "file" as const,
  mediaType: "image/png",
  data: { type: "data" as const, data: new Uint8Array([1]) },
};

async function ask(script: string[], options?: DecomposeOptions) {
  const model = mockModel(script);
  const query = { id: "q", group: "q", question: "How many pets?", imageIds: [], answerType: "number" };
  const { content, providerMetadata } = await decompose(options)(model).doGenerate({
    prompt: [{ role: "user", content: [picture, { type: "text", text: "How many pets?" }] }],
    providerOptions: { sightline: { query } },
  });
  const said = model.calls.map(({ prompt }) => {
    const parts = prompt[0]!.content as { type: string; text?: string }[];
    return {
      text: parts.map(({ text }) => text ?? "").join(""),
      sees: parts.some(({ type }) => type === "file"),
    };
  });
  const events = traceEvents(content);
  const answered = events.filter(({ type }) => type === "question-answered");
  const split = events.find(({ type }) => type === "question-split");
  const reasoning = content.flatMap((part) => (part.type === "reasoning" ? part.text : [])).join("");
  return { text: textOf(content), reasoning, said, split, answered, sightline: providerMetadata!.sightline! };
}

describe("least-to-most", () => {
  test("each sub-question knows the answers before it", async () => {
    const { text, reasoning, said, split, answered } = await ask([
      "1. How many cats?\n2. How many dogs?",
      "2",
      "1",
      "3",
    ]);
    expect(text).toBe("3");
    expect(reasoning).toBe("How many cats? 2\nHow many dogs? 1");
    expect(said[2]!.text).toBe(
      "Known so far:\nHow many cats? 2\nQuestion: How many dogs?\nAnswer in a few words.",
    );
    expect(said.every(({ sees }) => sees)).toBe(true);
    expect(answered.map(({ parent }) => parent)).toEqual([split!.id, split!.id]);
  });

  test("questions over the limit are dropped, and the trace says so", async () => {
    const { split, said } = await ask(["How many cats?\nHow many dogs?", "2", "2"], { most: 1 });
    expect(split!.data).toEqual({ questions: ["How many cats?", "How many dogs?"], dropped: 1 });
    expect(said).toHaveLength(3);
  });

  test("a reply without sub-questions is asked for again, and ends without an answer when it stays", async () => {
    const { text, sightline } = await ask(["There are 3 pets.", "There are 3 pets."]);
    expect(text).toBe("");
    expect(sightline).toMatchObject({ problem: "no-rationale", calls: 2 });
  });
});

describe("ddcot", () => {
  const tree = "Is a cat a pet? | yes\nHow many cats? | look\nWhat is its name? | unknown";

  test("what is known, what is looked at and what nobody can say are merged", async () => {
    const { text, reasoning, said, answered } = await ask([tree, "3", "Cats are pets.\nAnswer: 3"], {
      style: "ddcot",
    });
    expect(text).toBe("3");
    expect(answered.map(({ data }) => data)).toEqual([
      { question: "Is a cat a pet?", answer: "yes", by: "model" },
      { question: "How many cats?", answer: "3", by: "expert" },
      { question: "What is its name?", answer: "", by: "nobody" },
    ]);
    expect(said.map(({ sees }) => sees)).toEqual([false, true, true]);
    expect(reasoning).toBe(
      "Is a cat a pet? yes\nHow many cats? 3\nWhat is its name? (unanswered)\nCats are pets.",
    );
    expect(said[2]!.text).toContain("some of it may be wrong");
  });

  test("looks go to the expert that is given; what it cannot say is unanswered", async () => {
    const asked: string[] = [];
    const look = async (question: string) => {
      asked.push(question);
      return "I cannot tell";
    };
    const { answered } = await ask([tree, "Answer: 3"], { style: "ddcot", look });
    expect(asked).toEqual(["How many cats?"]);
    expect(answered[1]!.data).toEqual({ question: "How many cats?", answer: "", by: "nobody" });
  });
});
