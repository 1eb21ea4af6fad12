// A conversation in a model's own chat template (Jinja). The template is rendered once for all messages; what an
// assistant's message adds after the prompt for it is the learned stretch, up to and with its end token. So the mask
// begins exactly where the model begins to write.
//
// Special tokens spelled in a dataset's text get a noncharacter put into them before rendering, and lose it after the
// text is cut at the template's own special tokens: a text can neither forge a turn nor stand in for a picture.
import { Template } from "@huggingface/jinja";
import { InputError } from "../../errors/index.ts";
import type { Sample, Turn } from "../../spec/index.ts";
import { mediaOf, messagesOf } from "../formats/messages.ts";
import type { ChatTokenizer } from "./chat-tokenizer.ts";
import { asImage, type Segment, text } from "./segments.ts";

const guard = "\uFDD0";

/** Renders the conversation of a Sample in a chat template; without a response it ends where the model continues. */
export function chatTemplate(sample: Sample, tokenizer: ChatTokenizer): Segment[] {
  const messages = messagesOf(sample);
  const where = `chat template, sample ${sample.id}`;
  const specials = specialPattern(tokenizer);
  const draw = renderer(messages, tokenizer, { specials, where });
  const isOpen = messages.at(-1)!.role !== "assistant";
  const whole = draw(messages.length, isOpen);
  const spans: Span[] = [];
  for (const [i, { role, loss }] of messages.entries()) {
    if (role !== "assistant") continue;
    const prompt = draw(i, true);
    const answered = draw(i + 1, false);
    if (!answered.startsWith(prompt) || !whole.startsWith(answered)) {
      throw new InputError({
        where,
        rule: "must render earlier messages the same when later ones follow, so that a response can be told apart",
        got: `another text before message ${i}`,
      });
    }
    const eos = answered.indexOf(tokenizer.tokenNames.eos_token!, prompt.length);
    const ended = eos >= 0;
    const next = ended ? eos + tokenizer.tokenNames.eos_token!.length : answered.length;
    const end = ended ? next : prompt.length + answered.slice(prompt.length).trimEnd().length;
    spans.push({ start: prompt.length, end, next, ended, learned: loss !== false });
  }
  const images = mediaOf(messages).map((part) => asImage(part, where));
  const segments = cut(whole, spans, { tokenizer, specials, images, where });
  const starts = segments.filter(({ type }) => type === "bos").length;
  if (starts > 1) throw new InputError({ where, rule: "must start the text once", got: `${starts} times` });
  return starts === 1 ? segments : [{ type: "bos" }, ...segments];
}

interface Span {
  start: number;
  end: number;
  /** Where the text goes on: where the template wrote no end token, one takes the place of blanks behind the response. */
  next: number;
  /** True when the template wrote the end token itself. */
  ended: boolean;
  learned: boolean;
}

/** Draws the first `count` messages; `generate` adds the prompt for the next answer. */
function renderer(
  messages: readonly Turn[],
  { chatTemplate: source, tokenNames, contentParts = false }: ChatTokenizer,
  { specials, where }: { specials: RegExp; where: string },
): (count: number, generate: boolean) => string {
  const guarded = (words: string) => words.replace(specials, (token) => token[0] + guard + token.slice(1));
  const safe = messages.map(({ role, content }) => {
    const [only] = content;
    if (!contentParts && content.length === 1 && only?.type === "text")
      return { role, content: guarded(only.text) };
    const parts = content.map((part) =>
      part.type === "text" ? { type: "text", text: guarded(part.text) } : { type: part.type },
    );
    return { role, content: parts };
  });
  try {
    const template = new Template(source);
    return (count, generate) =>
      template.render({ ...tokenNames, messages: safe.slice(0, count), add_generation_prompt: generate });
  } catch (cause) {
    throw new InputError({ where, rule: "must be a Jinja template", got: (cause as Error).message, cause });
  }
}

interface Cutting {
  tokenizer: ChatTokenizer;
  specials: RegExp;
  images: ReturnType<typeof asImage>[];
  where: string;
}

/** Cuts the rendered text at special tokens and at the borders of responses. */
function cut(
  whole: string,
  spans: readonly Span[],
  { tokenizer, specials, images, where }: Cutting,
): Segment[] {
  const segments: Segment[] = [];
  let pictures = 0;
  const add = (from: number, to: number, supervised: boolean) => {
    let end = from;
    const addText = (until: number) => {
      const words = whole.slice(end, until).replaceAll(guard, "");
      if (words !== "") segments.push(supervised ? { type: "text", text: words, supervised } : text(words));
    };
    for (const match of whole.slice(from, to).matchAll(specials)) {
      addText(from + match.index);
      end = from + match.index + match[0].length;
      const id = tokenizer.specials.get(match[0])!;
      if (id === tokenizer.bosId && from + match.index === 0) segments.push({ type: "bos" });
      else if (id === tokenizer.bosId && id !== tokenizer.eosId) segments.push({ type: "bos" });
      else if (id === tokenizer.eosId)
        segments.push(supervised ? { type: "eos", supervised } : { type: "eos" });
      else if (id === tokenizer.imageId) {
        const image = images[pictures++];
        if (image) segments.push({ type: "image", image });
      } else segments.push({ type: "token", id, text: match[0], ...(supervised ? { supervised } : {}) });
    }
    addText(to);
  };
  let at = 0;
  for (const { start, end, next, ended, learned } of spans) {
    add(at, start, false);
    add(start, end, learned);
    if (!ended) segments.push(learned ? { type: "eos", supervised: true } : { type: "eos" });
    at = next;
  }
  add(at, whole.length, false);
  if (pictures === images.length) return segments;
  throw new InputError({
    where,
    rule: `must place ${images.length} pictures`,
    got: `${pictures} image tokens`,
    hint: "The model's template may not take pictures.",
  });
}

function specialPattern({ specials }: ChatTokenizer): RegExp {
  const names = [...specials.keys()].sort((a, b) => b.length - a.length);
  return new RegExp(names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"), "g");
}
