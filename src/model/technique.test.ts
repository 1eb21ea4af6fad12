import { generateText, jsonSchema, streamText, tool } from "ai";
import { expect, test } from "vitest";
import { mockModel } from "../testing/mock-model.ts";
import { capabilities } from "./capabilities.ts";
import { textOf } from "./collect-stream.ts";
import { errorEvents } from "./error-events.ts";
import { technique } from "./technique.ts";
import { techniqueSpec } from "./technique-spec.ts";
import { markOwn, traceEvents } from "./trace.ts";

const prompt = [{ role: "user" as const, content: [{ type: "text" as const, text: "What is it?" }] }];

/** Asks twice: the first answer becomes a rationale, the second is the answer. */
const twice = technique("twice", { n: 2 }, async function* ({ call, forward, emit }) {
  emit("plan-made", { steps: 2 });
  const first = await call({ temperature: 0.5 }, "rationale");
  yield markOwn({ type: "reasoning-start", id: "why" }, "twice");
  yield { type: "reasoning-delta", id: "why", delta: first.text };
  yield { type: "reasoning-end", id: "why" };
  yield* forward({}, "answer");
});

test("collects what it streams: rationale, events, one text, summed usage and the number of calls", async () => {
  const model = mockModel(["It barks", "a dog"]);
  const result = await twice(model).doGenerate({ prompt });
  expect(textOf(result.content)).toBe("a dog");
  expect(result.content.filter((part) => part.type === "reasoning")).toEqual([
    { type: "reasoning", text: "It barks", providerMetadata: { sightline: { own: "twice" } } },
  ]);
  expect(traceEvents(result.content)).toEqual([
    { id: "1", parent: null, technique: "twice", type: "plan-made", data: { steps: 2 } },
    {
      id: "2",
      parent: null,
      technique: "twice",
      type: "call-start",
      data: { label: "rationale", messages: 1, images: 0, said: "What is it?", temperature: 0.5 },
    },
    {
      id: "2.end",
      parent: "2",
      technique: "twice",
      type: "call-end",
      data: { text: "It barks", finishReason: "stop", inputTokens: 3, outputTokens: 2 },
    },
    {
      id: "3",
      parent: null,
      technique: "twice",
      type: "call-start",
      data: { label: "answer", messages: 1, images: 0, said: "What is it?" },
    },
    {
      id: "3.end",
      parent: "3",
      technique: "twice",
      type: "call-end",
      data: { text: "a dog", finishReason: "stop", inputTokens: 3, outputTokens: 2 },
    },
  ]);
  expect(result.usage.inputTokens.total).toBe(6);
  expect(result.usage.outputTokens.total).toBe(4);
  expect(result.providerMetadata).toEqual({ sightline: { calls: 2 } });
  expect(result.finishReason.unified).toBe("stop");
});

test("inner calls keep the query, and the caller's other provider options", async () => {
  const model = mockModel("a dog");
  const query = { id: "q1", group: "g", question: "What is it?", imageIds: [] };
  await twice(model).doGenerate({ prompt, providerOptions: { sightline: { query }, openai: { user: "u" } } });
  expect(model.calls.map((call) => call.providerOptions)).toEqual([
    { sightline: { query }, openai: { user: "u" } },
    { sightline: { query }, openai: { user: "u" } },
  ]);
});

test("techniques nest: events hang under the call that caused them, calls and usage add up", async () => {
  const model = mockModel(["a", "b", "c", "d"]);
  const outer = twice(twice(model));
  const result = await outer.doGenerate({ prompt });
  expect(techniqueSpec(outer)).toBe("twice(n=2) twice(n=2)");
  expect(textOf(result.content)).toBe("d");
  expect(result.providerMetadata?.sightline?.calls).toBe(4);
  expect(result.usage.inputTokens.total).toBe(12);
  const events = traceEvents(result.content);
  expect(events.map(({ id, parent }) => `${parent} > ${id}`)).toEqual([
    "null > 1",
    "null > 2",
    "2 > 2.1",
    "2 > 2.2",
    "2.2 > 2.2.end",
    "2 > 2.3",
    "2.3 > 2.3.end",
    "2 > 2.end",
    "null > 3",
    "3 > 3.1",
    "3 > 3.2",
    "3.2 > 3.2.end",
    "3 > 3.3",
    "3.3 > 3.3.end",
    "3 > 3.end",
  ]);
  expect(new Set(events.map((event) => event.id)).size).toBe(events.length);
});

