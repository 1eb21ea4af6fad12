import fc from "fast-check";
import { expect, test } from "vitest";
import { traceEvents } from "../model/index.ts";
import { type MockScript, mockModel } from "../testing/mock-model.ts";
import { equip, type PlannerName } from "./index.ts";
import { parseLineProgram } from "./planners/line-program.ts";
import { programRegex } from "./taught.ts";
import { pictureCall, scriptedTools } from "./testing.ts";

const taughtTools = ["detect", "ocr"];

async function run(planner: PlannerName, script: MockScript) {
  const model = mockModel(script, { capabilities: { toolCalls: true, taughtTools } });
  const call = await pictureCall("How many apples?");
  const result = await equip(scriptedTools(), { planner })(model).doGenerate(call);
  const text = result.content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("");
  return { model, call, text, events: traceEvents(result.content) };
}

test("rounds: a model that was taught its tools sees the bare question, and results as a line of text", async () => {
  const { model, call, text } = await run("rounds", [
    { toolCalls: [{ toolName: "detect", input: { image: "image_1", name: "apple" } }] },
    "2",
  ]);
  expect(text).toBe("2");
  expect(model.calls[0]!.prompt).toEqual(call.prompt);
  expect(model.calls[0]!.tools!.map(({ name }) => name)).toContain("ocr");
  const last = JSON.stringify(model.calls[1]!.prompt.at(-1));
  expect(last).toContain('"boxes: apple, apple"');
  expect(last).not.toContain("data");
});

test("program: it is asked for a program with the tools that it knows, and held to their grammar", async () => {
  const { model, call, text, events } = await run("program", "T=ocr(image=IMAGE)\nRESULT(var=T.text)");
  expect(text).toBe("blurred");
  expect(model.calls[0]!.prompt).toEqual(call.prompt);
  const { program, regex } = model.calls[0]!.providerOptions!.sightline!;
  expect(program).toEqual(taughtTools);
  expect(new RegExp(`^(?:${regex})$`).test("T=ocr(image=IMAGE)\nRESULT(var=T.text)")).toBe(true);
  expect(events.some(({ type }) => type === "tool-called")).toBe(true);
});

test("planners that it was not taught instruct it like any other model", async () => {
  const { model } = await run("plan", [
    '{"steps": [{"id": 1, "tool": "ocr", "input": {"image": "image_1"}}]}',
    "Answer: x",
  ]);
  expect(JSON.stringify(model.calls[0]!.prompt[0])).toContain("ocr");
  expect(model.calls[0]!.prompt[0]!.role).toBe("system");
});

test("calls as text, where they are asked for, come with their instructions", async () => {
  const model = mockModel("Answer: 2", { capabilities: { toolCalls: true, taughtTools } });
  await equip(scriptedTools(), { protocol: "text" })(model).doGenerate(await pictureCall("How many apples?"));
  expect(JSON.stringify(model.calls[0]!.prompt[0])).toContain("Action Input");
});

test("whatever fits the grammar of programs can be parsed, and names a tool that is there", () => {
  const tools = scriptedTools();
  const grammar = programRegex(tools.filter(({ name }) => taughtTools.includes(name)));
  fc.assert(
    fc.property(fc.stringMatching(new RegExp(`^${grammar}$`)), (program) => {
      const parsed = parseLineProgram(program);
      if ("error" in parsed) expect(parsed.error).toMatch(/set twice/);
      else for (const { tool } of parsed.lines) expect(taughtTools).toContain(tool);
    }),
    { numRuns: 200 },
  );
  const whole = new RegExp(`^(?:${grammar})$`);
  for (const wrong of ["T=count(boxes=A)\nRESULT(var=T)", "T=ocr()\nRESULT(var=T)", "T=ocr(image=IMAGE)"])
    expect(whole.test(wrong)).toBe(false);
});
