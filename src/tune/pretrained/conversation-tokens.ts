// A conversation as the tokens that a checkpoint's own processor makes of it, with the labels that are learned beside them: the
// folder's tokenizer.json and chat template, a picture as the tokens that stand for it, responses and their end tokens labelled.
//
// Text between two special tokens is encoded in one piece, prompt and response together, as transformers does: a tokenizer of
// words with their blanks ("▁the") would otherwise see other words where the response begins.
import path from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { type PartGrid, wholeOnly } from "../../data/picture-parts.ts";
import {
  type ChatTokenizer,
  chatTemplate,
  printMask,
  render,
  type Segment,
} from "../../data/templates/index.ts";
import { InputError, SightlineError } from "../../errors/index.ts";
import type { ImagePart, Sample } from "../../spec/index.ts";
import { pictureSpeller } from "./picture-tokens.ts";
import type { Checkpoint } from "./read-checkpoint.ts";
import { type Json, readTokenizerFiles } from "./tokenizer-files.ts";
import { IGNORED } from "./training-batch.ts";

/** A conversation ready to be learned. */
export interface EncodedConversation {
  ids: number[];
  /** As long as `ids`: the token itself where it is learned, -100 elsewhere. */
  labels: number[];
  /** The learned stretches of `ids`, one for each response, as [start, end). */
  spans: [start: number, end: number][];
  /** The pictures whose tokens stand in `ids`, in order. */
  images: ImagePart[];
}

/** Encodes conversations for one checkpoint. */
export interface ConversationEncoder {
  /** Ends every response. */
  eosId: number;
  /** Tokens that a picture takes which is cut into these parts, with the marks around it. */
  pictureTokens(grid: PartGrid): number;
  /**
   * Without a response, the text ends where the model goes on.
   * @param gridOf the parts that a picture is cut into; by default none are
   */
  encode(sample: Sample, gridOf?: (image: ImagePart) => PartGrid): EncodedConversation;
  /** Tokens of a plain text. */
  countTokens(text: string): number;
  /** Text of tokens, special ones left out. */
  decode(ids: readonly number[]): string;
  /** A token as its own text; special tokens keep their names. */
  tokenText(id: number): string;
  /** A conversation for people: special tokens by name, what is learned between « and ». */
  show(conversation: Pick<EncodedConversation, "ids" | "labels" | "spans">): string;
}

/** A noncharacter that stands in front of a text which is not the first of its sequence. */
const sentinel = "\uFDD1";

/**
 * Reads what the checkpoint's folder says of tokens and conversations. Throws SetupError for a file that is missing, and InputError
 * for a tokenizer that lacks the tokens that the checkpoint's pictures take.
 */
export async function readConversationEncoder(checkpoint: Checkpoint): Promise<ConversationEncoder> {
  const { dir, blueprint } = checkpoint;
  const { json, config, names, chatTemplate: template } = await readTokenizerFiles(dir);
  const where = path.join(dir, "tokenizer.json");
  const added = (Array.isArray(json.added_tokens) ? json.added_tokens : []) as {
    id: number;
    content: string;
  }[];
  const specials = new Map(added.map(({ id, content }) => [content, id]));
  const [bosId, eosId] = [names.bos_token, names.eos_token].map((name) => specials.get(name ?? ""));
  if (eosId === undefined) {
    const rule = "eos_token of tokenizer_config.json must be one of added_tokens";
    throw new InputError({ where, rule, got: names.eos_token ?? "none" });
  }
  const { whole, plain } = openTokenizers(json, config, where);
  const imageId = blueprint.image?.token;
  const spell = pictureSpeller(checkpoint, specials, config);
  const wraps = new Map<string, Segment[]>();
  const wrapOf = (grid: PartGrid): Segment[] => {
    const key = `${grid.rows} x ${grid.columns}`;
    const wrap = wraps.get(key) ?? encodeTexts(spell(grid), plain, { tokenizer, where });
    wraps.set(key, wrap);
    return wrap;
  };
  // What processors of models with eyes put in front of a text that does not begin with it by itself.
  const lead = imageId === undefined ? [] : leadTokens(whole);
  const tokenizer: ChatTokenizer = {
    encode: (text) => encodeRun(plain, text, true),
    eosId,
    // A model without eyes has no such token, and no token has this number.
    imageId: imageId ?? -1,
    specials,
    chatTemplate: template,
    tokenNames: names,
    contentParts: imageId !== undefined,
    decode: (ids) => whole.decode(ids, { clean_up_tokenization_spaces: false }),
  };
  return {
    eosId,
    pictureTokens: (grid) => wrapOf(grid).length,
    countTokens: (text) => encodeRun(plain, text, false).length,
    tokenText: (id) => tokenizer.decode([id]),
    encode(sample, gridOf = () => wholeOnly) {
      const [, ...segments] = rendered(sample, tokenizer);
      const starts = bosId !== undefined && startId(segments[0], eosId) === bosId;
      const images = segments.flatMap((segment) => (segment.type === "image" ? [segment.image] : []));
      const pieces = segments.flatMap((segment) =>
        segment.type === "image" ? wrapOf(gridOf(segment.image)) : [segment],
      );
      const front = starts ? [] : lead.map((id): Segment => ({ type: "token", id, text: "" }));
      const tokens = [...front, ...encodeTexts(pieces, plain, { tokenizer, where: `sample "${sample.id}"` })];
      const { ids, mask, spans } = render(tokens, { tokenizer, imageTokens: 1 });
      return { ids, labels: ids.map((id, i) => (mask[i] ? id : IGNORED)), spans, images };
    },
    show: ({ ids, labels, spans }) =>
      printMask(
        { ids, mask: Uint8Array.from(labels, (label) => Number(label !== IGNORED)), spans },
        tokenizer,
      ),
    decode: (ids) =>
      whole.decode([...ids], { skip_special_tokens: true, clean_up_tokenization_spaces: false }),
  };
}

