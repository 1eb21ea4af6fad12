// A random model knows no tool: what it writes when it must call one is held to the tool's schema all the same.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { LanguageModelV4CallOptions, LanguageModelV4Prompt } from "@ai-sdk/provider";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SPECIAL_TOKENS } from "../../data/chat-format.ts";
import { writeTinyLlava } from "../../testing/tiny-llava.ts";
import { trainBpe } from "../../tune/bpe.ts";
import { capabilities } from "../capabilities.ts";
import { textOf } from "../collect-stream.ts";
import { type LocalModel, loadLocalModel } from "./local-model.ts";

const prompt: LanguageModelV4Prompt = [{ role: "user", content: [{ type: "text", text: "How many dogs?" }] }];
const count = {
  type: "function" as const,
  name: "count",
  inputSchema: {
    type: "object" as const,
    properties: {
      image: { type: "string" as const, minLength: 1, maxLength: 8 },
      most: { type: "integer" as const },
    },
    required: ["image"],
    additionalProperties: false,
  },
};
const other = { ...count, name: "weigh" };

let dir: string;
let model: LocalModel;
let plain: LocalModel;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "sightline-tools-"));
  const tokenizer = trainBpe([" How many dogs? count image: image_1", " 2"], {
    vocabSize: 300,
    specialTokens: SPECIAL_TOKENS,
  });
  await writeTinyLlava(dir, { tokenizer, contextTokens: 600 });
  plain = await loadLocalModel(dir);
  const file = path.join(dir, "config.json");
  const config = JSON.parse(await readFile(file, "utf8"));
  const tools = { names: ["count", "detect"], open: "<|tool_call|>", close: "<|/tool_call|>" };
  await writeFile(file, JSON.stringify({ ...config, sightline: { ...config.sightline, tools } }));
  model = await loadLocalModel(dir);
});
afterAll(async () => {
  await Promise.all([model.dispose(), plain.dispose()]);
  await rm(dir, { recursive: true });
});

const call = (more: Partial<LanguageModelV4CallOptions>) =>
  model.doGenerate({ prompt, maxOutputTokens: 200, temperature: 2, ...more });

describe("calls of tools", () => {
  test("are declared by the model's own configuration", () => {
    expect(capabilities(model)).toMatchObject({ toolCalls: true, taughtTools: ["count", "detect"] });
    expect(capabilities(plain).toolCalls).toBe(false);
  });

  test("that must be made fit the schema, whatever the model would like to write", async () => {
    for (let seed = 0; seed < 20; seed++) {
      const { content, finishReason } = await call({
        tools: [count, other],
        toolChoice: { type: "required" },
        seed,
      });
      const [written] = content;
      if (finishReason.unified === "length") continue;
      expect(finishReason.unified).toBe("tool-calls");
      if (written?.type !== "tool-call") throw new Error("no call");
      expect(written.toolName).toBe("count");
      const input = JSON.parse(written.input) as { image: string; most?: number };
      expect(input.image.length).toBeGreaterThan(0);
      expect(input.image.length).toBeLessThanOrEqual(8);
      expect(Object.keys(input).every((key) => key === "image" || key === "most")).toBe(true);
      if (input.most !== undefined) expect(Number.isInteger(input.most)).toBe(true);
    }
  });

  test("the limit in the middle of a call leaves none, and says so", async () => {
    const { content, finishReason } = await call({
      tools: [count],
      toolChoice: { type: "required" },
      maxOutputTokens: 5,
    });
    expect(content).toEqual([]);
    expect(finishReason.unified).toBe("length");
  });

  test("are not made where the caller forbids them", async () => {
    for (let seed = 0; seed < 30; seed++) {
      const { content } = await call({
        tools: [count],
        toolChoice: { type: "none" },
        seed,
        maxOutputTokens: 3,
      });
      expect(content.every(({ type }) => type === "text")).toBe(true);
    }
  });

  test("tools that were not taught are a warning; one that must be called is an error", async () => {
    const { warnings } = await call({ tools: [count, other], maxOutputTokens: 1 });
    expect(warnings).toContainEqual(expect.objectContaining({ feature: 'tool "weigh"' }));
    await expect(call({ tools: [other], toolChoice: { type: "required" } })).rejects.toThrow(
      "taught to call",
    );
    await expect(call({ tools: [count], toolChoice: { type: "tool", toolName: "weigh" } })).rejects.toThrow(
      '"weigh"',
    );
    const calm = await plain.doGenerate({ prompt, tools: [count], maxOutputTokens: 1 });
    expect(calm.warnings).toContainEqual({ type: "unsupported", feature: "tools" });
  });

  test("earlier calls and results are part of the prompt, as the model learned them", async () => {
    const asked = await call({ tools: [count], toolChoice: { type: "none" }, maxOutputTokens: 1 });
    const followed = await call({
      tools: [count],
      toolChoice: { type: "none" },
      maxOutputTokens: 1,
      prompt: [
        ...prompt,
        {
          role: "assistant",
          content: [{ type: "tool-call", toolCallId: "1", toolName: "count", input: { image: "image_1" } }],
        },
        {
          role: "tool",
          content: [
            {
              type: "tool-result",
              toolCallId: "1",
              toolName: "count",
              output: { type: "json", value: { count: 2, boxes: [[0, 0, 1, 1]] } },
            },
          ],
        },
      ],
    });
    const added = followed.usage.inputTokens.total! - asked.usage.inputTokens.total!;
    const encode = capabilities(model).countTokens!;
    // Between the question and the answer: <call> text </call> <eos> <tool> text <assistant>.
    const call_ = encode(" count image: image_1");
    expect(added).toBe(3 + call_ + 1 + encode(" count: 2") + 1);
  });
});

describe("constrained answers", () => {
  test("match the expression as a whole", async () => {
    for (let seed = 0; seed < 10; seed++) {
      const { content } = await call({
        providerOptions: { sightline: { regex: "(yes|no), [0-9]{2} dogs" } },
        seed,
      });
      expect(textOf(content)).toMatch(/^(yes|no), [0-9]{2} dogs$/);
    }
  });

  test("are JSON of the schema that is asked for", async () => {
    const schema = {
      type: "object" as const,
      properties: { sure: { type: "boolean" as const } },
      required: ["sure"],
    };
    const { content, warnings } = await call({ responseFormat: { type: "json", schema } });
    expect(JSON.parse(textOf(content))).toEqual({ sure: expect.any(Boolean) });
    expect(warnings).toEqual([]);
  });

  test("a bad expression is refused before anything is written", async () => {
    await expect(call({ providerOptions: { sightline: { regex: "^a" } } })).rejects.toThrow("anchors");
  });
});
