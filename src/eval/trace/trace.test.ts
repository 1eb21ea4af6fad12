import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { equip } from "../../agent/index.ts";
import { pictureCall, scriptedTool, scriptedTools } from "../../agent/testing.ts";
import { reason } from "../../cot/index.ts";
import { imageSize } from "../../media/index.ts";
import { collectStream, textOf } from "../../model/index.ts";
import type { LanguageModel, Technique, Tool } from "../../spec/index.ts";
import { type MockScript, mockModel } from "../../testing/mock-model.ts";
import {
  createRecorder,
  createTrace,
  diffTraces,
  readTrace,
  replayModel,
  replayTools,
  stepText,
  type TraceFile,
  traceHtml,
  traceSteps,
  writeTrace,
} from "./index.ts";

const script: MockScript = [
  { toolCalls: [{ toolName: "detect", input: { image: "image_1", name: "apple" } }] },
  { toolCalls: [{ toolName: "crop", input: { image: "image_1", box: [0, 0, 4, 4] } }] },
  { toolCalls: [{ toolName: "weigh", input: {} }] },
  "Answer: 2",
];
const broken = scriptedTool("weigh", {}, () => {
  throw new Error("no <b>scale</b>");
});
const tools = [...scriptedTools(), broken];
const question = "How many apples? <script>alert(1)</script>";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "sightline-trace-"));
});
afterAll(() => rm(dir, { recursive: true }));

async function answer(model: LanguageModel, technique: Technique) {
  const call = { ...(await pictureCall(question)), temperature: 0, seed: 0 };
  const { content } = await collectStream((await technique(model).doStream(call)).stream);
  return { call, content, answer: textOf(content) };
}

async function recorded(said: MockScript = script): Promise<TraceFile> {
  const recorder = createRecorder();
  const model = recorder.model(mockModel(said, { capabilities: { toolCalls: true } }), "mock");
  const { call, content, answer: text } = await answer(model, equip(recorder.tools(tools)));
  return createTrace(recorder, {
    ...{ model: "mock", technique: "equip()", question, seed: 0, maxTokens: 100, prompt: call.prompt },
    ...{ content, answer: text, reasoning: "", ms: 12 },
  });
}

/** Tools that must not be used. */
const idle = tools.map(
  (tool): Tool => ({
    ...tool,
    run: async () => {
      throw new Error("a real tool ran");
    },
  }),
);