test("parallel inner calls: a tool call of the caller in one of them ends the technique once", async () => {
  const parallel = technique("parallel", {}, async function* ({ call }) {
    const all = await Promise.all([1, 2, 3].map((seed) => call({ seed })));
    yield { type: "text-start", id: "t" };
    yield { type: "text-delta", id: "t", delta: all.map((one) => one.text).join(" ") };
    yield { type: "text-end", id: "t" };
  });
  const weather = { toolName: "weather", input: { city: "Paris" } };
  const model = mockModel((_, i) => (i === 0 ? "sunny" : { toolCalls: [weather] }));
  const tools = [{ type: "function" as const, name: "weather", inputSchema: {} }];
  const result = await parallel(model).doGenerate({ prompt, tools });
  expect(result.finishReason.unified).toBe("tool-calls");
  expect(result.content.filter((part) => part.type !== "custom")).toEqual([
    { type: "tool-call", toolCallId: "call-1", toolName: "weather", input: '{"city":"Paris"}' },
  ]);
});

test("a tool of the technique's own stays inside; its call does not end the technique", async () => {
  const withTool = technique("with-tool", {}, async function* ({ call, forward, options }) {
    const zoom = { type: "function" as const, name: "zoom", inputSchema: {} };
    const step = await call({ tools: [...(options.tools ?? []), zoom] }, "step");
    const used = step.content.find((part) => part.type === "tool-call");
    yield* forward({ temperature: used?.toolName === "zoom" ? 0.25 : 1 });
  });
  const model = mockModel([{ toolCalls: [{ toolName: "zoom", input: {} }] }, "a dog"]);
  const result = await withTool(model).doGenerate({ prompt });
  expect(result.content.filter((part) => part.type !== "custom")).toEqual([{ type: "text", text: "a dog" }]);
  expect(model.calls[1]?.temperature).toBe(0.25);
});

test("an error carries the events so far, in doGenerate and as the stream's error part", async () => {
  const failing = () => twice(mockModel(["It barks", new Error("out of memory")]));
  const error = await failing()
    .doGenerate({ prompt })
    .then(
      () => undefined,
      (reason: unknown) => reason as Error,
    );
  expect(error?.message).toBe("out of memory");
  expect(errorEvents(error).map((event) => event.type)).toEqual([
    "plan-made",
    "call-start",
    "call-end",
    "call-start",
    "call-error",
  ]);
  const parts = await Array.fromAsync((await failing().doStream({ prompt })).stream);
  const failed = parts.find((part) => part.type === "error");
  expect(errorEvents(failed?.error)).toEqual(errorEvents(error));
  expect(parts.at(-1)).toMatchObject({ type: "finish", finishReason: { unified: "error" } });
});

test("a failure that is no object is wrapped so that it can carry events", async () => {
  const model = mockModel({ text: "half", error: "boom" });
  const error = await twice(model)
    .doGenerate({ prompt })
    .then(undefined, (reason: unknown) => reason as Error);
  expect((error as Error).message).toBe("twice: the model failed, got boom.");
  expect(errorEvents(error).length).toBe(3);
});

test("an abort is obeyed at once, even when the model does not listen", async () => {
  const deaf = mockModel("never");
  deaf.doStream = () => new Promise(() => {});
  const controller = new AbortController();
  const waiting = Promise.resolve(twice(deaf).doGenerate({ prompt, abortSignal: controller.signal }));
  setTimeout(() => controller.abort(new Error("enough")), 5);
  const error = await waiting.then(undefined, (reason: unknown) => reason as Error);
  expect((error as Error).message).toBe("enough");
  expect(errorEvents(error).map((event) => event.type)).toEqual(["plan-made", "call-start"]);
});

