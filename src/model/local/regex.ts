// Regular expressions that are read one character at a time, to know while a text is being written whether it can still
// become a match (JavaScript's own can only judge a text as a whole). An expression becomes a nondeterministic
// automaton (Thompson 1968); what it can be in at once is one state, and states and the steps between them are remembered, so a
// text costs one look-up a character.
import { InputError } from "../../errors/index.ts";

/** Where the reading of a text has got to. */
export interface RegexState {
  /** The text so far is a match as a whole. */
  readonly accepts: boolean;
  /** Reads one character (code point); undefined when no match can begin so. */
  step(character: string): RegexState | undefined;
}

/** Larger expressions are refused: each step may cost this many checks. */
const maxNodes = 20_000;

type Test = (code: number) => boolean;

/** A node waits for a character, or leads on to others at once. */
interface Node {
  test?: Test;
  next: number[];
}

/** A piece with one way in and one out. */
interface Piece {
  start: number;
  end: number;
}

/**
 * Compiles an expression that has to match the whole text: literals, escapes (`\d \w \s \n \t`), classes, `.`, groups, `|`,
 * `* + ? {m,n}`. Anchors, look-around, back references and lazy quantifiers are an InputError.
 */
export function compileRegex(pattern: string, where = "regex"): RegexState {
  const nodes: Node[] = [];
  const { start, end } = parse(pattern, nodes, where);
  const states = new Map<string, RegexState>();

  const stateOf = (seeds: Iterable<number>): RegexState | undefined => {
    const reached = new Set<number>();
    const open = [...seeds];
    while (open.length > 0) {
      const at = open.pop()!;
      if (reached.has(at)) continue;
      reached.add(at);
      if (!nodes[at]!.test) open.push(...nodes[at]!.next);
    }
    const waiting = [...reached].filter((at) => nodes[at]!.test || at === end).sort((a, b) => a - b);
    if (waiting.length === 0) return undefined;
    const key = waiting.join(",");
    const state = states.get(key) ?? createState(waiting);
    states.set(key, state);
    return state;
  };
  const createState = (waiting: readonly number[]): RegexState => {
    const steps = new Map<number, RegexState | undefined>();
    return {
      accepts: waiting.includes(end),
      step(character) {
        const code = character.codePointAt(0)!;
        if (!steps.has(code)) {
          const passed = waiting.filter((at) => nodes[at]!.test?.(code));
          steps.set(code, stateOf(passed.flatMap((at) => nodes[at]!.next)));
        }
        return steps.get(code);
      },
    };
  };
  return stateOf([start])!;
}

/** The characters of a text as an expression that matches just them. */
export function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

