// The text format of the model that we train: special tokens, and how a conversation becomes one prompt. The trainer
// reads it from here; whoever runs the exported model reads it from the model's own files, where export puts it.
//
// `<|bos|>`, then per message its role token and its content: `<image>` for a picture, ` TEXT` for a text (trimmed,
// one space before it, so that " dog" is one token wherever it stands). An assistant's message ends with `<|eos|>`. Before
// an answer may stand a rationale, `<|think|> TEXT<|/think|>`; the prompt opens it where one is wanted. Tools on offer are a
// message of the role tool behind the question; a call is `<|tool_call|> TEXT<|/tool_call|>` in an assistant's message, and
// what came of it the next message of the role tool (tool-format.ts has the texts).

/** Special tokens in the order of their ids, from 0 on. */
export const SPECIAL_TOKENS = [
  "<|pad|>",
  "<|bos|>",
  "<|eos|>",
  "<image>",
  "<|system|>",
  "<|user|>",
  "<|assistant|>",
  "<|tool|>",
  "<|think|>",
  "<|/think|>",
  "<|tool_call|>",
  "<|/tool_call|>",
  "<|tool_result|>",
  "<|/tool_result|>",
  ...Array.from({ length: 10 }, (_, i) => `<|reserved_${i}|>`),
] as const satisfies readonly string[];

/** Ids of the special tokens that code needs by name. */
export const TOKEN_ID = {
  pad: 0,
  bos: 1,
  eos: 2,
  image: 3,
  system: 4,
  user: 5,
  assistant: 6,
  tool: 7,
  think: 8,
  endThink: 9,
  toolCall: 10,
  endToolCall: 11,
} as const;

/**
 * Renders messages of the roles system, user, assistant and tool, whose content is a string or a list of parts
 * `{ type: "image" }`, `{ type: "text", text }` and `{ type: "call", text }`, to the prompt format (a Jinja template).
 */
export const CHAT_TEMPLATE = [
  "{{- '<|bos|>' -}}",
  "{%- for message in messages -%}",
  "{{- '<|' + message['role'] + '|>' -}}",
  "{%- if message['content'] is string -%}",
  "{%- if message['content'] | trim -%}{{- ' ' + message['content'] | trim -}}{%- endif -%}",
  "{%- else -%}",
  "{%- for part in message['content'] -%}",
  "{%- if part['type'] == 'image' -%}{{- '<image>' -}}",
  "{%- elif part['type'] == 'call' -%}{{- '<|tool_call|> ' + part['text'] | trim + '<|/tool_call|>' -}}",
  "{%- elif part['text'] | trim -%}{{- ' ' + part['text'] | trim -}}{%- endif -%}",
  "{%- endfor -%}",
  "{%- endif -%}",
  "{%- if message['role'] == 'assistant' -%}{{- '<|eos|>' -}}{%- endif -%}",
  "{%- endfor -%}",
  "{%- if add_generation_prompt -%}{{- '<|assistant|>' -}}{%- endif -%}",
].join("");

/** The tokenizer_config.json that goes with the tokenizer. */
export function tokenizerConfig({ contextTokens }: { contextTokens: number }) {
  return {
    tokenizer_class: "PreTrainedTokenizerFast",
    bos_token: "<|bos|>",
    eos_token: "<|eos|>",
    pad_token: "<|pad|>",
    add_bos_token: false,
    padding_side: "left",
    clean_up_tokenization_spaces: false,
    model_max_length: contextTokens,
    chat_template: CHAT_TEMPLATE,
  };
}
