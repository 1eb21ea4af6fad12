import type { JSONValue } from "@ai-sdk/provider";

/** A picture that a tool takes or gives, named by a handle such as `image_1/crop_2` and never by a path. */
export interface ToolImage {
  handle: string;
  bytes: Uint8Array;
  mediaType: string;
}

export interface ToolResult {
  value: JSONValue;
  images?: ToolImage[];
  /** Which implementation answered, such as "centernet" or "tiny-grounding". */
  backend?: string;
}

export interface ToolContext {
  /** Looks a picture up by its handle; undefined when there is none. */
  image(handle: string): ToolImage | undefined;
  signal?: AbortSignal;
}

/** An eye or a hand for a language model. */
export interface Tool {
  name: string;
  /** For the model: what it does, and what it cannot do. */
  description: string;
  /** JSON schema (draft 7) of the input. */
  inputSchema: { [key: string]: JSONValue | undefined };
  /** True when running it changes something outside the conversation. */
  sideEffects: boolean;
  run(input: JSONValue, context: ToolContext): Promise<ToolResult>;
}