describe("a trace", () => {
  test("comes back from its file as it was written", async () => {
    const trace = await recorded();
    const file = path.join(dir, "trace.json");
    await writeTrace(file, trace);
    expect(await readTrace(file)).toEqual(trace);
    expect(trace.tools.map(({ tool, error }) => [tool, error])).toEqual([
      ["detect", undefined],
      ["crop", undefined],
      ["weigh", "no <b>scale</b>"],
    ]);
    // The scripted crop gives the whole picture: the same bytes are kept once.
    expect(Object.keys(trace.pictures)).toHaveLength(1);
  });

  test("is replayed without model and tools: same answer, same steps, failures too", async () => {
    const trace = await recorded();
    const again = await answer(replayModel(trace, "mock"), equip(replayTools(trace, idle)));
    expect(again.answer).toBe("2");
    const shown = await createTrace(createRecorder(), {
      ...{
        model: "mock",
        technique: "equip()",
        question,
        seed: 0,
        maxTokens: 100,
        prompt: again.call.prompt,
      },
      ...{ content: again.content, answer: again.answer, reasoning: "", ms: 1 },
    });
    expect(diffTraces(trace, shown).filter((line) => line.in !== "both")).toEqual([]);
  });

  test("does not invent what it does not hold", async () => {
    const trace = await recorded();
    expect(() => replayModel(trace, "other")).toThrow('holds no answers of the model "other"');
    const asked = answer(replayModel(trace, "mock"), equip(replayTools(trace, idle), { planner: "plan" }));
    await expect(asked).rejects.toThrow("was not asked this");
    const [detect] = replayTools(trace, idle);
    await expect(detect!.run({ image: "image_9" }, { image: () => undefined })).rejects.toThrow(
      "was not used so",
    );
  });

  test("tells its steps with boxes on the picture that a tool looked at, and what went wrong", async () => {
    const steps = traceSteps(await recorded());
    const found = steps.find(({ title }) => title === "detect returned")!;
    expect(found.pictures[0]).toMatchObject({
      label: "image_1",
      boxes: [{ label: "apple" }, { label: "apple" }],
    });
    const crop = steps.find(({ title }) => title === "crop returned")!;
    expect(crop.pictures.some(({ label }) => label === "image_1/crop_1")).toBe(true);
    expect(steps.find(({ title }) => title.startsWith("weigh failed"))!.isProblem).toBe(true);
    expect(steps.at(-1)).toMatchObject({ title: "answer", text: "2" });
    expect(stepText({ ...steps[0]!, text: "a\u001b[2Jb\nc" })).not.toContain("\u001b");
  });

  test("tells what was thought before what was said", async () => {
    const recorder = createRecorder();
    const model = recorder.model(mockModel({ reasoning: "apple: 1 e3, 2 b6.", text: "2" }), "mock");
    const { call, content, answer: text } = await answer(model, reason());
    const trace = await createTrace(recorder, {
      ...{ model: "mock", technique: "reason", question, seed: 0, maxTokens: 100, prompt: call.prompt },
      ...{ content, answer: text, reasoning: "apple: 1 e3, 2 b6.", ms: 12 },
    });
    expect(traceSteps(trace).map(({ title, text }) => [title, text])).toEqual([
      ["asked (rationale and answer)", expect.any(String)],
      ["thought", "apple: 1 e3, 2 b6."],
      ["said", "2"],
      ["answer", "2"],
    ]);
  });

  test("is a page in which nothing that was said can become markup", async () => {
    const trace = await recorded();
    const sizes = new Map<string, { width: number; height: number }>();
    for (const [hash, { data }] of Object.entries(trace.pictures))
      sizes.set(hash, await imageSize(Buffer.from(data, "base64"), { where: "test" }));
    const page = traceHtml(trace, sizes);
    expect(page).not.toContain("<script");
    expect(page).not.toContain("<b>");
    expect(page).toContain("&lt;script&gt;alert(1)");
    expect(page.match(/<image /g)!.length).toBeGreaterThan(2);
    expect(page.match(/<rect /g)).toHaveLength(2);
  });

  test("differs from another where its steps do", async () => {
    const other = await recorded([
      { toolCalls: [{ toolName: "detect", input: { image: "image_1" } }] },
      ...(script as []).slice(1),
    ]);
    const changed = diffTraces(await recorded(), other).filter((line) => line.in !== "both");
    expect(changed.some((line) => line.in === "first" && line.text.includes('"name":"apple"'))).toBe(true);
    expect(changed.some((line) => line.in === "second" && line.text.includes('{"image":"image_1"}'))).toBe(
      true,
    );
    expect(changed.every(({ text }) => !text.includes("weigh"))).toBe(true);
    const hostile = { ...other, model: "mock\u001b[2J" };
    expect(diffTraces(other, hostile).every(({ text }) => !text.includes("\u001b"))).toBe(true);
  });

  test.each([
    ["not json", "{"],
    ["another file", "{}"],
    ["a picture that is none", undefined],
  ])("a file that is none says so: %s", async (name, text) => {
    const file = path.join(dir, `${name}.json`);
    const trace = await recorded();
    const hash = Object.keys(trace.pictures)[0]!;
    const bad = { ...trace, pictures: { [hash]: { mediaType: "text/html", data: "x" } } };
    await writeFile(file, text ?? JSON.stringify(bad));
    await expect(readTrace(file)).rejects.toThrow(`${file}: must be a trace that ask --trace wrote`);
    expect(await readFile(file, "utf8")).not.toBe("");
  });
});
