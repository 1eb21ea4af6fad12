// Checkpoint folders as models that are asked, on the tiny ones with random weights: they say nonsense, but it is the nonsense of
// the graphs that are compared with transformers elsewhere.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { LanguageModelV4CallOptions, LanguageModelV4Prompt } from "@ai-sdk/provider";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkpointFolder } from "../../../test/fixtures/checkpoint-folder.ts";
import { decodeImage, encodePng } from "../../media/index.ts";
import { blind, capabilities, collectStream, direct, resolveModel, textOf } from "../../model/index.ts";
import type { LocalModel } from "../../model/local/index.ts";
import { liveModel } from "../../testing/conformance-models.ts";
import { describeTechnique } from "../../testing/technique-conformance.ts";
import { openCheckpointModel } from "./checkpoint-language-model.ts";
import { readConversationEncoder } from "./conversation-tokens.ts";
import { loadPretrained } from "./pretrained-model.ts";
import { fittingProcessor } from "./training-examples.ts";

type Name = Parameters<typeof checkpointFolder>[0];
const names: Name[] = ["smolvlm", "llava", "qwen2"];
const root = await mkdtemp(path.join(tmpdir(), "sightline-ask-"));
const dirs = {} as Record<Name, string>;
const models = {} as Record<Name, LocalModel>;

/** A copy of a fixture whose config.json is changed as text. */
async function folder(name: Name, change = (config: string) => config): Promise<string> {
  const dir = await checkpointFolder(name, root);
  const file = path.join(dir, "config.json");
  await writeFile(file, change(await readFile(file, "utf8")));
  return dir;
}
/** The fixtures stop at 64 positions; rotary ones go on as far as they are allowed to. */
const long = (config: string) =>
  config.replace(/"max_position_embeddings": 64/, '"max_position_embeddings": 512');

const picture = await encodePng(
  Uint8Array.from({ length: 20 * 16 * 3 }, (_, i) => (i * 7) % 251),
  20,
  16,
);
const image = {
  type: "file" as const,
  mediaType: "image/png",
  data: { type: "data" as const, data: picture },
};
const say = (text: string) => ({ type: "text" as const, text });

/** A question about pictures, or in words for the model that reads only. */
function ask(
  name: Name,
  options: Partial<LanguageModelV4CallOptions> = {},
  pictures = 1,
): LanguageModelV4CallOptions {
  const shown = name === "qwen2" ? [] : new Array(pictures).fill(image);
  const prompt: LanguageModelV4Prompt = [{ role: "user", content: [...shown, say("What is red?")] }];
  return { prompt, maxOutputTokens: 12, temperature: 0, ...options };
}

beforeAll(async () => {
  for (const name of names) {
    dirs[name] = await folder(name, long);
    models[name] = await openCheckpointModel(dirs[name]);
  }
});
afterAll(async () => {
  for (const name of names) await models[name].dispose();
  await rm(root, { recursive: true });
});