test("a consumer that stops reading stops the inner model", async () => {
  const model = mockModel("one two three four five", { pieceLength: 1, delayMs: 2 });
  const { stream } = await twice(model).doStream({ prompt });
  const reader = stream.getReader();
  await reader.read();
  await reader.cancel();
  expect(model.calls[0]?.abortSignal?.aborted).toBe(true);
});

test("warnings of the model open the stream", async () => {
  const warning = { type: "unsupported" as const, feature: "seed" };
  const { stream } = await twice(mockModel({ text: "a", warnings: [warning] })).doStream({ prompt });
  const parts = await Array.fromAsync(stream);
  expect(parts[0]).toEqual({ type: "stream-start", warnings: [warning] });
  expect(parts.filter((part) => part.type === "stream-start").length).toBe(1);
});

test("capabilities pass through", () => {
  const model = mockModel("a", { capabilities: { maxImages: 9, logprobs: true } });
  expect(capabilities(twice(twice(model)))).toEqual({
    toolCalls: false,
    logprobs: true,
    choices: false,
    contrast: false,
    prefixCache: false,
    maxImages: 9,
  });
});

test("generateText and streamText take the parts, and a second turn is free of them", async () => {
  const inner = mockModel("a dog");
  const show = technique("show", {}, async function* ({ forward, emit }) {
    emit("demos-chosen", { ids: ["1"] });
    yield markOwn({ type: "reasoning-start", id: "r" }, "show");
    yield { type: "reasoning-delta", id: "r", delta: "because" };
    yield { type: "reasoning-end", id: "r" };
    yield markOwn(
      { type: "reasoning-file", mediaType: "image/png", data: { type: "data", data: new Uint8Array([1]) } },
      "show",
    );
    const ids = { toolCallId: "zoom-1", toolName: "zoom", dynamic: true };
    yield markOwn({ type: "tool-call", ...ids, input: "{}", providerExecuted: true }, "show");
    yield markOwn({ type: "tool-result", ...ids, result: { ok: true } }, "show");
    yield* forward();
  });
  const model = show(inner);
  const first = await generateText({ model, prompt: "What is it?" });
  expect(first.text).toBe("a dog");
  expect(first.reasoningText).toBe("because");
  expect(traceEvents(first.content).map((event) => event.type)).toEqual([
    "demos-chosen",
    "call-start",
    "call-end",
  ]);
  expect(first.steps.length).toBe(1);

  const messages = [
    { role: "user" as const, content: "What is it?" },
    ...first.response.messages,
    { role: "user" as const, content: "Sure?" },
  ];
  const second = streamText({ model, messages });
  expect(await second.text).toBe("a dog");
  expect(inner.calls[1]?.prompt.map(({ role, content }) => ({ role, content }))).toEqual([
    { role: "user", content: [{ type: "text", text: "What is it?" }] },
    { role: "assistant", content: [{ type: "text", text: "a dog" }] },
    { role: "user", content: [{ type: "text", text: "Sure?" }] },
  ]);
});

test("a tool of the caller works through the AI SDK in two steps", async () => {
  const inner = mockModel([{ toolCalls: [{ toolName: "weather", input: { city: "Paris" } }] }, "sunny"]);
  const forwarding = technique("forwarding", {}, async function* ({ forward }) {
    yield* forward();
  });
  const result = await generateText({
    model: forwarding(inner),
    prompt: "Weather?",
    tools: {
      weather: tool({ inputSchema: jsonSchema<{ city: string }>({}), execute: ({ city }) => `${city}: sun` }),
    },
    stopWhen: ({ steps }) => steps.length === 2,
  });
  expect(result.text).toBe("sunny");
  expect(result.steps[0]?.finishReason).toBe("tool-calls");
  expect(inner.calls[1]?.prompt.at(-1)).toMatchObject({
    role: "tool",
    content: [{ type: "tool-result", toolName: "weather", output: { type: "text", value: "Paris: sun" } }],
  });
});
