// What every technique must do, as a list of checks that any test runner can run. The technique stands between a caller
// and a recorded model: each check looks at what comes out at one end and at what arrived at the other.
import assert from "node:assert/strict";
import type {
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
} from "@ai-sdk/provider";
import { generateText, jsonSchema, type ModelMessage, tool } from "ai";
import {
  capabilities,
  collectStream,
  declareCapabilities,
  errorEvents,
  sumUsage,
  textOf,
  traceEvents,
} from "../model/index.ts";
import type { Technique } from "../spec/index.ts";
import type { Act, ConformanceModel } from "./conformance-models.ts";
import { type RecordedModel, recordCalls } from "./record-calls.ts";
import { sampleCall, userContent } from "./sample-call.ts";
import { assertNoOwnParts, assertTree, assertWellFormed, isLeaf, usageOf } from "./technique-assertions.ts";

export interface TechniqueChecksOptions {
  model: ConformanceModel;
  /** What a scripted model says in its call number `index`. @default () => "a red ball" */
  answer?: (index: number) => string;
}

/** One check; `run` throws when the technique fails it. */
export interface Check {
  name: string;
  run(): Promise<void>;
}

/** The checks that a technique must pass on a model. */
export function techniqueChecks(
  technique: Technique,
  { model: source, answer = () => "a red ball" }: TechniqueChecksOptions,
): Check[] {
  const answering = (index: number): Act => ({ text: answer(index) });
  /** Runs a check on the technique over a fresh recorded model. */
  const check = (
    name: string,
    run: (model: ReturnType<Technique>, inner: RecordedModel) => Promise<void>,
    act: (index: number) => Act = answering,
  ): Check => ({
    name,
    async run() {
      const { model, close } = source.kind === "scripted" ? await source.open(act) : await source.open();
      try {
        const inner = recordCalls(model);
        await run(technique(inner), inner);
      } finally {
        await close?.();
      }
    },
  });
  const abort = () => {
    const controller = new AbortController();
    const reason = new Error("the caller has had enough");
    return { signal: controller.signal, reason, fire: () => controller.abort(reason) };
  };

  const checks = [
    check("doGenerate is doStream, collected", async (model) => {
      const call = await sampleCall();
      const generated = await model.doGenerate(call);
      const parts = await Array.fromAsync((await model.doStream(call)).stream);
      assertWellFormed(parts);
      assert.deepEqual(comparable(await collectStream(streamOf(parts))), comparable(generated));
      if (source.kind === "scripted")
        assert.notEqual(textOf(generated.content), "", "there must be an answer");
    }),
    check("events form a tree with unique ids, and count calls and tokens", async (model, inner) => {
      const result = await model.doGenerate(await sampleCall());
      const events = traceEvents(result.content);
      assertTree(events);
      assert.equal(result.providerMetadata?.sightline?.calls, inner.calls.length, "calls of the inner model");
      const parents = new Set(events.map((event) => event.parent));
      const leaves = events.filter((event) => event.type === "call-end" && isLeaf(event, events, parents));
      assert.equal(leaves.length, inner.calls.length, "one call-end event for each call of the inner model");
      const tokens = sumUsage(leaves.map(({ data }) => usageOf(data)));
      assert.equal(result.usage.inputTokens.total, tokens.inputTokens.total, "input tokens are the sum");
      assert.equal(result.usage.outputTokens.total, tokens.outputTokens.total, "output tokens are the sum");
    }),
    check("inner calls keep the query, and no reference string reaches them", async (model, inner) => {
      const call = await sampleCall();
      await model.doGenerate(call);
      assert.ok(inner.calls.length > 0, "the inner model must be called");
      for (const { prompt, providerOptions } of inner.calls) {
        assert.deepEqual(providerOptions?.sightline?.query, call.providerOptions?.sightline?.query);
        assert.ok(
          !JSON.stringify([prompt, providerOptions]).includes("REFERENCE"),
          "a reference string leaked",
        );
      }
    }),
    check("a second turn is free of the first turn's own parts", async (model, inner) => {
      const question: ModelMessage = { role: "user", content: await userContent() };
      const first = await generateText({ model, messages: [question] });
      const callsOfFirst = inner.calls.length;
      const again: ModelMessage = { role: "user", content: "Are you sure?" };
      await generateText({ model, messages: [question, ...first.response.messages, again] });
      assert.ok(inner.calls.length > callsOfFirst, "the second turn must reach the inner model");
      for (const { prompt } of inner.calls.slice(callsOfFirst)) assertNoOwnParts(prompt);
    }),
    check("capabilities are forwarded", async (_, inner) => {
      declareCapabilities(inner, { ...capabilities(inner), maxImages: 3, logprobs: true });
      assert.deepEqual(capabilities(technique(inner)), capabilities(inner));
    }),
    check("an abort before the call keeps the inner model untouched", async (model, inner) => {
      const { signal, reason, fire } = abort();
      fire();
      const call = { ...(await sampleCall()), abortSignal: signal };
      await assert.rejects(async () => model.doGenerate(call), reason);
      await assert.rejects(async () => collectStream((await model.doStream(call)).stream), reason);
      assert.equal(inner.calls.length, 0);
    }),
    check(
      "an abort during the call ends it with the caller's reason",
      async (model, inner) => {
        const attempts = [
          async (call: LanguageModelV4CallOptions) => model.doGenerate(call),
          async (call: LanguageModelV4CallOptions) => collectStream((await model.doStream(call)).stream),
        ];
        for (const attempt of attempts) {
          const { signal, reason, fire } = abort();
          inner.onCall = () => queueMicrotask(fire);
          const call = { ...(await sampleCall()), abortSignal: signal };
          await assert.rejects(async () => attempt(call), reason);
          assert.ok(inner.calls.at(-1)?.abortSignal?.aborted, "the inner call must see the abort");
        }
      },
      () => "silent",
    ),
  ];
  if (source.kind === "live") return checks;

  const lamp = { toolName: "lamp", input: { on: true } };
  const toolFirst = (index: number): Act => (index === 0 ? { toolCalls: [lamp] } : answering(index));
  checks.push(
    check(
      "a call to a tool of the caller ends the technique, without an answer",
      async (model, inner) => {
        const tools = [{ type: "function" as const, name: "lamp", inputSchema: { type: "object" as const } }];
        const result = await model.doGenerate({ ...(await sampleCall()), tools });
        assert.ok(
          inner.calls[0]?.tools?.some(({ name }) => name === "lamp"),
          "the caller's tool must be offered to the model",
        );
        assert.equal(result.finishReason.unified, "tool-calls");
        const calls = result.content.filter((part) => part.type === "tool-call" && !part.providerExecuted);
        assert.deepEqual(
          calls.map((part) => part.type === "tool-call" && [part.toolName, JSON.parse(part.input)]),
          [["lamp", { on: true }]],
        );
        assert.equal(textOf(result.content), "");
        assert.equal(inner.calls.length, 1, "no further call may follow");
      },
      (index) => (index === 0 ? { toolCalls: [lamp] } : "fail"),
    ),
    check(
      "the AI SDK runs the caller's tool and gets the answer in the next step",
      async (model) => {
        const seen: unknown[] = [];
        const execute = (input: unknown) => {
          seen.push(input);
          return "it is on";
        };
        const result = await generateText({
          model,
          messages: [{ role: "user", content: await userContent() }],
          tools: { lamp: tool({ inputSchema: jsonSchema({ type: "object" }), execute }) },
          stopWhen: ({ steps }) => steps.length === 2,
        });
        assert.deepEqual(seen, [{ on: true }]);
        assert.equal(result.steps.length, 2);
        assert.notEqual(result.text, "");
      },
      toolFirst,
    ),
    check(
      "an error carries the events so far",
      async (model) => {
        const call = await sampleCall();
        const error = await Promise.resolve(model.doGenerate(call)).then(
          () => assert.fail("the call must fail when every inner call fails"),
          (reason: unknown) => reason,
        );
        const events = errorEvents(error);
        assertTree(events);
        assert.ok(events.some((event) => event.type === "call-error"));
        const parts = await Array.fromAsync((await model.doStream(call)).stream);
        const failed = parts.find((part) => part.type === "error");
        assert.deepEqual(errorEvents(failed?.error), events);
        assert.deepEqual(traceEvents(parts), events, "the stream has shown the same events");
        assert.ok(parts.at(-1)?.type === "finish");
      },
      () => "fail",
    ),
  );
  return checks;
}

/** What must be equal however a result was made; a server's ids and what came from a cache differ from call to call. */
function comparable(result: LanguageModelV4GenerateResult) {
  const { content, finishReason, usage, providerMetadata, warnings } = result;
  const tokens = [usage.inputTokens.total, usage.outputTokens.total];
  return { content, finishReason, tokens, providerMetadata, warnings };
}

function streamOf(parts: LanguageModelV4StreamPart[]): ReadableStream<LanguageModelV4StreamPart> {
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(part);
      controller.close();
    },
  });
}
