// Constrained decoding: of all tokens only those may be written with which the text can still become a match of a regular
// expression, and the text may end only where it is one (Willard and Louf, "Efficient Guided Generation for Large Language
// Models", arXiv 2307.09702). Which tokens those are depends on the state of the expression alone and is worked out once for each.
import { InputError } from "../../errors/index.ts";
import { compileRegex, type RegexState } from "./regex.ts";

/** What may be written next in one text. */
export interface Constraint {
  /** Logits with every forbidden token at minus infinity. */
  mask(logits: Float32Array): Float32Array;
  /** Takes the token that was written. */
  push(id: number): void;
}

/** The texts of all tokens by id; undefined for special tokens and for parts of characters, which are never written. */
export type TokenTexts = readonly (string | undefined)[];

/** Makes the constraints of one tokenizer. */
export function createConstrainer(texts: TokenTexts) {
  const allowed = new WeakMap<RegexState, Uint8Array>();
  const read = (state: RegexState, text: string): RegexState | undefined => {
    let at: RegexState | undefined = state;
    for (const character of text) at = at?.step(character);
    return at;
  };
  const allowedIn = (state: RegexState): Uint8Array => {
    let tokens = allowed.get(state);
    if (!tokens) {
      tokens = Uint8Array.from(texts, (text) =>
        Number(text !== undefined && text !== "" && read(state, text) !== undefined),
      );
      allowed.set(state, tokens);
    }
    return tokens;
  };
  /** @param pattern what the text has to match from its first character to its last; one space may stand before it */
  return (pattern: string, endTokens: Iterable<number>): Constraint => {
    compileRegex(pattern);
    let state = compileRegex(` ?(?:${pattern})`);
    return {
      mask(logits) {
        const tokens = allowedIn(state);
        if (!state.accepts && !tokens.includes(1))
          throw new InputError({
            where: "regex",
            rule: "must ask for characters that this model's tokens can write",
            got: JSON.stringify(pattern.slice(0, 200)),
          });
        const masked = logits.map((logit, id) => (tokens[id] ? logit : Number.NEGATIVE_INFINITY));
        if (state.accepts) for (const id of endTokens) masked[id] = logits[id]!;
        return masked;
      },
      push(id) {
        const next = texts[id] === undefined ? undefined : read(state, texts[id]);
        if (next) state = next;
      },
    };
  };
}
