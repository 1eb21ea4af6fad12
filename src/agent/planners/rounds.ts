// The loop of thought, action and observation (MM-REACT, Yang et al., arXiv 2303.11381; Visual ChatGPT and GPT4Tools write
// the same lines): the model looks at what it knows, calls a tool or two, sees what they return, and goes on until it can
// answer. A model that takes tools calls them natively; any other writes an action line and its input as JSON.
import { canonicalJson } from "../../util/canonical-json.ts";
import { describeTools } from "../describe-tools.ts";
import type { Observation } from "../observation.ts";
import type { AskedCall, Move, Planner, Session } from "../planner.ts";
import { answerRule, parseJson, splitAnswer } from "../read-reply.ts";

const action = /^[\s*_]*Action[*_]*\s*:[\s*_`]*([\w.-]+)[`*_]*\s*$/im;

/** Makes the planner that decides from round to round. */
export function rounds(): Planner {
  return {
    name: "rounds",
    offersTools: true,
    stopSequences: ["\nObservation:"],
    taught: () => ({}),
    instructions({ tools, native }) {
      const how = native
        ? ["Use the tools to look at the pictures. Call a tool only for what you do not know yet."]
        : [
            "You can use these tools to look at the pictures:",
            describeTools(tools),
            "To use one, write these three lines and stop:",
            "Thought: what you know and what you need",
            "Action: the name of the tool",
            "Action Input: its arguments as one JSON object",
            "Then you are told what the tool returned.",
          ];
      return [...how, answerRule].join("\n");
    },
    start(session) {
      const done = new Set<string>();
      return async ({ text, calls }): Promise<Move> => {
        if (calls.length > 0) return look(calls, session, done, { thought: text });
        const asked = session.native ? undefined : action.exec(text);
        if (asked) {
          const call = readAction(text, asked);
          if (call.input === undefined)
            return {
              type: "mistake",
              problem: "unreadable",
              ask: 'After "Action:" there must be a line that begins with "Action Input:" and holds one JSON object.',
            };
          const thought = text
            .slice(0, asked.index)
            .replace(/^\s*Thought:\s*/i, "")
            .trim();
          const kept = `${thought === "" ? "" : `Thought: ${thought}\n`}Action: ${call.tool}\nAction Input: ${JSON.stringify(call.input)}`;
          return look([call], session, done, { thought, kept });
        }
        const { thought, answer } = splitAnswer(text);
        if (answer !== undefined) return { type: "answer", answer, thought };
        // A reply in plain words is an answer; one that only thinks aloud is not.
        if (text !== "" && !/^\s*(Thought|Action)\b.*:/i.test(text)) return { type: "answer", answer: text };
        return { type: "mistake", problem: "unreadable", ask: `Use a tool or answer. ${answerRule}` };
      };
    },
  };
}

async function look(
  calls: AskedCall[],
  session: Session,
  done: Set<string>,
  said: { thought: string; kept?: string },
): Promise<Move> {
  const observations = await Promise.all(
    calls.map(async ({ tool, input }): Promise<Observation> => {
      const refused = (problem: Observation["problem"], text: string) => ({
        tool,
        input: input ?? null,
        text,
        pictures: [],
        shown: [],
        ...(problem ? { problem } : {}),
      });
      if (input === undefined) return refused("bad-input", `The arguments of ${tool} are not JSON.`);
      const key = `${tool} ${canonicalJson(input)}`;
      if (done.has(key))
        return refused(
          "repeated-call",
          `${tool} was called with this input before, and would return the same.`,
        );
      done.add(key);
      const observation = await session.use(tool, input);
      // What went wrong may go right the next time.
      if (observation.problem) done.delete(key);
      return observation;
    }),
  );
  return { type: "observed", observations, ask: "", ...said };
}

/** Reads an action; the model may have gone on to invent what the tool returns, which is cut off. */
function readAction(text: string, asked: RegExpExecArray): AskedCall {
  const rest = text.slice(asked.index + asked[0].length).split(/\n\s*Observation\s*:/i)[0]!;
  const [, written = ""] = /Action Input[*_]*\s*:[\s*_]*([\s\S]*)/i.exec(rest) ?? [];
  const bare = written.trim().replace(/^```(?:json)?\s*|\s*```$/g, "");
  const input = parseJson(bare) ?? parseJson(bare.slice(0, bare.lastIndexOf("}") + 1));
  return { toolCallId: "text", tool: asked[1]!, ...(input === undefined ? {} : { input }) };
}
