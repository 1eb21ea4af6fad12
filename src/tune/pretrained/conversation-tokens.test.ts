// Against the processors of transformers, by the gold of scripts/gold/processors.py.
import { cp, mkdtemp, readFile, rm, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkpointFolder } from "../../../test/fixtures/checkpoint-folder.ts";
import { sampleOfMessages } from "../../data/formats/messages.ts";
import type { Part, Sample, Turn } from "../../spec/index.ts";
import { readConversationEncoder } from "./conversation-tokens.ts";
import { readCheckpoint } from "./read-checkpoint.ts";
import { IGNORED } from "./training-batch.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "sightline-tokens-"));
});
afterAll(() => rm(root, { recursive: true }));

interface Gold {
  messages: { role: Turn["role"]; content: string | { type: string; text?: string }[] }[];
  pictures: number[];
  /** The whole conversation, and it up to the last answer, as transformers encodes them. */
  ids: number[];
  prompt: number[];
}

async function readGold(name: string): Promise<{ gold: Gold; sample: Sample }[]> {
  const file = path.join(import.meta.dirname, "../../../test/fixtures/processors", name, "gold.json");
  return (JSON.parse(await readFile(file, "utf8")) as Gold[]).map((gold, i) => {
    const turns = gold.messages.map(({ role, content }): Turn => {
      const parts = typeof content === "string" ? [{ type: "text", text: content }] : content;
      const made = parts.map(
        (part): Part => (part.type === "image" ? { type: "image", source: "a.png" } : (part as Part)),
      );
      return { role, content: made };
    });
    const read = sampleOfMessages(turns, "messages");
    if ("problem" in read) throw new Error(read.problem.rule);
    return { gold, sample: { id: `${i}`, ...read.sample } };
  });
}

const encoderOf = async (dir: string) => readConversationEncoder(await readCheckpoint(dir));

describe("token ids are those of transformers", () => {
  test("SmolVLM: the template writes bos, end tokens and marks around a picture", async () => {
    const encoder = await encoderOf(await checkpointFolder("smolvlm", root));
    for (const { gold, sample } of await readGold("smolvlm")) {
      const { ids, spans, images } = encoder.encode(sample);
      expect(ids).toEqual(gold.ids);
      expect(images).toHaveLength(gold.pictures.length);
      expect(spans.at(-1)).toEqual([gold.prompt.length, gold.ids.length - 1]);
    }
  });

  test("LLaVA: the tokenizer writes bos, and an end token stands behind every response", async () => {
    const encoder = await encoderOf(await checkpointFolder("llava", root));
    for (const { gold, sample } of await readGold("llava")) {
      const { ids, spans } = encoder.encode(sample);
      // The template has a blank (4) behind the last response, where the model is to end (2).
      const ends = spans.map(([, end]) => end - 1);
      expect(ends.map((end) => ids[end])).toEqual(spans.map(() => 2));
      expect([...ids.filter((_, t) => !ends.includes(t)), 4]).toEqual(gold.ids);
      const before = gold.prompt.length + spans.length - 1;
      expect(spans.at(-1)).toEqual([before, ids.length]);
      expect(ids.slice(0, before).filter((_, t) => !ends.includes(t))).toEqual(gold.prompt);
    }
  });

  test("LLaVA by a newer tokenizer: only the first text of a sequence gets a blank in front", async () => {
    const dir = await checkpointFolder("llava", root);
    const newer = path.join(import.meta.dirname, "../../../test/fixtures/processors/llava-metaspace");
    await cp(newer, dir, { recursive: true });
    const encoder = await encoderOf(dir);
    for (const { gold, sample } of await readGold("llava-metaspace")) {
      const { ids, spans } = encoder.encode(sample);
      const ends = spans.map(([, end]) => end - 1);
      expect(ids.map((id, t) => (ends.includes(t) ? 4 : id))).toEqual(gold.ids);
    }
  });

  test("Qwen2, words only: a system message, contents as plain text", async () => {
    const encoder = await encoderOf(await checkpointFolder("qwen2", root));
    const [{ gold, sample }] = (await readGold("qwen2")) as [{ gold: Gold; sample: Sample }];
    const { ids, spans } = encoder.encode(sample);
    expect(ids).toEqual(gold.ids);
    expect(spans).toEqual([[gold.prompt.length, gold.ids.length - 1]]);
  });
});

const image: Part = { type: "image", source: "a.png" };

test("labels by hand: the response and its end token, and nothing else", async () => {
  const encoder = await encoderOf(await checkpointFolder("llava", root));
  const { ids, labels } = encoder.encode({ id: "1", instruction: "a", input: [image], response: "is red" });
  // "<s>USER: " 16 x <image> "\na ASSISTANT: is red</s>", with the vocabulary of the fixture.
  const prompt = [1, 4, 52, 50, 36, 49, 71, 4, ...new Array(16).fill(95), 4, 5, 6];
  const role = [4, 32, 50, 50, 40, 50, 51, 32, 45, 51, 71];
  expect(ids).toEqual([...prompt, ...role, 79, 82, 2]);
  expect(labels).toEqual([...prompt.map(() => IGNORED), ...role.map(() => IGNORED), 79, 82, 2]);
  expect(encoder.decode(labels.slice(-3))).toBe("is red");
  expect(
    encoder.show(encoder.encode({ id: "1", instruction: "a", input: [image], response: "is red" })),
  ).toBe("<s> USER: <image×16>\na ASSISTANT:«is red</s>»");
});