describe("what is written", () => {
  test.each(names)("%s: the greedy tokens of PretrainedModel.generate, streamed and whole", async (name) => {
    const checkpoint = await loadPretrained(dirs[name]);
    const encoder = await readConversationEncoder(checkpoint.checkpoint);
    const parts = name === "qwen2" ? [] : [{ type: "image" as const, source: "0" }];
    const { ids } = encoder.encode({ id: "1", instruction: "What is red?", input: parts });
    const options = { maxTokens: 12, stop: [2] };
    let expected: number[];
    if (parts.length > 0) {
      const processor = await fittingProcessor(checkpoint.checkpoint);
      const [square] = processor.squares(await decodeImage(picture, { where: "picture" }), "picture");
      const data = new Float32Array(3 * processor.side ** 2);
      processor.normalise(square!.pixels, data);
      expected = await checkpoint.generate(ids, { ...options, pixels: { data, count: 1 } });
    } else expected = await checkpoint.generate(ids, options);
    await checkpoint.dispose();
    expect(expected.length).toBeGreaterThan(0);

    const generated = await models[name].doGenerate(ask(name));
    expect(textOf(generated.content)).toBe(encoder.decode(expected).trim());
    expect(generated.usage).toEqual({
      inputTokens: { total: ids.length, noCache: ids.length, cacheRead: 0, cacheWrite: undefined },
      outputTokens: { total: expected.length, text: expected.length, reasoning: 0 },
    });
    expect(generated.finishReason.unified).toBe(expected.length === 12 ? "length" : "stop");
    const { stream } = await models[name].doStream(ask(name));
    const streamed = await Array.fromAsync(stream);
    expect(streamed.filter(({ type }) => type === "text-delta").length).toBeGreaterThan(1);
    const source = new ReadableStream({
      start(controller) {
        for (const part of streamed) controller.enqueue(part);
        controller.close();
      },
    });
    expect(await collectStream(source)).toEqual(generated);
  });

  test("the prompt is the one that transformers encodes: gold of its processor", async () => {
    const file = path.join(import.meta.dirname, "../../../test/fixtures/processors/smolvlm/gold.json");
    const [one, two] = JSON.parse(await readFile(file, "utf8")) as { prompt: number[] }[];
    const first = await models.smolvlm.doGenerate(ask("smolvlm"));
    expect(first.usage.inputTokens.total).toBe(one!.prompt.length);
    // Two pictures, an answer, and a question that comes back to them.
    const prompt: LanguageModelV4Prompt = [
      { role: "user", content: [image, image, say("Is it the same?")] },
      { role: "assistant", content: [say("No.")] },
      { role: "user", content: [say("Why?")] },
    ];
    const second = await models.smolvlm.doGenerate({ ...ask("smolvlm"), prompt });
    expect(second.usage.inputTokens.total).toBe(two!.prompt.length);
  });

  test("another picture, an instruction and an earlier turn each change what is written", async () => {
    const text = async (prompt: LanguageModelV4Prompt) =>
      textOf((await models.llava.doGenerate({ prompt, maxOutputTokens: 24, temperature: 0 })).content);
    const other = {
      ...image,
      data: { type: "data" as const, data: await encodePng(new Uint8Array(48), 4, 4) },
    };
    const question = (shown: typeof image) => ({
      role: "user" as const,
      content: [shown, say("What is red?")],
    });
    const texts = await Promise.all([
      text([question(image)]),
      text([question(other)]),
      text([{ role: "system", content: "the car is red." }, question(image)]),
      text([question(other), { role: "assistant", content: [say("No.")] }, question(image)]),
    ]);
    expect(new Set(texts).size).toBe(4);
    expect(await text([question(image)])).toBe(texts[0]);
  });

  test("a temperature draws by the call's seed", async () => {
    const drawn = async (seed: number) =>
      textOf((await models.qwen2.doGenerate(ask("qwen2", { temperature: 1.5, seed }))).content);
    expect(await drawn(1)).toBe(await drawn(1));
    expect(new Set(await Promise.all([1, 2, 3].map(drawn))).size).toBeGreaterThan(1);
  });

  test("log-probabilities are of what was written", async () => {
    const providerOptions = { sightline: { logprobs: 2 } };
    const { providerMetadata, usage } = await models.qwen2.doGenerate(ask("qwen2", { providerOptions }));
    const logprobs = providerMetadata!.sightline!.logprobs as {
      token: string;
      logprob: number;
      top: object[];
    }[];
    expect(logprobs).toHaveLength(usage.outputTokens.total!);
    for (const { token, logprob, top } of logprobs) {
      expect(logprob).toBeLessThanOrEqual(0);
      expect(top).toHaveLength(2);
      expect(top[0]).toEqual({ token, logprob });
    }
  });
});

describe("how it ends", () => {
  test("at the length limit, at a stop sequence, and at an end token of generation_config.json", async () => {
    const whole = await models.qwen2.doGenerate(ask("qwen2"));
    const text = textOf(whole.content);
    const short = await models.qwen2.doGenerate(ask("qwen2", { maxOutputTokens: 3 }));
    expect(short.finishReason.unified).toBe("length");
    expect(short.usage.outputTokens.total).toBe(3);
    expect(text.startsWith(textOf(short.content))).toBe(true);

    const stop = text.slice(4, 6);
    const stopped = await models.qwen2.doGenerate(ask("qwen2", { stopSequences: [stop] }));
    expect(textOf(stopped.content)).toBe(text.slice(0, text.indexOf(stop)).trimEnd());
    expect(stopped.finishReason.unified).toBe("stop");

    const checkpoint = await loadPretrained(dirs.qwen2);
    const { ids } = (await readConversationEncoder(checkpoint.checkpoint)).encode({
      id: "1",
      instruction: "What is red?",
      input: [],
    });
    const written = await checkpoint.generate(ids, { maxTokens: 12 });
    await checkpoint.dispose();
    const dir = await folder("qwen2", long);
    const end = written[3]!;
    await writeFile(
      path.join(dir, "generation_config.json"),
      JSON.stringify({ eos_token_id: [end], max_new_tokens: 2 }),
    );
    await using ends = await openCheckpointModel(dir);
    const early = await ends.doGenerate(ask("qwen2"));
    expect(early.finishReason).toEqual({ unified: "stop", raw: "end-token" });
    expect(early.usage.outputTokens.total).toBe(written.indexOf(end));
    const { maxOutputTokens: _, ...open } = ask("qwen2");
    expect((await ends.doGenerate(open)).usage.outputTokens.total).toBe(Math.min(2, written.indexOf(end)));
  });

  test("an abort between two tokens, or before the first", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const call = ask("smolvlm", { abortSignal: controller.signal, maxOutputTokens: 400 });
    const { stream } = await models.smolvlm.doStream(call);
    let pieces = 0;
    await expect(async () => {
      for await (const part of stream) {
        if (part.type !== "text-delta") continue;
        pieces++;
        controller.abort(reason);
      }
    }).rejects.toBe(reason);
    expect(pieces).toBe(1);
    await expect(models.smolvlm.doGenerate(call)).rejects.toBe(reason);
  });

  test("a disposed model says so", async () => {
    const model = await openCheckpointModel(dirs.qwen2);
    await model.dispose();
    await expect(model.doGenerate(ask("qwen2"))).rejects.toThrow("must not be used after dispose()");
  });
});

