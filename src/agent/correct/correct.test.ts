import { describe, expect, test } from "vitest";
import { textOf, traceEvents } from "../../model/index.ts";
import type { Box } from "../../spec/index.ts";
import { type MockScript, mockModel } from "../../testing/mock-model.ts";
import { pictureCall } from "../testing.ts";
import { doubtful, doubtMark, dropMarked, lure, mask } from "./lure.ts";
import { counted, mentionsIn, rewriteList } from "./mentions.ts";
import { correctByRules, woodpecker } from "./woodpecker.ts";

const vocabulary = ["dog", "hot dog", "cat", "leaf", "box", "cherry", "owl", "chef"];
const box: Box = [0, 0, 4, 4];
const claim = (name: string, count: number) => ({ name, boxes: Array.from({ length: count }, () => box) });
const things = (...names: string[]) => names.map((name) => ({ name, box, score: 0.9 }));
const detector = (...names: string[]) => ({
  name: "script",
  vocabulary: async () => vocabulary,
  detect: async () => things(...names),
});

describe("what a text names", () => {
  test("singular and plural, with numbers, the longest name first", () => {
    const found = mentionsIn("A dog, two hot dogs, three leaves, 4 boxes and the cherries", vocabulary);
    expect(found.map(({ name, count }) => [name, count])).toEqual([
      ["dog", 1],
      ["hot dog", 2],
      ["leaf", 3],
      ["box", 4],
      ["cherry", undefined],
    ]);
    expect(mentionsIn("a doghouse and a catalogue", vocabulary)).toEqual([]);
    expect(mentionsIn("no dog", vocabulary)[0]!.count).toBe(0);
    expect(mentionsIn("anything", [])).toEqual([]);
  });

  test("is counted with the right article and plural", () => {
    expect([counted("owl", 1), counted("leaf", 2), counted("cherry", 3), counted("box", 12)]).toEqual([
      "an owl",
      "two leaves",
      "three cherries",
      "12 boxes",
    ]);
  });

  test("a list is put together from what is kept", () => {
    const without = (name: string) => (item: string) => (item.includes(name) ? undefined : item);
    expect(rewriteList("a dog, two cats and an owl.", without("cat"))).toBe("a dog and an owl.");
    expect(rewriteList("a dog and a cat", without("cat"))).toBe("a dog");
    expect(rewriteList("a cat", without("cat"))).toBe("");
    expect(rewriteList("Nothing", without("cat"))).toBeUndefined();
  });
});

describe("woodpecker by rules", () => {
  test.each([
    ["a dog, two cats and an owl", [claim("dog", 1), claim("cat", 1), claim("owl", 0)], "a dog and a cat"],
    ["a dog and a cat", [claim("dog", 1), claim("cat", 1)], "a dog and a cat"],
    ["The dogs play", [claim("dog", 0)], "The dogs play"],
  ])("%s", (text, claims, right) => {
    expect(correctByRules(text, "Describe the picture.", claims)).toBe(right);
  });

  test("yes and no follow what is there, and only where the question is about that", () => {
    const ask = (question: string, answer: string, ...claims: ReturnType<typeof claim>[]) =>
      correctByRules(answer, question, claims);
    expect(ask("Is there a dog in the picture?", "yes", claim("dog", 0))).toBe("no");
    expect(ask("Do you see a dog?", "No.", claim("dog", 2))).toBe("Yes.");
    expect(ask("Are there more dogs than cats?", "no", claim("dog", 2), claim("cat", 1))).toBe("no");
    expect(ask("Is the dog brown?", "yes", claim("dog", 0))).toBe("yes");
  });

  test("the technique looks once, keeps what it corrected in the trace, and leaves other answers alone", async () => {
    const run = async (said: string, ...seen: string[]) => {
      const call = await pictureCall("Describe the picture.");
      const { content } = await woodpecker({ detector: detector(...seen) })(mockModel(said)).doGenerate(call);
      return {
        text: textOf(content),
        event: traceEvents(content).find(({ type }) => type === "answer-corrected"),
      };
    };
    const { text, event } = await run("a dog and a cat", "cat", "cat");
    expect(text).toBe("two cats");
    expect(event!.data).toMatchObject({ before: "a dog and a cat", after: "two cats" });
    expect(await run("42", "cat")).toEqual({ text: "42", event: undefined });
    // A correction that leaves nothing would be no answer.
    expect((await run("a dog")).text).toBe("a dog");
  });
});

test("woodpecker with a language model: five steps, each told what the last one found", async () => {
  const script: MockScript = ["dog.cat", "Is the dog brown?\nnonsense\n2. Where is the cat?", "a brown dog"];
  const writer = mockModel(script);
  const asked: string[] = [];
  const technique = woodpecker({
    detector: detector("dog"),
    by: async () => writer,
    ask: async (_, question) => {
      asked.push(question);
      return "yes <ignore>";
    },
  });
  const { content } = await technique(mockModel("a dog and a cat")).doGenerate(
    await pictureCall("What is there?"),
  );
  expect(textOf(content)).toBe("a brown dog");
  expect(asked).toEqual(["Is the dog brown?", "Where is the cat?"]);
  const last = JSON.stringify(writer.calls[2]!.prompt);
  expect(last).toContain("dog: 1 at [0, 0, 4, 4]");
  expect(last).toContain("cat: 0");
  expect(last).not.toContain("<ignore>");
});

describe("lure", () => {
  const text = "a dog, two cats, a leaf, a box and an owl";
  const mentions = mentionsIn(text, vocabulary);

  test("doubts what comes late and what surprised the model", () => {
    const names = (surprises: [number, number][], late = 0.2) =>
      doubtful(text, mentions, { surprises: new Map(surprises), late, unsure: 0.9 }).map(({ name }) => name);
    expect(names([])).toEqual(["owl"]);
    expect(names([[text.indexOf("cats"), 1]])).toEqual(["cat", "owl"]);
    expect(names([[text.indexOf("cats"), 0.8]], 0)).toEqual([]);
    expect(names([[text.indexOf("two"), 3]], 0)).toEqual([]);
  });

  test("marks, joins marks, and drops marked items or sentences", () => {
    const masked = mask(text, mentions.slice(1, 3));
    expect(masked).toBe(`a dog, ${doubtMark}, a box and an owl`);
    expect(dropMarked(masked)).toBe("a dog, a box and an owl");
    expect(dropMarked(`There is a dog. It chases ${doubtMark}. All is well.`)).toBe(
      "There is a dog. All is well.",
    );
  });

  test("drops by itself, or asks the model to revise; short answers stay", async () => {
    const run = async (script: MockScript, revise: "drop" | "model") => {
      const model = mockModel(script);
      const { content } = await lure({ detector: detector(), revise })(model).doGenerate(
        await pictureCall("Describe it."),
      );
      return { answer: textOf(content), calls: model.calls };
    };
    expect((await run(text, "drop")).answer).toBe("a dog, two cats, a leaf and a box");
    const { answer, calls } = await run([text, "a dog"], "model");
    expect(answer).toBe("a dog");
    expect(JSON.stringify(calls[1]!.prompt)).toContain(doubtMark);
    expect((await run("a dog", "drop")).answer).toBe("a dog");
  });

  test("refuses shares that are none", () => {
    expect(() => lure({ detector: detector(), late: 2 })).toThrow("late must be from 0 to 1");
  });
});
