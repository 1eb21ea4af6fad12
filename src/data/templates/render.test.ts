import path from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { checkFolder } from "../../model/local/check-folder.ts";
import { createChatTokenizer } from "../../model/local/tokenizer.ts";
import type { Part, Sample, Turn } from "../../spec/index.ts";
import {
  type ChatTokenizer,
  chatTemplate,
  inContextTemplate,
  instructionTemplate,
  loadChatTokenizer,
  printMask,
  render,
  type TemplateTokenizer,
} from "./index.ts";

/** Words, spaces and marks, one token each; ids from 10 on as they come. */
function wordTokenizer(): TemplateTokenizer & {
  tokenText(id: number): string;
  decode(ids: number[]): string;
} {
  const words: string[] = [];
  const names = new Map([
    [1, "<BOS>"],
    [2, "<EOS>"],
    [3, "<image>"],
  ]);
  const text = (id: number) => names.get(id) ?? words[id - 10]!;
  return {
    encode: (said) =>
      (said.match(/\w+|\s|[^\w\s]/gu) ?? []).map((word) => {
        if (!words.includes(word)) words.push(word);
        return words.indexOf(word) + 10;
      }),
    ...{ bosId: 1, eosId: 2, imageId: 3 },
    tokenText: text,
    decode: (ids) => ids.map(text).join(""),
  };
}

const tiny = path.resolve(import.meta.dirname, "../../../models/tiny");
let bundled: ChatTokenizer;
beforeAll(async () => {
  bundled = await loadChatTokenizer(tiny);
});

const image: Part = { type: "image", source: "a.png" };
const hostile = fc.constantFrom("<image>", "<|bos|>", "<|eos|>", "<|assistant|>", "<BOS>", "### Response:");
const words = fc
  .array(fc.oneof(fc.stringMatching(/^[a-z]{1,6}$/), hostile, fc.string({ minLength: 1, maxLength: 6 })), {
    minLength: 1,
    maxLength: 5,
  })
  .map((list) => list.join(" "))
  .filter((text) => text.trim() !== "");
const asked = fc.record({
  pictures: fc.array(fc.constant(image), { maxLength: 2 }),
  question: words,
  answer: words,
  loss: fc.boolean(),
});
const conversation = fc
  .record({ earlier: fc.array(asked, { maxLength: 3 }), last: asked, isOpen: fc.boolean() })
  .map(({ earlier, last, isOpen }): Sample => {
    const turns = earlier.flatMap(({ pictures, question, answer, loss }): Turn[] => [
      { role: "user", content: [...pictures, { type: "text", text: question }] },
      {
        role: "assistant",
        content: [{ type: "text", text: answer }],
        ...(loss ? {} : { loss: false }),
      },
    ]);
    return {
      id: "c",
      ...(turns.length > 0 ? { turns } : {}),
      ...{ instruction: last.question, input: last.pictures },
      ...(isOpen ? {} : { response: last.answer }),
    };
  });

const count = (list: readonly number[], id: number) => list.filter((each) => each === id).length;
const responsesOf = ({ turns = [], response }: Sample) => [
  ...turns.filter(({ role }) => role === "assistant").map(({ loss }) => loss !== false),
  ...(response === undefined ? [] : [true]),
];
const picturesOf = ({ turns = [], input }: Sample) =>
  [...turns.flatMap(({ content }) => content), ...input].filter(({ type }) => type === "image").length;

