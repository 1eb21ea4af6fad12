// The model writes a program of one call a line, which is checked whole and then run line by line (VisProg, see
// line-program.ts). A line that fails ends the run; the model is shown what every line returned and writes another program.
import type { JSONValue } from "@ai-sdk/provider";
import { nearest } from "../../util/text.ts";
import { describeTools } from "../describe-tools.ts";
import { type Observation, outputOf, valueAt } from "../observation.ts";
import type { Move, Planner, Session } from "../planner.ts";
import { answerText, fenced } from "../read-reply.ts";
import { programRegex } from "../taught.ts";
import { type LineProgram, parseLineProgram, type Term } from "./line-program.ts";

/** Makes the planner that writes a program of lines. */
export function program(): Planner {
  return {
    name: "program",
    offersTools: false,
    taught: (tools) => ({ program: tools.map(({ name }) => name), regex: programRegex(tools) }),
    instructions: ({ tools, images }) =>
      [
        "Write a program that finds the answer, one call a line, and nothing else:",
        "VARIABLE=tool(argument=value, other='text')",
        "RESULT(var=VARIABLE)",
        "A value is a text in quotes, a number, true, false, a [list], a variable or a path into one, such as VARIABLE.field[0].",
        "A variable whose line made one picture stands for that picture where a picture is wanted.",
        `Pictures: ${images.handles().join(", ") || "none"}; IMAGE is the first. Tools:`,
        describeTools(tools),
      ].join("\n"),
    start: (session) => async (reply) => {
      const parsed = parseLineProgram(fenced(reply.text) ?? reply.text);
      const error = "error" in parsed ? parsed.error : checkNames(parsed, session);
      if (error !== undefined || "error" in parsed)
        return {
          type: "mistake",
          problem: "bad-program",
          ask: `The program cannot be run. ${error} Write it again.`,
        };
      return runLines(parsed, session);
    },
  };
}

/** Tools and variables that do not exist, found before anything runs. */
function checkNames({ lines, result }: LineProgram, session: Session): string | undefined {
  const known = new Set(["IMAGE", ...session.images.handles()]);
  const names = session.tools.map(({ name }) => name);
  const unknown = (term: Term): string | undefined => {
    if ("list" in term) return term.list.map(unknown).find((name) => name !== undefined);
    return "name" in term && !known.has(term.name) ? term.name : undefined;
  };
  for (const { line, tool, input, variable } of lines) {
    if (!toolNamed(tool, session)) {
      const slip = nearest(tool, names);
      return `Line ${line}: there is no tool ${tool}.${slip ? ` Did you mean ${slip}?` : ""} Tools: ${names.join(", ")}.`;
    }
    const missing = Object.values(input)
      .map(unknown)
      .find((name) => name !== undefined);
    if (missing !== undefined) return `Line ${line}: nothing is called ${missing} there.`;
    known.add(variable);
  }
  const missing = unknown(result);
  return missing === undefined ? undefined : `RESULT: nothing is called ${missing}.`;
}

async function runLines({ lines, result }: LineProgram, session: Session): Promise<Move> {
  const variables = new Map<string, Observation>();
  const observations: Observation[] = [];
  for (const { line, variable, tool, input } of lines) {
    const values: { [argument: string]: JSONValue } = {};
    for (const [argument, term] of Object.entries(input)) {
      const value = resolve(term, variables, session);
      if (value === undefined) return failed(observations, `Line ${line}: ${pathText(term)} leads nowhere.`);
      Object.defineProperty(values, argument, {
        value,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    const observation = await session.use(toolNamed(tool, session)!.name, values);
    observations.push(observation);
    if (observation.problem) return failed(observations, `Line ${line} went wrong, so the rest was not run.`);
    variables.set(variable, observation);
  }
  const answer = answerText(resolve(result, variables, session));
  if (answer === "") return failed(observations, `RESULT: ${pathText(result)} is empty.`);
  const thought = lines.map(
    ({ variable, tool }) => `${variable}=${tool}: ${JSON.stringify(variables.get(variable)?.value)}`,
  );
  return { type: "answer", answer, thought: thought.join("\n") };
}

function failed(observations: readonly Observation[], what: string): Move {
  const seen = observations.map(({ tool, text }) => `${tool}: ${text}`).join("\n");
  return {
    type: "mistake",
    problem: observations.at(-1)?.problem ?? "bad-program",
    ask: `${what}${seen ? `\nWhat the lines returned:\n${seen}` : ""}\nWrite a better program.`,
  };
}

function resolve(
  term: Term,
  variables: ReadonlyMap<string, Observation>,
  session: Session,
): JSONValue | undefined {
  if ("literal" in term) return term.literal;
  if ("list" in term) {
    const items = term.list.map((item) => resolve(item, variables, session));
    return items.every((item) => item !== undefined) ? items : undefined;
  }
  const observation = variables.get(term.name);
  if (observation)
    return term.path === "" ? outputOf(observation) : valueAt(observation.value ?? null, term.path);
  return term.name === "IMAGE" ? session.images.handles()[0] : term.name;
}

function pathText(term: Term): string {
  return "name" in term ? `${term.name}${term.path}` : JSON.stringify(term);
}

/** VisProg writes its modules in capitals; so may a model. */
function toolNamed(name: string, { tools }: Session) {
  return (
    tools.find((tool) => tool.name === name) ??
    tools.find((tool) => tool.name.toLowerCase() === name.toLowerCase())
  );
}