describe("what is refused or has no effect", () => {
  test("pictures for a model that reads only", async () => {
    await expect(models.qwen2.doGenerate(ask("smolvlm"))).rejects.toThrow(
      "prompt[0].content[0]: must hold no pictures: Qwen2ForCausalLM reads text only.",
    );
    expect(capabilities(models.qwen2)).toMatchObject({ maxImages: 0, contextTokens: 512 });
  });

  test("a prompt that fills the context, and a last message that is not the user's", async () => {
    await using small = await openCheckpointModel(await folder("llava"));
    await expect(small.doGenerate(ask("llava", {}, 4))).rejects.toThrow(
      /^prompt: must leave room for an answer in a context of 64 tokens, got \d+ tokens with 4 pictures\./,
    );
    // Up to the last place of the context it writes.
    const { usage, finishReason } = await small.doGenerate(ask("llava", { maxOutputTokens: 500 }, 1));
    expect(finishReason.unified).toBe("length");
    expect(usage.inputTokens.total! + usage.outputTokens.total!).toBe(64);
    const prompt: LanguageModelV4Prompt = [{ role: "assistant", content: [say("No.")] }];
    await expect(small.doGenerate({ prompt })).rejects.toThrow(
      "prompt: the last message must be the user's, got the assistant's.",
    );
  });

  test("tools, formats and choices are warned of", async () => {
    const { warnings } = await models.qwen2.doGenerate(
      ask("qwen2", {
        tools: [{ type: "function", name: "lamp", inputSchema: { type: "object" } }],
        responseFormat: { type: "json", schema: { type: "object" } },
        providerOptions: { sightline: { choices: ["a", "b"] } },
      }),
    );
    expect(warnings).toEqual(
      ["tools", "responseFormat", "choices"].map((feature) => ({ type: "unsupported", feature })),
    );
  });

  test("an architecture that is not known, and one that only sees", async () => {
    const foreign = await folder("qwen2", (config) => config.replace("Qwen2ForCausalLM", "BertModel"));
    await expect(openCheckpointModel(foreign)).rejects.toThrow(
      /the architecture must be one of LlamaForCausalLM, .*, got "BertModel"/,
    );
    const tower = path.join(import.meta.dirname, "../../../test/fixtures/pretrained/clip");
    await expect(openCheckpointModel(tower)).rejects.toThrow(
      "a model that is asked must have a decoder, got CLIPVisionModel.",
    );
  });

  test("resolveModel opens such a folder by the given way only", async () => {
    await expect(resolveModel(`local:${dirs.qwen2}`)).rejects.toThrow(
      /a folder of safetensors without onnx\/ takes a way to open it\. Give openCheckpointModel/,
    );
    const model = await resolveModel(`local:${dirs.qwen2}`, { openCheckpoint: openCheckpointModel });
    expect(model.modelId).toBe(`local:${dirs.qwen2}`);
    const hash = await capabilities(model).weightsHash!();
    expect(hash).toBe(await capabilities(models.qwen2).weightsHash!());
    expect(hash).not.toBe(await capabilities(models.llava).weightsHash!());
  });
});

const live = [
  liveModel("smolvlm", async () => openCheckpointModel(await folder("smolvlm", long))),
  liveModel("llava", async () => openCheckpointModel(await folder("llava", long))),
];
describeTechnique("direct", direct(), { models: live });
describeTechnique("blind", blind(), { models: live });
