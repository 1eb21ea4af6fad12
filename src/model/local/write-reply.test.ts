import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { LanguageModelV4CallOptions, LanguageModelV4Prompt } from "@ai-sdk/provider";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SPECIAL_TOKENS } from "../../data/chat-format.ts";
import { writeTinyLlava } from "../../testing/tiny-llava.ts";
import { trainBpe } from "../../tune/bpe.ts";
import { capabilities } from "../capabilities.ts";
import { textOf } from "../collect-stream.ts";
import { type LocalModel, loadLocalModel } from "./local-model.ts";

let dir: string;
let model: LocalModel;
let plain: LocalModel;
const prompt: LanguageModelV4Prompt = [
  { role: "user", content: [{ type: "text", text: "How many dogs are there?" }] },
];

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "sightline-reply-"));
  const tokenizer = trainBpe([" How many dogs are there?", " two dogs"], {
    vocabSize: 300,
    specialTokens: SPECIAL_TOKENS,
  });
  await writeTinyLlava(dir, { tokenizer, contextTokens: 400 });
  plain = await loadLocalModel(dir);
  await configure({ open: "<|think|>", close: "<|/think|>" });
  model = await loadLocalModel(dir);
});
afterAll(async () => {
  await Promise.all([model.dispose(), plain.dispose()]);
  await rm(dir, { recursive: true });
});

async function configure(rationale: { open: string; close: string }): Promise<void> {
  const file = path.join(dir, "config.json");
  const config = JSON.parse(await readFile(file, "utf8"));
  await writeFile(file, JSON.stringify({ ...config, sightline: { ...config.sightline, rationale } }));
}

async function ask(rationale: boolean | string, more: Partial<LanguageModelV4CallOptions> = {}) {
  const sightline = { rationale, ...((more.providerOptions?.sightline as object | undefined) ?? {}) };
  const result = await model.doGenerate({ prompt, ...more, providerOptions: { sightline } });
  const reasoning = result.content.flatMap((part) => (part.type === "reasoning" ? [part.text] : [])).join("");
  return { ...result, reasoning, text: textOf(result.content) };
}

/** A random model closes its rationale by chance: the first seed with which it does, and answers too. */
async function closing() {
  for (let seed = 1; seed < 200; seed++) {
    const call = { temperature: 30, seed, maxOutputTokens: 300 };
    const result = await ask(true, call);
    if (result.reasoning !== "" && result.text !== "") return { result, call };
  }
  throw new Error("no seed closes the rationale");
}

describe("a rationale before the answer", () => {
  it("is declared by the model's own configuration", () => {
    expect(capabilities(model).rationales).toBe(true);
    expect(capabilities(plain).rationales).toBe(false);
  });

  it("is reasoning, never text, and is counted as such", async () => {
    const { result } = await closing();
    expect(result.content.map(({ type }) => type)).toEqual(["reasoning", "text"]);
    expect(result.usage.outputTokens.reasoning).toBeGreaterThan(0);
    expect(result.usage.outputTokens.text).toBeGreaterThan(0);
    const { total, reasoning, text } = result.usage.outputTokens;
    expect(total).toBe(reasoning! + text!);
  });

  it("that the token limit cuts leaves no answer", async () => {
    const { reasoning, text, finishReason, usage } = await ask(true, { maxOutputTokens: 3 });
    expect(reasoning).not.toBe("");
    expect(text).toBe("");
    expect(finishReason.unified).toBe("length");
    expect(usage.outputTokens).toMatchObject({ total: 3, text: 0, reasoning: 3 });
  });

  it("ignores stop sequences, which end answers", async () => {
    const { result, call } = await closing();
    const stop = result.reasoning.slice(2, 4);
    const { reasoning } = await ask(true, { ...call, stopSequences: [stop] });
    expect(reasoning).toBe(result.reasoning);
  });

  it("can be given: the model answers from it and writes none", async () => {
    const long = await ask("two dogs", { maxOutputTokens: 8 });
    const other = await ask("How many", { maxOutputTokens: 8 });
    const none = await ask(false, { maxOutputTokens: 8 });
    expect(long.content.map(({ type }) => type)).toEqual(["text"]);
    const lengths = [long, other, none].map(({ usage }) => usage.inputTokens.total!);
    expect(lengths[0]).toBeGreaterThan(lengths[2]! + 2);
    expect(new Set([long.text, other.text, none.text]).size).toBe(3);
  });

  it("comes before given choices are scored", async () => {
    const { result, call } = await closing();
    const choices = ["two dogs", "How many"];
    const chosen = await ask(true, { ...call, providerOptions: { sightline: { choices } } });
    expect(chosen.reasoning).toBe(result.reasoning);
    expect(choices).toContain(chosen.text);
    const direct = await ask(false, { providerOptions: { sightline: { choices } } });
    const logprobs = (found: typeof chosen) =>
      (found.providerMetadata!.sightline!.choices as { logprob: number }[]).map(({ logprob }) => logprob);
    expect(logprobs(chosen)).toHaveLength(2);
    expect(logprobs(chosen)).not.toEqual(logprobs(direct));
  });

  it("warns when a model that writes none is given one", async () => {
    const { warnings } = await plain.doGenerate({
      prompt,
      maxOutputTokens: 2,
      providerOptions: { sightline: { rationale: "two dogs" } },
    });
    expect(warnings).toEqual([{ type: "unsupported", feature: "rationale" }]);
  });

  it("needs tokens that the tokenizer has", async () => {
    await configure({ open: "<think>", close: "</think>" });
    await expect(loadLocalModel(dir)).rejects.toThrow(
      /config\.json: sightline\.rationale and sightline\.tools must name tokens of tokenizer\.json, got "<think>"/,
    );
  });
});
