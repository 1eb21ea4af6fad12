import { Template } from "@huggingface/jinja";
import { describe, expect, it } from "vitest";
import { CHAT_TEMPLATE, SPECIAL_TOKENS, TOKEN_ID } from "./chat-format.ts";

const render = (messages: unknown[], add_generation_prompt = false) =>
  new Template(CHAT_TEMPLATE).render({ messages, add_generation_prompt });

describe("chat format", () => {
  it("writes every role as the format says", () => {
    const messages = [
      { role: "system", content: "  Be brief.\n" },
      {
        role: "user",
        content: [{ type: "image" }, { type: "image" }, { type: "text", text: "Which one\nis red? " }],
      },
      { role: "assistant", content: "The first." },
      { role: "tool", content: [{ type: "text", text: "3" }, { type: "image" }] },
      {
        role: "user",
        content: [
          { type: "text", text: "Sure?" },
          { type: "text", text: "Look again." },
        ],
      },
    ];
    expect(render(messages, true)).toBe(
      "<|bos|><|system|> Be brief.<|user|><image><image> Which one\nis red?<|assistant|> The first.<|eos|>" +
        "<|tool|> 3<image><|user|> Sure? Look again.<|assistant|>",
    );
  });

  it("writes nothing for an empty text and no generation prompt unless asked", () => {
    expect(render([{ role: "user", content: [{ type: "text", text: " " }] }])).toBe("<|bos|><|user|>");
    expect(render([{ role: "assistant", content: "" }])).toBe("<|bos|><|assistant|><|eos|>");
  });

  it("names the ids of the special tokens", () => {
    expect(SPECIAL_TOKENS).toHaveLength(24);
    expect(new Set(SPECIAL_TOKENS).size).toBe(24);
    expect(SPECIAL_TOKENS[TOKEN_ID.pad]).toBe("<|pad|>");
    expect(SPECIAL_TOKENS[TOKEN_ID.eos]).toBe("<|eos|>");
    expect(SPECIAL_TOKENS[TOKEN_ID.image]).toBe("<image>");
    expect(SPECIAL_TOKENS[TOKEN_ID.tool]).toBe("<|tool|>");
  });
});
