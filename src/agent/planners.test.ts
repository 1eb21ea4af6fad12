import fc from "fast-check";
import { expect, test } from "vitest";
import { textOf, traceEvents } from "../model/index.ts";
import type { Tool } from "../spec/index.ts";
import { type MockScript, mockModel } from "../testing/mock-model.ts";
import { type EquipOptions, equip, type PlannerName } from "./index.ts";
import { parseLineProgram } from "./planners/line-program.ts";
import { pictureCall, scriptedTool, scriptedTools } from "./testing.ts";

async function run(
  planner: PlannerName,
  script: MockScript,
  options: EquipOptions & { tools?: Tool[] } = {},
) {
  const { tools = scriptedTools(), ...rest } = options;
  const model = mockModel(script, { capabilities: { toolCalls: true } });
  const result = await equip(tools, { planner, ...rest })(model).doGenerate(
    await pictureCall("How many apples?"),
  );
  const events = traceEvents(result.content);
  const mistakes = events.flatMap(({ type, data }) => (type === "mistake-made" ? [data!.problem] : []));
  const used = events.flatMap(({ type, data }) => (type === "tool-called" ? [data!.tool] : []));
  const shown = (index: number) => JSON.stringify(model.calls[index]?.prompt.at(-1));
  return { result, model, mistakes, used, shown, text: textOf(result.content) };
}

const plan = (...steps: object[]) => JSON.stringify({ steps });
const find = { id: "a", tool: "detect", input: { image: "image_1", name: "apple" } };

test("plan: steps hand on values and pictures, and the model answers from what it is shown", async () => {
  const steps = [
    { id: "b", tool: "count", input: { boxes: { from: "a", path: "boxes" } } },
    find,
    { id: "c", tool: "crop", input: { image: "image_1", box: { from: "a", path: "boxes[0].box" } } },
    { id: "d", tool: "ocr", input: { image: { from: "c" } } },
  ];
  const { text, used, shown, mistakes } = await run("plan", [plan(...steps), "Two, and a sign.\nAnswer: 2"]);
  expect(text).toBe("2");
  expect(mistakes).toEqual([]);
  expect(used.toSorted()).toEqual(["count", "crop", "detect", "ocr"]);
  expect(shown(1)).toContain('{\\"count\\":2}');
  expect(shown(1)).toContain("EXIT");
});

test.each([
  ["there is no tool", plan({ id: "a", tool: "detct", input: {} })],
  [
    "wait for each other",
    plan(
      { id: "a", tool: "count", input: { boxes: { from: "b" } } },
      { id: "b", tool: "count", input: { boxes: { from: "a" } } },
    ),
  ],
  ["wait for each other", plan({ id: "a", tool: "count", input: { boxes: { from: "a" } } })],
  ["there is no step", plan({ id: "a", tool: "count", input: { boxes: { from: "z" } } })],
  ["same id", plan(find, find)],
  ["takes image, name", plan(find, { id: "b", tool: "detect", input: { image: 3 } })],
  [
    "has no argument",
    plan(find, { id: "b", tool: "detect", input: { image: "image_1", boxes: { from: "a" } } }),
  ],
  ["expected array", plan(find, { id: "b", tool: "crop", input: { image: { from: "a" }, box: "all" } })],
  ["there is no picture", plan({ id: "a", tool: "ocr", input: { image: "image_2" } })],
  ["must be", '{"plan": "look"}'],
  ["no steps", '{"steps": []}'],
])("plan: nothing runs of a plan that cannot: %s", async (told, bad) => {
  const { used, shown, mistakes, text } = await run("plan", [bad, plan(find), "Answer: 2"]);
  expect(mistakes).toEqual(["bad-plan"]);
  expect(shown(1)).toContain(told);
  expect(used).toEqual(["detect"]);
  expect(text).toBe("2");
});

test("plan: independent steps run at once, and what waits for a broken step is skipped", async () => {
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const tools = [
    ...scriptedTools(),
    scriptedTool("first", {}, async () => {
      await gate;
      throw new Error("broken");
    }),
    scriptedTool("second", {}, async () => {
      open();
      return { value: 1 };
    }),
  ];
  const steps = [
    { id: "a", tool: "first", input: {} },
    { id: "b", tool: "second", input: {} },
    { id: "c", tool: "count", input: { boxes: { from: "a" } } },
  ];
  const { mistakes, shown } = await run("plan", [plan(...steps), "Answer: 2"], {
    tools,
    budget: { toolSeconds: 5 },
  });
  expect(mistakes).toEqual(["tool-failed", "skipped-step"]);
  expect(shown(1)).toContain("Not run, because step a went wrong.");
});