function parse(pattern: string, nodes: Node[], where: string): Piece {
  const characters = [...pattern];
  let at = 0;
  const fail = (rule: string, hint?: string): never => {
    throw new InputError({
      where: `${where}, character ${at + 1}`,
      rule,
      got: JSON.stringify(pattern.slice(0, 200)),
      ...(hint === undefined ? {} : { hint }),
    });
  };
  const node = (test?: Test): number => {
    if (nodes.length >= maxNodes)
      fail(`must be smaller than ${maxNodes} steps`, "Allow less; with equip, name fewer tools.");
    nodes.push({ next: [], ...(test && { test }) });
    return nodes.length - 1;
  };
  const link = (from: number, to: number) => nodes[from]!.next.push(to);
  const empty = (): Piece => {
    const one = node();
    return { start: one, end: one };
  };
  const join = (a: Piece, b: Piece): Piece => {
    link(a.end, b.start);
    return { start: a.start, end: b.end };
  };

  const alternatives = (): Piece => {
    const pieces = [sequence()];
    while (characters[at] === "|") {
      at++;
      pieces.push(sequence());
    }
    if (pieces.length === 1) return pieces[0]!;
    const whole = { start: node(), end: node() };
    for (const piece of pieces) {
      link(whole.start, piece.start);
      link(piece.end, whole.end);
    }
    return whole;
  };
  const sequence = (): Piece => {
    let piece = empty();
    while (at < characters.length && characters[at] !== "|" && characters[at] !== ")")
      piece = join(piece, repeated());
    return piece;
  };
  const repeated = (): Piece => {
    const first = at;
    let piece = atom();
    const [least, most] = quantifier();
    if (least === 1 && most === 1) return piece;
    const after = at;
    // Each repetition is a copy: the same text is read again.
    const copy = () => {
      at = first;
      const again = atom();
      at = after;
      return again;
    };
    const optional = (inner: Piece): Piece => {
      const whole = { start: node(), end: node() };
      link(whole.start, inner.start);
      link(whole.start, whole.end);
      link(inner.end, whole.end);
      return whole;
    };
    const loop = (inner: Piece): Piece => {
      const whole = optional(inner);
      link(inner.end, inner.start);
      return whole;
    };
    const copies = [piece];
    const needed = most === Number.POSITIVE_INFINITY ? least + 1 : most;
    while (copies.length < Math.max(1, needed)) copies.push(copy());
    if (needed === 0) return empty();
    piece = empty();
    for (const [i, one] of copies.entries()) {
      if (i < least) piece = join(piece, one);
      else piece = join(piece, most === Number.POSITIVE_INFINITY ? loop(one) : optional(one));
    }
    return piece;
  };
  const quantifier = (): [number, number] => {
    const sign = characters[at];
    const simple =
      sign === "*"
        ? [0, Number.POSITIVE_INFINITY]
        : sign === "+"
          ? [1, Number.POSITIVE_INFINITY]
          : sign === "?"
            ? [0, 1]
            : undefined;
    let range = simple as [number, number] | undefined;
    if (simple) at++;
    else if (sign === "{") {
      const [text, least, comma, most] =
        /^\{(\d+)(,?)(\d*)\}/.exec(characters.slice(at).join("")) ??
        fail("{ must open a repetition such as {2,5}; write \\{ for the character");
      at += text.length;
      range = [Number(least), most !== "" ? Number(most) : comma ? Number.POSITIVE_INFINITY : Number(least)];
      if (range[0] > range[1]) fail("a repetition must not end below its start");
    }
    if (!range) return [1, 1];
    if (characters[at] === "?" || characters[at] === "+" || characters[at] === "*")
      fail("lazy, possessive and double quantifiers are not supported");
    return range;
  };
  const atom = (): Piece => {
    const character = characters[at]!;
    if (character === "(") return group();
    if ("*+?{".includes(character)) fail("there must be something to repeat");
    if (character === "^" || character === "$")
      fail("anchors are not supported: the whole text has to match");
    at++;
    const test: Test =
      character === "."
        ? (code) => code !== 10
        : character === "["
          ? characterClass()
          : character === "\\"
            ? escaped()
            : equals(character);
    const piece = { start: node(test), end: node() };
    link(piece.start, piece.end);
    return piece;
  };
  const group = (): Piece => {
    at++;
    if (characters[at] === "?") {
      if (characters[at + 1] !== ":") fail("look-around and named groups are not supported");
      at += 2;
    }
    const piece = alternatives();
    if (characters[at] !== ")") fail("a group must be closed");
    at++;
    return piece;
  };
  const escaped = (): Test => {
    const character = characters[at++] ?? fail("a backslash must escape something");
    const known = escapes[character];
    if (known) return known;
    if (/[A-Za-z0-9]/.test(character)) fail(`\\${character} is not supported`);
    return equals(character);
  };
  const characterClass = (): Test => {
    const negated = characters[at] === "^";
    if (negated) at++;
    const tests: Test[] = [];
    while (characters[at] !== "]") {
      if (at >= characters.length) fail("a class must be closed");
      const character = characters[at++]!;
      if (character === "\\" && /[dws]/.test(characters[at] ?? "")) {
        tests.push(escaped());
        continue;
      }
      const low = character === "\\" ? literal() : character.codePointAt(0)!;
      if (characters[at] !== "-" || characters[at + 1] === "]") {
        tests.push((code) => code === low);
        continue;
      }
      at++;
      const end = characters[at++] ?? fail("a class must be closed");
      const high = end === "\\" ? literal() : end.codePointAt(0)!;
      if (high < low) fail("a range must not end below its start");
      tests.push((code) => code >= low && code <= high);
    }
    at++;
    return (code) => tests.some((test) => test(code)) !== negated;
  };
  const literal = (): number => {
    const character = characters[at++] ?? fail("a backslash must escape something");
    return ({ n: 10, t: 9, r: 13 } as Record<string, number>)[character] ?? character.codePointAt(0)!;
  };

  const piece = alternatives();
  if (at < characters.length) fail("a ) must close a group");
  return piece;
}

const escapes: { [character: string]: Test | undefined } = {
  d: (code) => code >= 48 && code <= 57,
  w: (code) =>
    (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95,
  s: (code) => /\s/.test(String.fromCodePoint(code)),
  n: (code) => code === 10,
  t: (code) => code === 9,
  r: (code) => code === 13,
};

function equals(character: string): Test {
  const wanted = character.codePointAt(0)!;
  return (code) => code === wanted;
}
