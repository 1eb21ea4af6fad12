// How a question about a scene is answered with tools, as training teaches it: which call to make, what it returns on the
// truth, and the answer that follows. What the tools' results, read as text, cannot answer (where things lie, which is larger) is
// answered by looking, or in a program by asking a vision model.
import type { JSONObject, JSONValue } from "@ai-sdk/provider";
import { assert } from "../../errors/index.ts";
import type { ChartStep } from "./chart-program.ts";
import { concepts } from "./concepts.ts";
import { type SceneTruth, viewOf } from "./program.ts";
import type { SceneQuestion } from "./questions.ts";

/** Tools that the model is taught, as src/agent names them. */
export const taughtTools = ["detect", "count", "ocr", "ask"] as const;
export type TaughtTool = (typeof taughtTools)[number];

/** A call and what it returns where the tool makes no mistake, without boxes and scores. */
export interface ToolStep {
  name: TaughtTool;
  input: JSONObject;
  result: JSONValue;
}

/** Forms whose answer follows from the names of the things in the picture. */
const byNames = new Set(["naming", "category", "caption", "more", "difference", "total", "all", "kind"]);

/** The one call that answers a question with the tools on offer; undefined where looking does it. */
export function toolStepOf(
  question: SceneQuestion,
  scene: SceneTruth,
  offered: readonly string[],
): ToolStep | undefined {
  const { form, topic } = question;
  const things = viewOf(scene).things.toSorted((a, b) => a.box[0] + a.box[2] - b.box[0] - b.box[2]);
  if (form === "reading")
    return offered.includes("ocr")
      ? { name: "ocr", input: { image: "image_1" }, result: { text: scene.word?.text ?? "" } }
      : undefined;
  if (form === "counting" || form === "existence") {
    const { name } = concepts[topic.one!]!;
    const found = things.filter((thing) => thing.name === name);
    const input = { image: "image_1", name };
    if (offered.includes("count")) return { name: "count", input, result: { name, count: found.length } };
    const objects = found.map((thing) => ({ name: thing.name }));
    return offered.includes("detect") ? { name: "detect", input, result: { objects } } : undefined;
  }
  if (!byNames.has(form) || !offered.includes("detect")) return undefined;
  return {
    name: "detect",
    input: { image: "image_1" },
    result: { objects: things.map(({ name }) => ({ name })) },
  };
}

/**
 * Words in quotes begin with a space, so that they are the tokens of the question they are copied from; tools trim them. The
 * program of lines (src/agent/planners/line-program.ts) that answers a question with the tools on offer.
 */
export function lineProgramOf(
  { form, topic, type, question }: SceneQuestion,
  offered: readonly string[],
): string {
  if (form === "reading" && offered.includes("ocr")) return "T=ocr(image=IMAGE)\nRESULT(var=T.text)";
  // "I see no dog" is no number: a count cannot say it.
  if (form === "counting" && type === "counting" && offered.includes("count"))
    return `N=count(image=IMAGE, name=" ${concepts[topic.one!]!.name}")\nRESULT(var=N.count)`;
  return `A=ask(image=IMAGE, question=" ${question}")\nRESULT(var=A.answer)`;
}

/** What a question about a chart asks of its table: `query_chart` of src/agent knows these operations by the same names. */
const tableOperations: Record<Exclude<ChartStep["op"], "values">, string> = {
  value: "value",
  largest: "largest",
  smallest: "smallest",
  sum: "sum",
  minus: "difference",
  above: "count_above",
};

/**
 * The program of lines that answers a question about a chart: one query of the table that the chart shows. It names what the
 * question names, in the order of the question.
 */
export function chartLinesOf(program: readonly ChartStep[], question: string): string {
  const named = program.filter((step) => step.op === "values");
  const names = new Set(named.flatMap(({ series, label }) => [series, label]));
  const of = [...names]
    .flatMap((name) => (name !== undefined && question.includes(name) ? [name] : []))
    .sort((a, b) => question.indexOf(a) - question.indexOf(b))
    .join(", ");
  const last = program.at(-1)!;
  assert(last.op !== "values", "chartLinesOf", "a program must end with what is asked", last.op);
  const about = [
    "image=IMAGE",
    `operation="${tableOperations[last.op]}"`,
    ...(of === "" ? [] : [`of=" ${of}"`]),
    ...(last.op === "above" ? [`above=${last.value}`] : []),
  ];
  return `A=query_chart(${about.join(", ")})\nRESULT(var=A.answer)`;
}
