import { expect, test } from "vitest";
import {
  blind,
  capabilities,
  captionOnly,
  contrast,
  declareCapabilities,
  direct,
  technique,
} from "../model/index.ts";
import type { LanguageModel } from "../spec/index.ts";
import { scriptedMock, scriptedServer } from "./conformance-models.ts";
import { techniqueChecks } from "./technique-checks.ts";
import { describeTechnique } from "./technique-conformance.ts";

const models = [scriptedMock, scriptedServer];

/** A scripted model, said to do what only models in this process can. */
function withContrast(model: LanguageModel): LanguageModel {
  return declareCapabilities(model, { ...capabilities(model), contrast: true });
}

describeTechnique("direct", direct(), { models });
describeTechnique("blind", blind(), { models });
describeTechnique("caption-only", captionOnly(), { models });
describeTechnique("contrast", (model) => contrast()(withContrast(model)), { models });
describeTechnique("blind over direct", (model) => blind()(direct()(model)), { models });

/** A technique of two calls, of which the first becomes a rationale. */
const twoStage = technique("two-stage", {}, async function* ({ call, forward, emit }) {
  const { text } = await call({}, "rationale");
  emit("rationale-written", { length: text.length });
  yield { type: "reasoning-start", id: "r", providerMetadata: { sightline: { own: "two-stage" } } };
  yield { type: "reasoning-delta", id: "r", delta: text };
  yield { type: "reasoning-end", id: "r" };
  yield* forward();
});
describeTechnique("two-stage over direct", (model) => twoStage(direct()(model)), { models });

async function failed(broken: Parameters<typeof techniqueChecks>[0]): Promise<string[]> {
  const names: string[] = [];
  for (const { name, run } of techniqueChecks(broken, { model: scriptedMock })) {
    await run().catch(() => names.push(name));
  }
  return names;
}

test("the checks find a model that is passed through bare", async () => {
  expect(await failed((model) => model)).toEqual([
    "events form a tree with unique ids, and count calls and tokens",
    "an abort before the call keeps the inner model untouched",
    "an error carries the events so far",
  ]);
});

test("the checks find a rationale that is sent back as the model's own", async () => {
  const leaky = technique("leaky", {}, async function* ({ forward }) {
    yield {
      type: "tool-call",
      toolCallId: "z",
      toolName: "zoom",
      input: "{}",
      providerExecuted: true,
      dynamic: true,
    };
    yield { type: "tool-result", toolCallId: "z", toolName: "zoom", result: "ok", dynamic: true };
    yield* forward();
  });
  expect(await failed(leaky)).toEqual(["a second turn is free of the first turn's own parts"]);
});

test("the checks find a technique that drops the caller's tools or answers in two texts", async () => {
  const dropping = technique("dropping", {}, async function* ({ forward }) {
    yield* forward({ tools: [] });
  });
  expect(await failed(dropping)).toEqual([
    "a call to a tool of the caller ends the technique, without an answer",
  ]);
});