/** The rendered conversation; what a template raises names the sample. */
function rendered(sample: Sample, tokenizer: ChatTokenizer): Segment[] {
  try {
    return chatTemplate(sample, tokenizer);
  } catch (cause) {
    if (SightlineError.isInstance(cause)) throw cause;
    const rule = "must accept the conversation";
    throw new InputError({
      where: `chat template, sample "${sample.id}"`,
      rule,
      got: (cause as Error).message,
      cause,
    });
  }
}

/** The special token that a text begins with. */
function startId(segment: Segment | undefined, eosId: number): number | undefined {
  if (segment?.type === "eos") return eosId;
  return segment?.type === "token" ? segment.id : undefined;
}

/** Texts as tokens: those that stand side by side are encoded as one, and cut where one ends and the next begins. */
function encodeTexts(
  segments: readonly Segment[],
  plain: Tokenizer,
  { tokenizer, where }: { tokenizer: ChatTokenizer; where: string },
): Segment[] {
  const out: Segment[] = [];
  for (let i = 0; i < segments.length; ) {
    const run: Extract<Segment, { type: "text" }>[] = [];
    const isFirst = i === 0;
    for (let next = segments[i]; next?.type === "text"; next = segments[++i]) run.push(next);
    for (const [text, ids] of encodePieces(
      run.map(({ text }) => text),
      plain,
      isFirst,
    ).entries()) {
      const forged = ids.find((id) => id === tokenizer.eosId || id === tokenizer.imageId);
      if (forged !== undefined) {
        const rule = "the tokenizer must spell out special tokens that stand in a text";
        throw new InputError({ where, rule, got: `token ${forged}` });
      }
      const { supervised } = run[text]!;
      for (const id of ids) out.push({ type: "token", id, text: "", ...(supervised && { supervised }) });
    }
    if (i < segments.length && segments[i]!.type !== "text") out.push(segments[i++]!);
  }
  return out;
}

/** Tokens of texts that follow each other. Where a token would stand across a border, the texts are encoded apart. */
function encodePieces(texts: readonly string[], plain: Tokenizer, isFirst: boolean): number[][] {
  const all = encodeRun(plain, texts.join(""), isFirst);
  const pieces: number[][] = [];
  let at = 0;
  for (let i = 0; i < texts.length; i++) {
    const until = encodeRun(plain, texts.slice(0, i + 1).join(""), isFirst);
    if (until.some((id, t) => id !== all[t]))
      return texts.map((text, n) => encodeRun(plain, text, isFirst && n === 0));
    pieces.push(all.slice(at, until.length));
    at = until.length;
  }
  return pieces;
}

/** Tokens of a plain text, special tokens spelled out; some tokenizers treat the first text of a sequence in its own way. */
function encodeRun(plain: Tokenizer, text: string, isFirst: boolean): number[] {
  const words = text.replaceAll(sentinel, "");
  if (words === "") return [];
  if (isFirst) return plain.encode(words, { add_special_tokens: false }).ids;
  return plain.encode(sentinel + words, { add_special_tokens: false }).ids.slice(1);
}

function openTokenizers(json: Json, config: Json, where: string): { whole: Tokenizer; plain: Tokenizer } {
  const { vocab } = (json.model ?? {}) as { vocab?: object };
  const mark = {
    id: Object.keys(vocab ?? {}).length + 1e6,
    content: sentinel,
    special: true,
    normalized: false,
  };
  try {
    return {
      whole: new Tokenizer(json, config),
      // Without its added tokens the tokenizer spells "<image>" and its like in ordinary tokens.
      plain: new Tokenizer(
        { ...json, added_tokens: [{ ...mark, lstrip: false, rstrip: false, single_word: false }] },
        config,
      ),
    };
  } catch (cause) {
    throw new InputError({ where, rule: "must be a tokenizer", got: (cause as Error).message, cause });
  }
}

/** What the tokenizer's post-processor puts in front of a text. */
function leadTokens(whole: Tokenizer): number[] {
  const [all, bare] = [true, false].map((add) => whole.encode("a", { add_special_tokens: add }).ids) as [
    number[],
    number[],
  ];
  return all.slice(
    0,
    all.findIndex((_, i) => bare.every((id, k) => all[i + k] === id)),
  );
}
