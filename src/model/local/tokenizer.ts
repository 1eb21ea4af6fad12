// Text to token ids and back, with the model's own tokenizer.json and chat template. What a user writes is never a
// special token: "<image>" or "<|eos|>" inside a message is spelled out in ordinary tokens, so that a text can neither
// stand in for a picture nor end a turn.
import { Template } from "@huggingface/jinja";
import { Tokenizer } from "@huggingface/tokenizers";
import { InputError } from "../../errors/index.ts";
import type { ModelFolder } from "./check-folder.ts";
import { createConstrainer } from "./constrain.ts";

/** One message as chat templates take it. */
export interface ChatMessage {
  role: "system" | "user" | "assistant" | "tool";
  content: ({ type: "text"; text: string } | { type: "image" } | { type: "call"; text: string })[];
}

export interface ChatTokenizer {
  /** Tokens of a plain text; special tokens in it are spelled out. */
  encode(text: string): number[];
  /** The prompt for the next assistant message; each picture is one image token. */
  encodeChat(messages: readonly ChatMessage[]): number[];
  /** Tokens that the model would write to answer a prompt with this text, its end token included. */
  encodeAnswer(messages: readonly ChatMessage[], answer: string): number[];
  /** Ids of the tokens around a rationale; undefined when the model writes none. */
  rationale: { open: number; close: number } | undefined;
  /** Ids of the tokens around a call of a tool; undefined when the model calls none. */
  toolCall: { open: number; close: number } | undefined;
  /** Holds a text that is being written to a regular expression. */
  constrain: ReturnType<typeof createConstrainer>;
  /** Text of tokens, special tokens left out. */
  decode(ids: readonly number[]): string;
  /** A token as its own text, for reports; special tokens keep their names. */
  tokenText(id: number): string;
}

/** A noncharacter that marks a special token's text inside a user's text. */
const guard = "\uFDD0";

/** Creates the tokenizer of a model folder. */
export function createChatTokenizer(folder: ModelFolder): ChatTokenizer {
  const file = folder.tokenizer as { added_tokens?: { content: string; special: boolean }[] };
  let tokenizer: Tokenizer;
  let plain: Tokenizer;
  let template: Template;
  const where = `local model "${folder.dir}"`;
  try {
    tokenizer = new Tokenizer(file, folder.tokenizerConfig);
    plain = new Tokenizer({ ...file, added_tokens: [] }, folder.tokenizerConfig);
  } catch (cause) {
    throw new InputError({ where, rule: "tokenizer.json must be readable", got: messageOf(cause), cause });
  }
  try {
    template = new Template(folder.chatTemplate);
  } catch (cause) {
    throw new InputError({
      where,
      rule: "chat_template must be a Jinja template",
      got: messageOf(cause),
      cause,
    });
  }
  const added = (file.added_tokens ?? []).map((token) => token.content);
  const specials = added.length > 0 ? new RegExp(added.map(escapeRegExp).join("|"), "g") : undefined;
  const guarded = (text: string) =>
    specials ? text.replace(specials, (token) => token[0] + guard + token.slice(1)) : text;
  const tokenNames = specialTokenNames(folder.tokenizerConfig);

  const render = (messages: readonly ChatMessage[], generate: boolean) => {
    const safe = messages.map(({ role, content }) => ({
      role,
      content: content.map((part) => (part.type === "image" ? part : { ...part, text: guarded(part.text) })),
    }));
    try {
      return template.render({ ...tokenNames, messages: safe, add_generation_prompt: generate });
    } catch (cause) {
      throw new InputError({
        where: `${where} chat_template`,
        rule: "must accept the messages",
        got: messageOf(cause),
        cause,
      });
    }
  };
  const encode = (text: string): number[] => plain.encode(text, { add_special_tokens: false }).ids;
  const encodeRendered = (text: string): number[] => {
    if (!text.includes(guard)) return tokenizer.encode(text, { add_special_tokens: false }).ids;
    const ids: number[] = [];
    let end = 0;
    for (const match of text.matchAll(specials!)) {
      ids.push(...encode(text.slice(end, match.index).replaceAll(guard, "")));
      ids.push(tokenizer.token_to_id(match[0])!);
      end = match.index + match[0].length;
    }
    return [...ids, ...encode(text.slice(end).replaceAll(guard, ""))];
  };
  const encodeChat = (messages: readonly ChatMessage[]) => encodeRendered(render(messages, true));
  const endTokens = new Set(folder.endTokens);
  const tokenId = (token: string): number => {
    const id = tokenizer.token_to_id(token);
    if (id !== undefined) return id;
    const rule = "sightline.rationale and sightline.tools must name tokens of tokenizer.json";
    throw new InputError({ where: `${where} config.json`, rule, got: JSON.stringify(token) });
  };
  const { rationale: marks, tools } = folder.config.sightline ?? {};
  const tokenText = (id: number) => tokenizer.decode([id], { clean_up_tokenization_spaces: false });
  let constrainer: ReturnType<typeof createConstrainer> | undefined;
  // Read when it is first needed: a vocabulary can be large.
  const tokenTexts = () =>
    Array.from({ length: folder.config.text_config.vocab_size }, (_, id) => {
      const text = tokenText(id);
      return added.includes(text) || text.includes("\uFFFD") ? undefined : text;
    });

  return {
    encode,
    encodeChat,
    encodeAnswer(messages, answer) {
      const prompt = encodeChat(messages);
      const reply: ChatMessage = { role: "assistant", content: [{ type: "text", text: answer }] };
      const whole = encodeRendered(render([...messages, reply], false));
      const continues = prompt.every((id, i) => whole[i] === id);
      const ids = continues ? whole.slice(prompt.length) : encode(answer);
      const end = ids.findIndex((id) => endTokens.has(id));
      return end >= 0 ? ids.slice(0, end + 1) : [...ids, folder.endTokens[0]!];
    },
    rationale: marks && { open: tokenId(marks.open), close: tokenId(marks.close) },
    toolCall: tools && { open: tokenId(tools.open), close: tokenId(tools.close) },
    constrain(pattern, ends) {
      constrainer ??= createConstrainer(tokenTexts());
      return constrainer(pattern, ends);
    },
    decode: (ids) =>
      ids.length === 0
        ? ""
        : tokenizer.decode([...ids], { skip_special_tokens: true, clean_up_tokenization_spaces: false }),
    tokenText,
  };
}

function specialTokenNames(config: Record<string, unknown>): Record<string, string> {
  const names: Record<string, string> = {};
  for (const key of ["bos_token", "eos_token", "pad_token", "unk_token"]) {
    const value = config[key];
    if (typeof value === "string") names[key] = value;
    else if (typeof value === "object" && value)
      names[key] = String((value as { content?: unknown }).content);
  }
  return names;
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
