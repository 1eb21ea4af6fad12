// Teaching the use of tools by example: traces of other requests stand before the question, in the very form in which this
// model calls tools: native calls and results, or lines of text. They are text only; their pictures are not shown.
import type { JSONObject, LanguageModelV4Message, LanguageModelV4Prompt } from "@ai-sdk/provider";
import type { TechniqueContext } from "../model/index.ts";
import type { Sample } from "../spec/index.ts";
import { say, withInstructions } from "./messages.ts";
import type { Session } from "./planner.ts";
import { readToolTrace, type ToolTrace } from "./tool-trace.ts";
import { markData } from "./untrusted.ts";

/** Chooses Samples for a question and puts as many before it as the model has room for. */
export type Place = <T>(
  context: Pick<TechniqueContext, "options" | "query" | "capabilities" | "signal" | "emit">,
  task: {
    /** What a Sample shows; undefined when it is of no use here. */
    read(sample: Sample): T | undefined;
    /** The prompt with these before the question. */
    lay(items: readonly T[]): LanguageModelV4Prompt;
  },
) => Promise<LanguageModelV4Prompt>;

/** Traces to show; `placeNearest` of in-context learning makes the `Place` of a pool. */
export interface TraceDemonstrations {
  /** What the technique's settings say of them. */
  settings: JSONObject;
  /** Called before the time of an answer begins to count. */
  open(): Promise<Place>;
}

/** Stands for a result that a trace does not have. */
const leftOut = "(left out of this example)";

/** A question and what the model must be told to use tools; a model that was taught it needs no telling. */
export interface Frame {
  question: LanguageModelV4Prompt;
  instructions?: string;
}

/** The prompt of a question. */
export function instructed({ question, instructions }: Frame): LanguageModelV4Prompt {
  return instructions === undefined ? question : withInstructions(question, instructions);
}

/** The prompt of a question with demonstrations before it. */
export async function withTraces(
  frame: Frame,
  {
    place,
    session: { tools, native },
    context,
    resultCharacters,
  }: { place: Place; session: Session; context: TechniqueContext; resultCharacters: number },
): Promise<LanguageModelV4Prompt> {
  const { question, instructions } = frame;
  const start = question.findIndex(({ role }) => role !== "system");
  // A model that was taught to use tools was taught to read their results, and to answer, as bare text.
  const isTaught = instructions === undefined;
  const show = (text: string) =>
    isTaught ? text.slice(0, resultCharacters) : markData(text, resultCharacters);
  const conclude = (answer: string) => reply(isTaught ? answer : `Answer: ${answer}`);
  return place<ToolTrace>(context, {
    read: (sample) => readToolTrace(sample, tools),
    lay(traces) {
      if (traces.length === 0) return instructed(frame);
      const shown = traces.flatMap((trace, i) =>
        native ? nativeMessages(trace, i, { show, conclude }) : textMessages(trace, { show, conclude }),
      );
      const what = traces.length === 1 ? "an example" : `${traces.length} examples`;
      const note = `The conversation begins with ${what} of how requests about other pictures, which are not shown, were dealt with. Then comes the question.`;
      return instructed({
        question: [...question.slice(0, start), ...shown, ...question.slice(start)],
        ...(isTaught ? {} : { instructions: `${instructions}\n${note}` }),
      });
    },
  });
}

interface Style {
  show(text: string): string;
  conclude(answer: string): LanguageModelV4Message;
}

/** A trace as native calls of tools and their results. */
function nativeMessages(
  { request, calls, answer }: ToolTrace,
  index: number,
  { show, conclude }: Style,
): LanguageModelV4Message[] {
  const messages: LanguageModelV4Message[] = [requestMessage(request)];
  for (const [i, { thought, tool, input, observation }] of calls.entries()) {
    const call = { toolCallId: `example_${index + 1}_${i + 1}`, toolName: tool };
    const said = thought === "" ? [] : [{ type: "text" as const, text: thought }];
    const value = observation === undefined ? leftOut : show(observation);
    messages.push(
      { role: "assistant", content: [...said, { type: "tool-call", ...call, input }] },
      { role: "tool", content: [{ type: "tool-result", ...call, output: { type: "text", value } }] },
    );
  }
  return answer === undefined ? messages : [...messages, conclude(answer)];
}

/** A trace as the lines that a model without native calls writes, and what it is told. */
function textMessages(
  { request, calls, answer }: ToolTrace,
  { show, conclude }: Style,
): LanguageModelV4Message[] {
  const messages: LanguageModelV4Message[] = [requestMessage(request)];
  for (const [i, { thought, tool, input, observation }] of calls.entries()) {
    const before = thought === "" ? "" : `Thought: ${thought}\n`;
    messages.push(reply(`${before}Action: ${tool}\nAction Input: ${JSON.stringify(input)}`));
    const isEnd = i === calls.length - 1 && answer === undefined;
    if (observation !== undefined) messages.push(say(`Observation: ${tool}: ${show(observation)}`));
    else if (!isEnd) messages.push(say(`Observation: ${tool}: ${leftOut}`));
  }
  return answer === undefined ? messages : [...messages, conclude(answer)];
}

function requestMessage(request: string): LanguageModelV4Message {
  return say(`image_1: (not shown)\n${request}`);
}

function reply(text: string): LanguageModelV4Message {
  return { role: "assistant", content: [{ type: "text", text }] };
}
