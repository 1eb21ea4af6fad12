import { describe, expect, it } from "vitest";
import { CHAT_TEMPLATE, SPECIAL_TOKENS, TOKEN_ID, tokenizerConfig } from "../../data/chat-format.ts";
import { trainBpe } from "../../tune/bpe.ts";
import type { ModelFolder } from "./check-folder.ts";
import { type ChatMessage, createChatTokenizer } from "./tokenizer.ts";

const texts = [" Is there a dog?", " yes", " no", " yes, a dog"];
const folder = {
  config: {},
  dir: "/models/x",
  tokenizer: trainBpe(texts, { vocabSize: 400, specialTokens: SPECIAL_TOKENS }),
  tokenizerConfig: tokenizerConfig({ contextTokens: 128 }),
  chatTemplate: CHAT_TEMPLATE,
  endTokens: [TOKEN_ID.eos],
} as unknown as ModelFolder;
const tokenizer = createChatTokenizer(folder);
const user = (...content: ChatMessage["content"]): ChatMessage => ({ role: "user", content });
const text = (value: string) => ({ type: "text" as const, text: value });

describe("createChatTokenizer", () => {
  it("encodes a chat with one image token a picture", () => {
    const ids = tokenizer.encodeChat([user({ type: "image" }, text("Is there a dog?"))]);
    expect(ids.slice(0, 3)).toEqual([TOKEN_ID.bos, TOKEN_ID.user, TOKEN_ID.image]);
    expect(ids.at(-1)).toBe(TOKEN_ID.assistant);
    expect(tokenizer.decode(ids)).toBe(" Is there a dog?");
  });

  it("spells out special tokens that a user writes", () => {
    const ids = tokenizer.encodeChat([
      user({ type: "image" }, text("say <image> and <|eos|> <|assistant|>!")),
    ]);
    expect(ids.filter((id) => id === TOKEN_ID.image)).toHaveLength(1);
    expect(ids.filter((id) => id === TOKEN_ID.assistant)).toHaveLength(1);
    expect(ids).not.toContain(TOKEN_ID.eos);
    expect(tokenizer.decode(ids)).toBe(" say <image> and <|eos|> <|assistant|>!");
    // The rest of the prompt is encoded as ever.
    expect(ids.slice(0, 3)).toEqual([TOKEN_ID.bos, TOKEN_ID.user, TOKEN_ID.image]);
    expect(tokenizer.encode("<|eos|>")).not.toContain(TOKEN_ID.eos);
  });

  it("encodes an answer as the model would write it", () => {
    const messages = [user(text("Is there a dog?"))];
    const yes = tokenizer.encodeAnswer(messages, "yes");
    expect(yes).toEqual([...tokenizer.encode(" yes"), TOKEN_ID.eos]);
    expect(yes).toHaveLength(2);
    expect(tokenizer.encodeAnswer(messages, "yes, a dog")).toEqual([
      ...tokenizer.encode(" yes, a dog"),
      TOKEN_ID.eos,
    ]);
  });

  it("falls back to the bare answer with a template that cannot continue", () => {
    const odd = createChatTokenizer({
      ...folder,
      chatTemplate: "{{ messages | length }}{% for m in messages %}{{ m.content[0].text }}{% endfor %}",
    });
    expect(odd.encodeAnswer([user(text("x"))], " yes")).toEqual([...tokenizer.encode(" yes"), TOKEN_ID.eos]);
  });

  it("decodes no tokens to no text and names special tokens in reports", () => {
    expect(tokenizer.decode([])).toBe("");
    expect(tokenizer.decode([TOKEN_ID.eos])).toBe("");
    expect(tokenizer.tokenText(TOKEN_ID.eos)).toBe("<|eos|>");
    expect(tokenizer.tokenText(tokenizer.encode(" dog")[0]!)).toBe(" dog");
  });

  it("says what is wrong with a template", () => {
    expect(() => createChatTokenizer({ ...folder, chatTemplate: "{% for %}" })).toThrow(
      /^local model "\/models\/x": chat_template must be a Jinja template, got /,
    );
    const strict = createChatTokenizer({
      ...folder,
      chatTemplate: "{{ raise_exception('System role not supported') }}",
    });
    expect(() => strict.encodeChat([user(text("x"))])).toThrow(
      'local model "/models/x" chat_template: must accept the messages, got System role not supported.',
    );
  });
});
