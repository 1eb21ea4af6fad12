// A trace as the steps of a story: what the model was asked and said, what tools were given and returned, what went wrong. The
// terminal, the page and the comparison of two traces all read this list.
import type { JSONValue } from "@ai-sdk/provider";
import type { Box } from "../../spec/index.ts";
import { plainText } from "../../util/text.ts";
import type { TraceFile } from "./trace-file.ts";

export interface TraceStep {
  /** How deep the step lies inside others, from 0. */
  depth: number;
  /** Such as "detect returned" or "model said". */
  title: string;
  text: string;
  /** Pictures to show with it, by hash, and boxes on them in pixels. */
  pictures: { hash: string; label: string; boxes: { box: Box; label: string }[] }[];
  /** Something went wrong. */
  isProblem: boolean;
}

type Data = { [key: string]: JSONValue | undefined };

/** Events that say nothing that the others do not. */
const silent = new Set(["turn-read"]);

const newStep = (depth: number): TraceStep => ({
  depth,
  title: "",
  text: "",
  pictures: [],
  isProblem: false,
});

/** Longest text of a step. */
const maxText = 4000;

/** The steps of a trace, the answer last. */
export function traceSteps(trace: TraceFile): TraceStep[] {
  const { events, images, answer } = trace;
  const parents = new Map(events.map(({ id, parent }) => [id, parent]));
  const depthOf = (id: string): number => {
    let depth = 0;
    for (let at = parents.get(id); at !== null && at !== undefined && depth < 20; at = parents.get(at))
      depth++;
    return depth;
  };
  const handles = new Map(images.map((hash, i) => [`image_${i + 1}`, hash]));
  const inputs = new Map<string, Data>();
  const steps: TraceStep[] = [];
  for (const event of events) {
    const { id, parent, technique, type, data = {} } = event;
    if (type === "call-end" && typeof data.thought === "string")
      steps.push({ ...newStep(depthOf(id)), title: "thought", text: textOf(data.thought) });
    // A reply without words is a call of a tool, which is a step of its own.
    if (silent.has(type) || (type === "call-end" && data.text === "")) continue;
    const step = newStep(depthOf(id));
    if (type === "call-start")
      Object.assign(step, { title: `asked (${data.label})`, text: textOf(data.said) });
    else if (type === "call-end") Object.assign(step, { title: "said", text: textOf(data.text) });
    else if (type === "tool-called") {
      inputs.set(id, data);
      Object.assign(step, { title: `${data.tool} was called`, text: textOf(data.input) });
    } else if (type === "tool-returned") {
      const { input } = inputs.get(parent ?? "") ?? {};
      const image = isObject(input) && typeof input.image === "string" ? input.image : undefined;
      for (const { handle, hash } of picturesOf(data)) {
        handles.set(handle, hash);
        step.pictures.push({ hash, label: handle, boxes: [] });
      }
      const seen = image === undefined ? undefined : handles.get(image);
      const boxes = boxesIn(data.value);
      if (seen && boxes.length > 0) step.pictures.unshift({ hash: seen, label: image!, boxes });
      Object.assign(step, {
        title: `${data.tool} ${data.problem ? `failed (${data.problem})` : "returned"}`,
        text: textOf(data.problem ? data.text : data.value),
        isProblem: data.problem !== undefined,
      });
    } else {
      const isProblem = /failed|mistake|problem|missing|dropped|skipped/.test(type);
      Object.assign(step, {
        title: `${technique}: ${type.replaceAll("-", " ")}`,
        text: textOf(data as JSONValue),
        isProblem,
      });
    }
    steps.push(step);
  }
  return [...steps, { ...newStep(0), title: "answer", text: answer, isProblem: answer === "" }];
}

/** A step as a line or more of plain text. */
export function stepText({ depth, title, text }: TraceStep): string {
  const indent = "  ".repeat(depth);
  const clean = plainText(text).split("\n").join(`\n${indent}  `);
  return `${indent}${plainText(title)}: ${clean === "" ? "(nothing)" : clean}`;
}

function textOf(value: JSONValue | undefined): string {
  const text = value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);
  return text.length > maxText
    ? `${text.slice(0, maxText)} (${text.length - maxText} characters more)`
    : text;
}

function isObject(value: JSONValue | undefined): value is { [key: string]: JSONValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function picturesOf({ pictures }: Data): { handle: string; hash: string }[] {
  if (!Array.isArray(pictures)) return [];
  return pictures.flatMap((picture) =>
    isObject(picture) && typeof picture.handle === "string" && typeof picture.hash === "string"
      ? [{ handle: picture.handle, hash: picture.hash }]
      : [],
  );
}

/** Every box in a value, with the name that stands beside it. */
function boxesIn(value: JSONValue | undefined, name = ""): { box: Box; label: string }[] {
  if (Array.isArray(value)) {
    const isBox = value.length === 4 && value.every((number) => typeof number === "number");
    return isBox
      ? [{ box: value as unknown as Box, label: name }]
      : value.flatMap((item) => boxesIn(item as JSONValue, name));
  }
  if (!isObject(value)) return [];
  const own =
    typeof value.name === "string" ? value.name : typeof value.text === "string" ? value.text : name;
  return Object.values(value).flatMap((item) => (typeof item === "object" ? boxesIn(item, own) : []));
}
