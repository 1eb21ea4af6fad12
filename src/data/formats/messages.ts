// A Sample as the messages of its conversation, and back. A Sample says the last exchange in `input`, `instruction`
// and `response` and what came before in `turns`; every format of conversations is read and written through here.
import type { Part, Sample, Turn } from "../../spec/index.ts";

/** What is wrong with a row: the place in it, and the rule it breaks. */
export interface RowProblem {
  /** Such as `conversations[1].from`; empty for the row as a whole. */
  path: string;
  rule: string;
}

/** How a source laid a Sample out where the Sample itself cannot say it; kept as `extra.layout`. */
export interface Layout {
  /** How many parts of the input stand before the instruction. @default all */
  instructionAt?: number;
  /** False when no loss is taken on the response. @default true */
  loss?: boolean;
  /** OpenAI's `detail` of each picture of the conversation, null where it is not given. */
  detail?: (string | null)[];
}

/** The layout that a reader kept. Anything else under that name is not ours. */
export function layoutOf({ extra }: Sample): Layout {
  const layout = extra?.layout;
  return typeof layout === "object" && layout !== null && !Array.isArray(layout) ? (layout as Layout) : {};
}

/** The whole conversation of a Sample, in order. */
export function messagesOf(sample: Sample): Turn[] {
  const { turns = [], instruction, input, response } = sample;
  const { instructionAt, loss } = layoutOf(sample);
  const at = typeof instructionAt === "number" ? instructionAt : input.length;
  const words: Part = { type: "text", text: instruction };
  const question: Turn = { role: "user", content: [...input.slice(0, at), words, ...input.slice(at)] };
  if (response === undefined) return [...turns, question];
  const answer: Turn = { role: "assistant", content: [{ type: "text", text: response }] };
  return [...turns, question, loss === false ? { ...answer, loss } : answer];
}

/** Messages as a Sample without its id. `path` names the list of messages in problems. */
export function sampleOfMessages(
  messages: readonly Turn[],
  path: string,
): { sample: Omit<Sample, "id"> } | { problem: RowProblem } {
  const problem = orderProblem(messages, path);
  if (problem) return { problem };
  const last = messages.at(-1)!;
  const answer = last.role === "assistant" ? last : undefined;
  const asked = messages.length - (answer ? 2 : 1);
  const question = messages[asked]!.content;
  const at = question.findLastIndex((part) => part.type === "text" && part.text.trim() !== "");
  if (at < 0) return { problem: { path: `${path}[${asked}]`, rule: "the last question must have a text" } };
  const input = question.filter((_, i) => i !== at);
  const turns = messages.slice(0, asked);
  const layout: Layout = {
    ...(at < input.length ? { instructionAt: at } : {}),
    ...(answer?.loss === false ? { loss: false } : {}),
  };
  const response = answer?.content.map((part) => (part.type === "text" ? part.text : "")).join("\n");
  return {
    sample: {
      ...(turns.length > 0 ? { turns } : {}),
      instruction: (question[at] as { text: string }).text,
      input,
      ...(response === undefined ? {} : { response }),
      ...(Object.keys(layout).length > 0 ? { extra: { layout } } : {}),
    },
  };
}

/** A system message may stand first; then user and assistant take turns, a user first. */
function orderProblem(messages: readonly Turn[], path: string): RowProblem | undefined {
  const start = messages[0]?.role === "system" ? 1 : 0;
  if (messages.length === start) return { path, rule: "must hold a user's message" };
  for (const [i, { role, content }] of messages.entries()) {
    if (i < start) continue;
    const wanted = (i - start) % 2 === 0 ? "user" : "assistant";
    if (role !== wanted) return { path: `${path}[${i}]`, rule: `must be the ${wanted}'s, got the ${role}'s` };
    const place = `${path}[${i}]`;
    if (content.length === 0) return { path: place, rule: "must not be empty" };
    if (role === "assistant" && content.some((part) => part.type !== "text"))
      return { path: place, rule: "an assistant's message must be text" };
  }
  return undefined;
}

/** The media of a conversation, in order. */
export function mediaOf(messages: readonly Turn[]): Exclude<Part, { type: "text" }>[] {
  return messages.flatMap(({ content }) => content.filter((part) => part.type !== "text"));
}
