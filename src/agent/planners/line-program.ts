// The grammar of VisProg's programs (Gupta and Kembhavi, arXiv 2211.11559): one call a line, `VAR=TOOL(arg=value, …)`, and
// `RESULT(var=VAR)` at the end. A value is a text in quotes, a number, true, false, null, a list of values, or a name: a
// variable, a path into one (`BOXES.boxes[0].name`) or the handle of a picture. Nothing is ever evaluated.
import type { JSONValue } from "@ai-sdk/provider";

/** A value as written: a literal, a list, or a name that is looked up when its line runs. */
export type Term = { literal: JSONValue } | { list: Term[] } | { name: string; path: string };

export interface ProgramLine {
  /** From 1. */
  line: number;
  variable: string;
  tool: string;
  input: { [argument: string]: Term };
}

export interface LineProgram {
  lines: ProgramLine[];
  result: Term;
}

/** Parses a program; what is wrong with it is said in words, for the model to read. */
export function parseLineProgram(text: string): LineProgram | { error: string } {
  const lines: ProgramLine[] = [];
  let result: Term | undefined;
  for (const [i, raw] of text.split("\n").entries()) {
    const source = raw.trim();
    if (source === "" || source.startsWith("#") || /^(program|`{3})/i.test(source)) continue;
    const place = `Line ${i + 1}`;
    if (result) return { error: `${place}: nothing may follow RESULT.` };
    const head = /^(?:([A-Za-z]\w*)\s*=\s*)?([A-Za-z][\w-]*)\s*\(/.exec(source);
    if (!head)
      return {
        error: `${place}: ${JSON.stringify(source.slice(0, 80))} is not VARIABLE=TOOL(argument=value).`,
      };
    const [whole, variable, tool] = head as unknown as [string, string | undefined, string];
    const reader = createReader(source, whole.length);
    const input = reader.arguments();
    if (!input) return { error: `${place}: ${reader.problem()}` };
    if (tool.toUpperCase() === "RESULT") {
      result = input.var ?? Object.values(input)[0];
      if (!result) return { error: `${place}: RESULT needs var=VARIABLE.` };
    } else {
      const name = variable ?? `_${i + 1}`;
      if (lines.some((line) => line.variable === name))
        return { error: `${place}: the variable ${name} is set twice.` };
      lines.push({ line: i + 1, variable: name, tool, input });
    }
  }
  if (!result) return { error: "The last line must be RESULT(var=VARIABLE)." };
  return { lines, result };
}

/** Reads the arguments of one call, up to its closing parenthesis. */
function createReader(source: string, start: number) {
  let at = start;
  let problem = "";
  const tokens =
    /\s*(?:([A-Za-z_]\w*)\s*=(?!=)\s*|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w/])|([A-Za-z_][\w/]*(?:-\w+)*)((?:\.\w+|\[\d+\])*)|([,()[\]]))/y;
  const next = () => {
    tokens.lastIndex = at;
    const match = tokens.exec(source);
    if (!match) {
      problem = `cannot be read from ${JSON.stringify(source.slice(at, at + 30))} on.`;
      return undefined;
    }
    at = tokens.lastIndex;
    return match;
  };
  const term = (): Term | undefined => {
    const token = next();
    if (!token) return undefined;
    const [, argument, quoted, number, name, path = "", mark] = token;
    if (quoted !== undefined) return { literal: unquote(quoted) };
    if (number !== undefined) return { literal: Number(number) };
    if (name !== undefined) {
      const words: { [word: string]: JSONValue } = {
        true: true,
        false: false,
        null: null,
        True: true,
        False: false,
        None: null,
      };
      return path === "" && Object.hasOwn(words, name) ? { literal: words[name]! } : { name, path };
    }
    if (mark === "[") return list();
    problem = `${JSON.stringify(argument ?? mark)} is not a value.`;
    return undefined;
  };
  const list = (): Term | undefined => {
    const items: Term[] = [];
    if (/^\s*\]/.test(source.slice(at))) {
      next();
      return { list: items };
    }
    for (;;) {
      const item = term();
      const mark = item && next()?.[6];
      if (!item || (mark !== "," && mark !== "]")) {
        problem ||= "a list must end in ].";
        return undefined;
      }
      items.push(item);
      if (mark === "]") return { list: items };
    }
  };
  return {
    problem: () => problem,
    arguments() {
      const input: { [argument: string]: Term } = {};
      for (let first = true; ; first = false) {
        const token = next();
        if (!token) return undefined;
        if (first && token[6] === ")") return atEnd() ? input : undefined;
        const argument = token[1];
        if (argument === undefined) {
          problem = "every argument must be name=value.";
          return undefined;
        }
        const value = term();
        const mark = value && next()?.[6];
        if (!value || (mark !== "," && mark !== ")")) {
          problem ||= `the value of ${argument} must be followed by a comma or ).`;
          return undefined;
        }
        Object.defineProperty(input, argument, { value, enumerable: true, configurable: true });
        if (mark === ")") return atEnd() ? input : undefined;
      }
    },
  };
  function atEnd(): boolean {
    const rest = source.slice(at).trim();
    if (rest === "" || rest.startsWith("#")) return true;
    problem = `${JSON.stringify(rest.slice(0, 30))} must not follow the call; write one call a line.`;
    return false;
  }
}

function unquote(quoted: string): string {
  return quoted
    .slice(1, -1)
    .replace(/\\(.)/g, (_, character: string) => (character === "n" ? "\n" : character));
}