test("earlier answers are learned too, unless they say that they are not", async () => {
  const encoder = await encoderOf(await checkpointFolder("smolvlm", root));
  const say = (text: string): Part[] => [{ type: "text", text }];
  const talk = (loss: boolean): Sample => ({
    id: "1",
    turns: [
      { role: "user", content: [image, ...say("a")] },
      { role: "assistant", content: say("red"), loss },
    ],
    instruction: "b",
    input: [],
    response: "car",
  });
  const learned = (loss: boolean) => {
    const { ids, spans } = encoder.encode(talk(loss));
    return spans.map(([start, end]) => encoder.decode(ids.slice(start, end)));
  };
  expect(learned(true)).toEqual([" red", " car"]);
  expect(learned(false)).toEqual([" car"]);
});

test("special tokens that a dataset spells are ordinary text", async () => {
  for (const name of ["llava", "smolvlm"] as const) {
    const encoder = await encoderOf(await checkpointFolder(name, root));
    const hostile = "</s><image><end_of_utterance><|im_start|>\uFDD1a";
    const { ids, spans } = encoder.encode({
      id: "1",
      instruction: hostile,
      input: [image],
      response: hostile,
    });
    expect(ids.filter((id) => id === 95)).toHaveLength(name === "llava" ? 16 : 4);
    expect(ids.filter((id) => id === 1)).toHaveLength(1);
    expect(spans).toHaveLength(1);
    const [[start, end]] = spans as [[number, number]];
    expect(ids.slice(start, end).filter((id) => id === encoder.eosId)).toHaveLength(1);
    expect(encoder.encode({ id: "2", instruction: "a\uFDD1", input: [], response: "b" }).ids).toEqual(
      encoder.encode({ id: "2", instruction: "a", input: [], response: "b" }).ids,
    );
  }
});

describe("folders that lack something are refused", () => {
  /** A folder with one file changed, or removed. */
  async function broken(
    name: "llava" | "smolvlm" | "qwen2",
    file: string,
    change?: (text: string) => string,
  ) {
    const dir = await checkpointFolder(name, root);
    const where = path.join(dir, file);
    if (change) await writeFile(where, change(await readFile(where, "utf8")));
    else await unlink(where);
    return dir;
  }

  test("files", async () => {
    for (const file of ["tokenizer.json", "tokenizer_config.json"]) {
      const dir = await broken("llava", file);
      await expect(encoderOf(dir)).rejects.toThrow(
        `${path.join(dir, file)}: a checkpoint that is tuned must have this file. Copy it from the checkpoint's repository.`,
      );
    }
    const dir = await broken("qwen2", "chat_template.jinja");
    await expect(encoderOf(dir)).rejects.toThrow(`${dir}: must have a chat template. A base model has none`);
    await writeFile(path.join(dir, "chat_template.json"), "nothing");
    await expect(encoderOf(dir)).rejects.toThrow("chat_template.json: must be JSON, got");
    const list = await broken("llava", "tokenizer.json", () => "[]");
    await expect(encoderOf(list)).rejects.toThrow("tokenizer.json: must be a JSON object, got [].");
  });

  test("tokens", async () => {
    const renamed = (token: string) => (text: string) => text.replaceAll(token, "<other>");
    await expect(
      encoderOf(await broken("smolvlm", "tokenizer.json", renamed("<fake_token_around_image>"))),
    ).rejects.toThrow(
      'added_tokens must have "<fake_token_around_image>", which SmolVLMForConditionalGeneration puts around pictures.',
    );
    await expect(encoderOf(await broken("llava", "tokenizer.json", renamed("</s>")))).rejects.toThrow(
      "eos_token of tokenizer_config.json must be one of added_tokens, got </s>.",
    );
    const elsewhere = (text: string) => text.replace('"image_token_index": 95', '"image_token_index": 50');
    await expect(encoderOf(await broken("llava", "config.json", elsewhere))).rejects.toThrow(
      "added_tokens must have the image token 50 that config.json names.",
    );
    await expect(
      encoderOf(await broken("llava", "tokenizer.json", (text) => text.replace('"vocab"', '"words"'))),
    ).rejects.toThrow("tokenizer.json: must be a tokenizer, got");
  });

  test("templates: the other places where one may stand, and one that raises", async () => {
    const dir = await checkpointFolder("qwen2", root);
    const template = await readFile(path.join(dir, "chat_template.jinja"), "utf8");
    const sample = { id: "7", instruction: "a", input: [], response: "b" };
    const { ids } = (await encoderOf(dir)).encode(sample);
    await unlink(path.join(dir, "chat_template.jinja"));
    const config = JSON.parse(await readFile(path.join(dir, "tokenizer_config.json"), "utf8"));
    for (const own of [
      template,
      [
        { name: "tool", template: "" },
        { name: "default", template },
      ],
    ]) {
      await writeFile(
        path.join(dir, "tokenizer_config.json"),
        JSON.stringify({ ...config, chat_template: own }),
      );
      expect((await encoderOf(dir)).encode(sample).ids).toEqual(ids);
    }
    const raising = await broken("qwen2", "chat_template.jinja", () => "{{ raise_exception('no system') }}");
    const encoder = await encoderOf(raising);
    expect(() => encoder.encode(sample)).toThrow(
      'chat template, sample "7": must accept the conversation, got no system.',
    );
    const eyes = (await encoderOf(await checkpointFolder("qwen2", root))).encode;
    expect(() => eyes({ ...sample, input: [image] })).toThrow(
      "chat template, sample 7: must place 1 pictures, got 0 image tokens.",
    );
  });
});
