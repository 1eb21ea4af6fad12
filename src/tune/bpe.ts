// Byte-level byte-pair encoding, trained on our own text and written as a tokenizer.json that @huggingface/tokenizers
// and transformers.js load. Text is cut into words with the GPT-2 pattern (a leading space stays with its word), each
// word becomes UTF-8 bytes written as printable characters, and the most frequent neighbouring pair is merged again
// and again. Any text can be encoded, because all 256 bytes are tokens. Method: Sennrich et al., arXiv 1508.07909.
import { InputError } from "../errors/index.ts";

/** The parts of a tokenizer.json that we write. */
export interface TokenizerJson {
  version: "1.0";
  truncation: null;
  padding: null;
  added_tokens: AddedToken[];
  normalizer: null;
  pre_tokenizer: { type: "ByteLevel"; add_prefix_space: false; trim_offsets: true; use_regex: true };
  post_processor: null;
  decoder: { type: "ByteLevel"; add_prefix_space: false; trim_offsets: true; use_regex: true };
  model: {
    type: "BPE";
    dropout: null;
    unk_token: null;
    continuing_subword_prefix: null;
    end_of_word_suffix: null;
    fuse_unk: false;
    byte_fallback: false;
    ignore_merges: false;
    vocab: Record<string, number>;
    /** Pairs as `left right`, most frequent first. */
    merges: string[];
  };
}

interface AddedToken {
  id: number;
  content: string;
  single_word: false;
  lstrip: false;
  rstrip: false;
  normalized: false;
  special: true;
}

export interface BpeOptions {
  /** Upper limit of the vocabulary: special tokens, 256 bytes and merges. */
  vocabSize: number;
  /** Take the ids from 0 on, in this order; they are never merged with text. */
  specialTokens?: readonly string[];
  /**
   * Keep upper-case letters single, so that "HOUSE" is spelled letter by letter. Only a capital that is followed by
   * lower-case letters ("How", " How") may be merged.
   * @default true
   */
  noMergeUpperCase?: boolean;
}

/** The pattern of HF's ByteLevel pre-tokeniser (GPT-2). */
const words = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;
const capitalised = /^Ġ?[A-Z][a-z]+$/;

/**
 * Trains a tokenizer on texts, or on a map from text to how often it counts. Stops early when every word is one
 * token. The same texts in any order give the same result.
 */
export function trainBpe(
  texts: Iterable<string> | ReadonlyMap<string, number>,
  { vocabSize, specialTokens = [], noMergeUpperCase = true }: BpeOptions,
): TokenizerJson {
  const vocab = [...specialTokens, ...byteAlphabet()];
  const ids = new Map(vocab.map((token, id) => [token, id]));
  if (ids.size < vocab.length) {
    throw new InputError({
      where: "bpe.specialTokens",
      rule: "special tokens must differ from each other and from single characters",
      got: JSON.stringify(specialTokens),
    });
  }
  const symbolOf = new Map(byteSymbols.map((symbol, byte) => [byte, ids.get(symbol)!]));
  const corpus: Word[] = [];
  for (const [word, count] of countWords(texts, specialTokens)) {
    corpus.push({ tokens: Array.from(encoder.encode(word), (byte) => symbolOf.get(byte)!), count });
  }

  const pairs = new Pairs();
  for (const word of corpus) pairs.change(word, 1);
  const allowed = (left: number, right: number) => {
    const merged = vocab[left]! + vocab[right]!;
    return !noMergeUpperCase || !/[A-Z]/.test(merged) || capitalised.test(merged);
  };
  const merges: string[] = [];
  while (vocab.length < vocabSize) {
    const best = pairs.best(allowed);
    if (!best) break;
    const [left, right] = best.ids;
    const merged = vocab[left]! + vocab[right]!;
    let id = ids.get(merged);
    // Two merges can spell one token ("a" + "bc", "ab" + "c").
    if (id === undefined) {
      id = vocab.push(merged) - 1;
      ids.set(merged, id);
    }
    merges.push(`${vocab[left]} ${vocab[right]}`);
    for (const word of [...best.words]) {
      pairs.change(word, -1);
      word.tokens = mergePair(word.tokens, left, right, id);
      pairs.change(word, 1);
    }
  }
  return tokenizerJson(vocab, merges, specialTokens.length);
}

