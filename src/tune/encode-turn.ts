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
  /** Text of tokens, special ones included. */
  decode(ids: readonly number[]): string;
  /** With a rationale, the prompt opens it and the response is the rationale, its closing token and the answer. */
  turn(question: string, answer: string, rationale?: string): Turn;
  /** A question with tools on offer, and the call, the program or the answer that is to be written. */
  toolTurns(question: string, trace: TaughtTrace): Turn[];
}

/** How a question is answered with tools. */
export interface TaughtTrace {
  /** The tools on offer, see offerText. */
  offer: string;
  /** A call, and what it returned. */
  call?: { text: string; result: string };
  /** What is written in the end: an answer or a program. */
  end: string;
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
  const { assistant, tool, toolCall, endToolCall, eos } = TOKEN_ID;
  return {
    text,
    decode: (ids) => {
      if (ids.length === 0) return "";
      return tokenizer.decode([...ids], { clean_up_tokenization_spaces: false }).trim();
    },
    toolTurns(question, { offer, call, end }) {
      const asked = [...text(question), tool, ...text(offer), assistant];
      if (!call) return [{ question: asked, response: [...text(end), eos] }];
      const calling = [toolCall, ...text(call.text), endToolCall, eos];
      const told = [...asked, ...calling, tool, ...text(call.result), assistant];
      return [
        { question: asked, response: calling },
        { question: told, response: [...text(end), eos] },
      ];
    },
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
