// One loop serves every planner: ask the model, let the planner read the reply and do what it says, show the model what
// came of it, and so on until there is an answer. Planners differ in what they ask for (one call at a time, a plan, a
// program) and in how they read it; they know nothing of budgets, messages or traces.
import type { JSONObject, JSONValue } from "@ai-sdk/provider";
import type { Query, Tool } from "../spec/index.ts";
import type { Images } from "./images.ts";
import type { Observation, Problem } from "./observation.ts";

/** A call of a tool that the model wrote; `input` is missing when it is no JSON. */
export interface AskedCall {
  toolCallId: string;
  tool: string;
  input?: JSONValue;
}

/** What the model replied. */
export interface Reply {
  /** Its words, without what it thought apart. */
  text: string;
  /** Native calls of tools. */
  calls: AskedCall[];
}

/** What a planner has at hand. */
export interface Session {
  query: Query;
  tools: readonly Tool[];
  images: Images;
  /** The model calls tools as its provider defines it; else everything is text. */
  native: boolean;
  /** Uses a tool; what goes wrong is in the observation. */
  use(tool: string, input: JSONValue): Promise<Observation>;
  /** Fires when the work is over. */
  signal: AbortSignal;
  /** Longest time in seconds that a program may run, its tools included. */
  programSeconds: number;
}

/** What came of a reply. */
export type Move =
  | { type: "answer"; answer: string; thought?: string }
  | {
      type: "observed";
      observations: Observation[];
      /** What the model is asked to do next. */
      ask: string;
      thought?: string;
      /** What of the reply counts, when not all of it does. */
      kept?: string;
    }
  /** A reply that nothing could be made of; the model is told and may correct it. */
  | { type: "mistake"; problem: Problem; ask: string };

/** How a model is made to use tools. */
export interface Planner {
  name: string;
  /** True when the tools are offered to a model that takes tools, as such. */
  offersTools: boolean;
  /** Texts at which the model must stop. */
  stopSequences?: string[];
  /** What the model is told before anything else. */
  instructions(session: Session): string;
  /** What a model that was taught these tools is asked with in place of instructions (`sightline` options). @default it is not */
  taught?(tools: readonly Tool[]): JSONObject;
  /** Makes what reads the replies of one conversation, one after the other. */
  start(session: Session): (reply: Reply) => Promise<Move>;
}