/** What must hold of every rendered conversation, whatever it says. */
function checkRules(sample: Sample, k: number, which: "instruction" | "chat", tokenizer: TemplateTokenizer) {
  const segments = which === "chat" ? chatTemplate(sample, bundled) : instructionTemplate(sample);
  const { ids, mask, spans } = render(segments, { tokenizer, imageTokens: k });
  const responses = responsesOf(sample);
  expect(count(ids, tokenizer.bosId!)).toBe(1);
  expect(ids[0]).toBe(tokenizer.bosId);
  expect(count(ids, tokenizer.imageId)).toBe(k * picturesOf(sample));
  expect(count(ids, tokenizer.eosId)).toBe(responses.length);
  expect(spans).toHaveLength(responses.filter(Boolean).length);
  expect(mask).toHaveLength(ids.length);
  let covered = 0;
  for (const [start, end] of spans) {
    expect(ids[end - 1]).toBe(tokenizer.eosId);
    expect(count(ids.slice(start, end), tokenizer.eosId)).toBe(1);
    expect(count(ids.slice(start, end), tokenizer.imageId)).toBe(0);
    covered += end - start;
  }
  expect(mask.reduce((sum, bit) => sum + bit, 0)).toBe(covered);
}

describe("mask rules", () => {
  test("the instruction template with a tokenizer of words", () => {
    fc.assert(
      fc.property(conversation, fc.integer({ min: 1, max: 5 }), (sample, k) =>
        checkRules(sample, k, "instruction", wordTokenizer()),
      ),
    );
  });

  test("the instruction template with the bundled model's tokenizer", () => {
    fc.assert(fc.property(conversation, (sample) => checkRules(sample, 4, "instruction", bundled)));
  });

  test("the bundled model's chat template", () => {
    fc.assert(fc.property(conversation, (sample) => checkRules(sample, 4, "chat", bundled)));
  });

  test("exact ids: the mask begins after `### Response:` and ends with <EOS>", () => {
    const tokenizer = wordTokenizer();
    const sample = { id: "1", instruction: "Go", input: [image], response: "A dog" };
    const { ids, spans } = render(instructionTemplate(sample), { tokenizer, imageTokens: 2 });
    const [[start, end]] = spans as [[number, number]];
    expect(ids.slice(start, end).map(tokenizer.tokenText)).toEqual([" ", "A", " ", "dog", "<EOS>"]);
    expect(ids.slice(start - 2, start).map(tokenizer.tokenText)).toEqual(["Response", ":"]);
    expect(ids.indexOf(3) + 1).toBe(ids.lastIndexOf(3));
  });

  test("demonstrations are context: only the query's response is learned, and no dashes are fed", () => {
    const tokenizer = wordTokenizer();
    const shown = { id: "1", instruction: "Go", input: [image], response: "A dog" };
    const trained = render(inContextTemplate([shown, shown], shown, { train: true }), {
      ...{ tokenizer, imageTokens: 1 },
    });
    expect(trained.spans).toHaveLength(1);
    expect(trained.spans[0]![1]).toBe(trained.ids.length);
    const asked = render(inContextTemplate([shown, shown], shown), { tokenizer, imageTokens: 1 });
    expect(asked.spans).toEqual([]);
    expect(count(asked.ids, 2)).toBe(0);
    expect(asked.ids.map(tokenizer.tokenText)).not.toContain("-");
  });

  test("a picture may take its own number of tokens", () => {
    const tokenizer = wordTokenizer();
    const wide: Part = { type: "image", source: "b.png", width: 40, height: 10 };
    const sample = { id: "1", instruction: "Go", input: [image, wide] };
    const { ids } = render(instructionTemplate(sample), {
      tokenizer,
      imageTokens: ({ width = 10 }) => width / 10,
    });
    expect(count(ids, 3)).toBe(5);
  });

  test("a tokenizer that reads special tokens out of a text is refused", () => {
    const forging = { ...wordTokenizer(), encode: () => [3] };
    const sample = { id: "1", instruction: "<image>", input: [] };
    expect(() => render(instructionTemplate(sample), { tokenizer: forging, imageTokens: 1 })).toThrow(
      "tokenizer: must spell out special tokens that stand in a text, got token 3 from",
    );
  });
});

