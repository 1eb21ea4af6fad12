// Segments to token ids and the supervision mask beside them. This is the only place where a mask is made: batches,
// losses and checks read it, and nobody computes label offsets a second time.
import { InputError } from "../../errors/index.ts";
import type { ImagePart } from "../../spec/index.ts";
import type { Segment } from "./segments.ts";

/** What rendering needs of a tokenizer. */
export interface TemplateTokenizer {
  /** Tokens of a plain text. Special tokens spelled in it are ordinary text. */
  encode(text: string): number[];
  /** Starts every sequence, where the model has such a token. */
  bosId?: number;
  /** Ends every response. */
  eosId: number;
  /** Stands where the model puts a visual token. */
  imageId: number;
}

export interface RenderOptions {
  tokenizer: TemplateTokenizer;
  /** Visual tokens of a picture, or how many a picture takes. */
  imageTokens: number | ((image: ImagePart) => number);
}

/** Token ids with their supervision mask. */
export interface Rendered {
  ids: number[];
  /** 1 where the loss is taken, 0 elsewhere; as long as `ids`. */
  mask: Uint8Array;
  /** The supervised stretches, one for each learned response, as [start, end). */
  spans: [start: number, end: number][];
}

/** Renders segments to ids and mask. */
export function render(segments: readonly Segment[], { tokenizer, imageTokens }: RenderOptions): Rendered {
  const ids: number[] = [];
  const spans: [number, number][] = [];
  let open: number | undefined;
  const close = () => {
    if (open !== undefined) spans.push([open, ids.length]);
    open = undefined;
  };
  for (const segment of segments) {
    if (segment.type === "print") continue;
    const isSupervised = "supervised" in segment && segment.supervised === true;
    if (!isSupervised) close();
    else open ??= ids.length;
    if (segment.type === "text") for (const id of encode(segment.text, tokenizer)) ids.push(id);
    else if (segment.type === "token") ids.push(segment.id);
    else if (segment.type === "eos") ids.push(tokenizer.eosId);
    else if (segment.type === "bos") {
      if (tokenizer.bosId !== undefined) ids.push(tokenizer.bosId);
    } else {
      const count = typeof imageTokens === "number" ? imageTokens : imageTokens(segment.image);
      for (let i = 0; i < count; i++) ids.push(tokenizer.imageId);
    }
    // Two responses that touch are two spans.
    if (segment.type === "eos") close();
  }
  close();
  const mask = new Uint8Array(ids.length);
  for (const [start, end] of spans) mask.fill(1, start, end);
  return { ids, mask, spans };
}

/** A tokenizer that reads special tokens out of a text would let a dataset forge turns and pictures. */
function encode(text: string, { encode: toIds, bosId, eosId, imageId }: TemplateTokenizer): number[] {
  const ids = toIds(text);
  const forged = ids.find((id) => id === bosId || id === eosId || id === imageId);
  if (forged === undefined) return ids;
  throw new InputError({
    where: "tokenizer",
    rule: "must spell out special tokens that stand in a text",
    got: `token ${forged} from ${JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)}`,
  });
}
