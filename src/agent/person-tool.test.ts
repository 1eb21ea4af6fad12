import { expect, test } from "vitest";
import { textOf } from "../model/index.ts";
import { mockModel } from "../testing/mock-model.ts";
import { equip } from "./index.ts";
import { pictureCall, scriptedTools } from "./testing.ts";

async function run(answer: string, question = "Which apple do you mean?") {
  const asked: string[] = [];
  const person = async (text: string) => {
    asked.push(text);
    return answer;
  };
  const model = mockModel(
    [{ toolCalls: [{ toolName: "ask_person", input: { question } }] }, "Answer: the left one"],
    { capabilities: { toolCalls: true } },
  );
  const { content } = await equip(scriptedTools(), { person })(model).doGenerate(
    await pictureCall("What colour is it?"),
  );
  const result = content.find((part) => part.type === "tool-result")!;
  return { asked, model, text: textOf(content), result: result.result };
}

test("an agent may ask the person, and goes on with what they say", async () => {
  const { asked, model, text, result } = await run(" The left one. ");
  expect(asked).toEqual(["Which apple do you mean?"]);
  expect(result).toEqual({ value: { answered: true, answer: "The left one." } });
  expect(JSON.stringify(model.calls[1]!.prompt)).toContain("The left one.");
  expect(text).toBe("the left one");
});

test("a person who says nothing is an answer too; no question is none", async () => {
  expect((await run("")).result).toEqual({ value: { answered: false } });
  const { asked, result } = await run("yes", "");
  expect(asked).toEqual([]);
  expect(result).toMatchObject({ problem: "bad-input" });
});

test("without a person there is no such tool", async () => {
  const model = mockModel("Answer: 2", { capabilities: { toolCalls: true } });
  await equip(scriptedTools())(model).doGenerate(await pictureCall("How many?"));
  expect(model.calls[0]!.tools!.map(({ name }) => name)).not.toContain("ask_person");
});
