// The model writes a program in JavaScript that calls the tools as functions and returns the answer (ViperGPT, Surís et al.,
// arXiv 2303.08128, does so in Python, and runs it with all rights). Here it runs in the sandbox: see sandbox/child.ts.
import type { JSONValue } from "@ai-sdk/provider";
import { describeTools } from "../describe-tools.ts";
import type { Observation } from "../observation.ts";
import type { Move, Planner, Session } from "../planner.ts";
import { answerText, fenced } from "../read-reply.ts";
import { runScript } from "../sandbox/run-script.ts";

/** Makes the planner that writes a JavaScript program. */
export function script(): Planner {
  return {
    name: "script",
    offersTools: false,
    instructions: ({ tools, images }) =>
      [
        "Write a short JavaScript program that finds the answer, between ``` lines, and nothing else.",
        "It is the body of an async function. It must end with `return` and the answer.",
        "These functions look at the pictures. Each takes one object and must be awaited:",
        describeTools(tools),
        `The pictures are named by these texts: ${images.handles().join(", ") || "none"}; they are also in the list \`images\`.`,
        "Example:",
        "```js",
        `const found = await ${tools[0]?.name ?? "tool"}({ image: images[0] });`,
        "return found;",
        "```",
        "There is no network, no file, no clock and no module. `console.log` writes what you are shown when it fails.",
      ].join("\n"),
    start: (session) => (reply) => runReply(reply.text, session),
  };
}

async function runReply(text: string, session: Session): Promise<Move> {
  const code = fenced(text) ?? (/\breturn\b/.test(text) ? text : undefined);
  if (code === undefined)
    return {
      type: "mistake",
      problem: "unreadable",
      ask: "Write a JavaScript program between ``` lines that returns the answer.",
    };
  const observations: Observation[] = [];
  const outcome = await runScript(code, {
    tools: session.tools.map(({ name }) => name),
    images: session.images.handles(),
    signal: session.signal,
    limits: { seconds: session.programSeconds },
    async call(tool, input): Promise<JSONValue> {
      const observation = await session.use(tool, input);
      observations.push(observation);
      if (observation.problem) throw new Error(observation.text);
      return observation.value ?? null;
    },
  });
  const log = outcome.log.length > 0 ? `\nIts log:\n${outcome.log.join("\n")}` : "";
  if ("error" in outcome) {
    const seen = observations.map(({ tool, text }) => `${tool}: ${text}`).join("\n");
    return {
      type: "mistake",
      problem: "bad-script",
      ask: `The program failed. ${outcome.error}${log}${seen ? `\nWhat its calls returned:\n${seen}` : ""}\nWrite a better one.`,
    };
  }
  const answer = answerText(outcome.value);
  if (answer !== "") return { type: "answer", answer, thought: code };
  return {
    type: "mistake",
    problem: "bad-script",
    ask: `The program returned nothing.${log}\nWrite a better one.`,
  };
}