describe("chat templates", () => {
  test("the same tokens that the model sees when it is asked, and then writes", async () => {
    const chat = createChatTokenizer(await checkFolder(tiny));
    const sample = { id: "1", instruction: "Is <image> a dog?", input: [image], response: "yes, <|eos|>" };
    const { ids, spans } = render(chatTemplate(sample, bundled), { tokenizer: bundled, imageTokens: 1 });
    const [[start, end]] = spans as [[number, number]];
    const messages = [
      {
        role: "user" as const,
        content: [{ type: "image" as const }, { type: "text" as const, text: sample.instruction }],
      },
    ];
    expect(ids.slice(0, start)).toEqual(chat.encodeChat(messages));
    expect(end).toBe(ids.length);
    expect(ids.slice(start)).toEqual(chat.encode(" yes, <|eos|>").concat(bundled.eosId));
  });

  test("a template of another family: turns end with their own token, the line break after it is not learned", () => {
    const names = new Map([
      ["<|im_start|>", 1],
      ["<|im_end|>", 2],
      ["<pic>", 3],
    ]);
    const chatMl: ChatTokenizer = {
      ...wordTokenizer(),
      bosId: undefined,
      specials: names,
      tokenNames: { eos_token: "<|im_end|>" },
      chatTemplate:
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{% if m.content is string %}{{ m.content }}{% else %}" +
        "{% for p in m.content %}{% if p.type == 'image' %}<pic>{% else %}{{ p.text }}{% endif %}{% endfor %}" +
        "{% endif %}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}",
    } as ChatTokenizer;
    const turns: Turn[] = [
      { role: "user", content: [image, { type: "text", text: "What" }] },
      { role: "assistant", content: [{ type: "text", text: "dog" }] },
    ];
    const sample = { id: "1", turns, instruction: "Sure", input: [], response: "yes" };
    const tokenizer = wordTokenizer();
    const { ids, spans } = render(chatTemplate(sample, chatMl), {
      tokenizer: { ...tokenizer, bosId: undefined },
      imageTokens: 2,
    });
    const shown = spans.map(([start, end]) => ids.slice(start, end).map(tokenizer.tokenText).join(""));
    expect(shown).toEqual(["dog<EOS>", "yes<EOS>"]);
    expect(count(ids, 3)).toBe(2);
  });

  test("a template that rewrites earlier answers is refused", () => {
    const rewriting = {
      ...bundled,
      chatTemplate:
        "{{'<|bos|>'}}{% for m in messages %}{% if not loop.last %}old{% endif %}{{ m.content }}{% endfor %}",
    };
    const turns: Turn[] = [
      { role: "user", content: [{ type: "text", text: "a" }] },
      { role: "assistant", content: [{ type: "text", text: "b" }] },
    ];
    expect(() =>
      chatTemplate({ id: "1", turns, instruction: "c", input: [], response: "d" }, rewriting),
    ).toThrow("chat template, sample 1: must render earlier messages the same when later ones follow");
  });
});

describe("the printer", () => {
  const tokenizer = wordTokenizer();
  const rendered = render(
    instructionTemplate({ id: "1", instruction: "Go \u001b[2J", input: [image], response: "A dog" }),
    { tokenizer, imageTokens: 9 },
  );
  test("marks what is learned, counts image tokens, and shows control characters as text", () => {
    const out = printMask(rendered, tokenizer);
    expect(out).toContain("### Instruction: Go \\x1b[2J\n### Input: <image×9>\n### Response:« A dog<EOS>»");
    expect(out).not.toContain("\u001b");
  });
  test("a character of several tokens is shown whole", async () => {
    const sample = { id: "1", instruction: "Wörter 猫?", input: [], response: "ja, 猫" };
    const { ids, mask, spans } = render(chatTemplate(sample, bundled), {
      tokenizer: bundled,
      imageTokens: 1,
    });
    expect(printMask({ ids, mask, spans }, bundled)).toBe(
      "<|bos|><|user|> Wörter 猫?<|assistant|>« ja, 猫<|eos|>»",
    );
  });
  test("marks by colour in a terminal", () => {
    expect(printMask(rendered, { ...tokenizer, colour: true })).toContain(
      "### Response:\u001b[32m A dog<EOS>\u001b[0m",
    );
  });
});