const encoder = new TextEncoder();
/** The printable character that stands for each byte: itself when visible, else the next from U+0100 on (GPT-2). */
const byteSymbols: string[] = [];
for (let byte = 0, shifted = 0x100; byte < 256; byte++) {
  const visible = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  byteSymbols.push(String.fromCodePoint(visible ? byte : shifted++));
}

/** The 256 byte characters in the order of their ids: visible bytes first, then the shifted ones. */
function byteAlphabet(): string[] {
  return byteSymbols.toSorted((a, b) => a.codePointAt(0)! - b.codePointAt(0)!);
}

interface Word {
  tokens: number[];
  count: number;
}

function countWords(
  texts: Iterable<string> | ReadonlyMap<string, number>,
  specialTokens: readonly string[],
): Map<string, number> {
  const counted = texts instanceof Map ? (texts as ReadonlyMap<string, number>) : undefined;
  const specials = specialTokens.map((token) => token.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  const splitter = specials === "" ? undefined : new RegExp(specials);
  const result = new Map<string, number>();
  for (const entry of counted ?? (texts as Iterable<string>)) {
    const [text, count] = typeof entry === "string" ? [entry, 1] : entry;
    for (const piece of splitter ? text.split(splitter) : [text]) {
      for (const [word] of piece.matchAll(words)) result.set(word, (result.get(word) ?? 0) + count);
    }
  }
  return result;
}

interface Pair {
  ids: [number, number];
  count: number;
  words: Set<Word>;
}

/** How often each neighbouring pair occurs, and in which words, kept up to date while words change. */
class Pairs {
  readonly #pairs = new Map<number, Pair>();

  /** Adds (sign 1) or removes (sign -1) all pairs of a word. */
  change(word: Word, sign: 1 | -1): void {
    for (let i = 1; i < word.tokens.length; i++) {
      const left = word.tokens[i - 1]!;
      const right = word.tokens[i]!;
      const key = left * 2 ** 24 + right;
      let pair = this.#pairs.get(key);
      if (!pair) {
        pair = { ids: [left, right], count: 0, words: new Set() };
        this.#pairs.set(key, pair);
      }
      pair.count += sign * word.count;
      if (sign > 0) pair.words.add(word);
      else pair.words.delete(word);
      if (pair.count === 0) this.#pairs.delete(key);
    }
  }

  /** The most frequent allowed pair; among equals the one with the smallest ids, whatever the order of the texts. */
  best(allowed: (left: number, right: number) => boolean): Pair | undefined {
    let best: Pair | undefined;
    for (const pair of this.#pairs.values()) {
      if (best && (pair.count < best.count || (pair.count === best.count && !before(pair.ids, best.ids))))
        continue;
      if (allowed(...pair.ids)) best = pair;
    }
    return best;
  }
}

function before(a: [number, number], b: [number, number]): boolean {
  return a[0] !== b[0] ? a[0] < b[0] : a[1] < b[1];
}

function mergePair(tokens: number[], left: number, right: number, id: number): number[] {
  const result: number[] = [];
  for (let i = 0; i < tokens.length; i++) {
    if (tokens[i] === left && tokens[i + 1] === right) {
      result.push(id);
      i++;
    } else result.push(tokens[i]!);
  }
  return result;
}

function tokenizerJson(vocab: string[], merges: string[], specials: number): TokenizerJson {
  const byteLevel = {
    type: "ByteLevel",
    add_prefix_space: false,
    trim_offsets: true,
    use_regex: true,
  } as const;
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: vocab.slice(0, specials).map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(vocab.map((token, id) => [token, id])),
      merges,
    },
  };
}