test("program: runs line by line, and the result is the answer", async () => {
  const lines = [
    "BOXES=DETECT(image=IMAGE, name='apple')",
    "N=count(boxes=BOXES.boxes)",
    "RESULT(var=N)",
  ].join("\n");
  expect((await run("program", [lines])).text).toBe("2");
  const chained = "C=crop(image=image_1, box=[0, 0, 2, 2])\nT=ocr(image=C)\nRESULT(var=T.text)";
  const { text, used } = await run("program", [`\`\`\`\n${chained}\n\`\`\``]);
  expect(text).toBe("EXIT");
  expect(used).toEqual(["crop", "ocr"]);
});

test.each([
  ["bad-program", "X=CROP_NOT(image=IMAGE)\nRESULT(var=X)", "there is no tool CROP_NOT"],
  ["bad-program", "X=count(boxes=Y)\nRESULT(var=X)", "Line 1: nothing is called Y there."],
  ["bad-program", "X=detect(image=IMAGE)", "The last line must be RESULT"],
  ["bad-program", "X=detect(image=image_2)\nRESULT(var=X)", "nothing is called image_2"],
  ["bad-program", "X=detect(IMAGE)\nRESULT(var=X)", "every argument must be name=value"],
  ["bad-program", "X=detect(image=IMAGE); import os\nRESULT(var=X)", "write one call a line"],
  ["bad-program", "X=eval(expr='1')\nRESULT(var=X)", "there is no tool eval"],
  ["bad-program", "I think two.", "is not VARIABLE=TOOL"],
  ["bad-program", "X=detect(image=IMAGE)\nY=count(boxes=X.things)\nRESULT(var=Y)", "X.things leads nowhere"],
  ["bad-input", "X=count(boxes='two')\nRESULT(var=X)", "expected array"],
])("program: %s is told: %s", async (problem, bad, told) => {
  const { mistakes, shown, text } = await run("program", [
    bad,
    "N=ask(image=IMAGE, question='how many?')\nRESULT(var=N)",
  ]);
  expect(mistakes).toEqual([problem]);
  expect(shown(1)).toContain(told);
  expect(text).toBe("two");
});

test("program: the grammar never throws, and reads what it writes", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      parseLineProgram(text);
    }),
  );
  fc.assert(
    fc.property(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0),
      fc.string(),
      (number, text) => {
        const quoted = `'${text.replace(/[\\']/g, "\\$&").replaceAll("\n", "\\n")}'`;
        fc.pre(!/[\r\u2028\u2029]/.test(text));
        const parsed = parseLineProgram(`A=t(x=${number}, y=[${quoted}, true])\nRESULT(var=A.b[0])`);
        expect(parsed).toEqual({
          lines: [
            {
              line: 1,
              variable: "A",
              tool: "t",
              input: { x: { literal: number }, y: { list: [{ literal: text }, { literal: true }] } },
            },
          ],
          result: { name: "A", path: ".b[0]" },
        });
      },
    ),
  );
});

const js = (code: string) => `\`\`\`js\n${code}\n\`\`\``;

test("script: a program calls tools and returns the answer", async () => {
  const code =
    "const { boxes } = await detect({ image: image_1 });\nreturn boxes.filter(({ name }) => name === 'apple').length;";
  const { text, used } = await run("script", [js(code)]);
  expect(text).toBe("2");
  expect(used).toEqual(["detect"]);
});

test("script: an error comes back with its line and its log, and the next program answers", async () => {
  const { mistakes, shown, text } = await run("script", [
    js("console.log('looking');\nconst x = await detect({ picture: image_1 });\nreturn x;"),
    "I would look.",
    js("return undefined"),
    js("return (await ask({ image: image_1, question: 'colour?' })).answer"),
  ]);
  expect(mistakes).toEqual(["bad-script", "unreadable", "bad-script"]);
  expect(shown(1)).toContain("detect takes image, name.");
  expect(shown(1)).toContain("looking");
  expect(text).toBe("red");
});

test("dialogue: questions are answered by looking, until the model is sure", async () => {
  const { text, shown, used } = await run("dialogue", [
    "Question: How many apples are there?\nQuestion: What colour are they?",
    "Analysis: two red ones.\nAnswer: not sure\nQuestion: Are there more apples?",
    "Analysis: there are two.\nAnswer: 2",
  ]);
  expect(used).toEqual(["ask", "ask", "ask"]);
  expect(shown(1)).toContain("What colour are they?");
  expect(shown(1)).toContain('{\\"answer\\":\\"red\\"}');
  expect(text).toBe("2");
});

test("dialogue: the last round must answer, and a question is not asked twice", async () => {
  const { result, mistakes, shown } = await run("dialogue", "Question: How many?\nAnswer: not sure", {
    budget: { turns: 3 },
  });
  expect(mistakes).toEqual(["repeated-call"]);
  expect(shown(2)).toContain("Answer now");
  expect(result.content.length).toBeGreaterThan(0);
  await expect(run("dialogue", "x", { tools: [] })).rejects.toThrow(
    'equip: the planner dialogue needs the tool "ask", got no tools.',
  );
});
