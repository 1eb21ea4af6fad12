import { Tokenizer } from "@huggingface/tokenizers";
import { TOKEN_ID, tokenizerConfig } from "../data/chat-format.ts";
import type { TokenizerJson } from "./bpe.ts";

/** A question with its answer as tokens: what the prompt holds, and what the model must write (ends with eos). */
export interface Turn {
  question: number[];
  response: number[];
  /** Stands there for later turns to see and is not learned itself. @default false */
  context?: boolean;
}

/** Turns text into tokens in the chat format; answers are the only supervised part. */
export interface TurnEncoder {
  /** Tokens of one piece of text, with its leading space. */
  text(text: string): number[];
  /** With a rationale, the prompt opens it and the response is the rationale, its closing token and the answer. */
  turn(question: string, answer: string, rationale?: string): Turn;
}

/** Creates an encoder; it remembers the texts it has seen, up to a limit. */
export function createTurnEncoder(json: TokenizerJson): TurnEncoder {
  const tokenizer = new Tokenizer(json, tokenizerConfig({ contextTokens: 0 }));
  const seen = new Map<string, number[]>();
  const text = (value: string) => {
    const found = seen.get(value);
    if (found) return found;
    const { ids } = tokenizer.encode(` ${value.trim()}`, { add_special_tokens: false });
    if (seen.size < 50_000) seen.set(value, ids);
    return ids;
  };
  return {
    text,
    turn: (question, answer, rationale) => ({
      question: [...text(question), TOKEN_ID.assistant, ...(rationale ? [TOKEN_ID.think] : [])],
      response: [
        ...(rationale ? [...text(rationale), TOKEN_ID.endThink] : []),
        ...text(answer),
        TOKEN_ID.eos,
      ],
    }),
  };
}
