// What the sandbox's parent and its child say to each other. Values travel as JSON text inside of the messages, so that
// neither side ever holds an object that the other has made.

export interface ScriptLimits {
  /** Seconds of wall-clock time, tools included. @default 60 */
  seconds: number;
  /** Steps of the engine, in millions; about 140 of them take a second. @default 200 */
  megaSteps: number;
  /** MiB of memory that the program can have. @default 32 */
  memoryMiB: number;
  /** Calls of tools. @default 50 */
  calls: number;
}

export type ToChild =
  | { type: "start"; code: string; tools: string[]; images: string[]; limits: ScriptLimits }
  | { type: "returned"; id: number; json?: string; error?: string };

export type FromChild =
  | { type: "ready" }
  | { type: "call"; id: number; tool: string; json: string }
  | { type: "ended"; json?: string; error?: string; log: string[] };

/** Characters of JSON in one message. */
export const maxJson = 200_000;
