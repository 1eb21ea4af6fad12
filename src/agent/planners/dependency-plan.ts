// A plan is a list of steps, each with an id, a tool, and an input in which `{ "from": id, "path": "…" }` stands for what an
// earlier step gave. It is checked whole before anything runs: shape, ids, tools, the literal arguments against each tool's
// schema, and cycles (Kahn's algorithm). Then every step starts as soon as the steps that it waits for are done.
import type { JSONObject, JSONValue } from "@ai-sdk/provider";
import { z } from "zod";
import type { Tool } from "../../spec/index.ts";
import { nearest } from "../../util/text.ts";
import { checkInput } from "../check-input.ts";
import type { Images } from "../images.ts";
import { type Observation, outputOf, valueAt } from "../observation.ts";

const stepSchema = z.object({
  id: z.union([z.string().min(1), z.number()]).transform(String),
  tool: z.string(),
  input: z.record(z.string(), z.json()).default({}),
  after: z.array(z.union([z.string(), z.number()]).transform(String)).default([]),
});
const planSchema = z.union([
  z.array(stepSchema),
  z.object({ steps: z.array(stepSchema) }).transform(({ steps }) => steps),
]);

export interface PlanStep {
  id: string;
  tool: string;
  input: JSONObject;
  /** Ids of the steps that must be done before. */
  needs: string[];
}

/** Checks a plan; what is wrong with it is said in words, for the model to read. */
export function checkPlan(
  json: JSONValue | undefined,
  { tools, images }: { tools: readonly Tool[]; images: Images },
): PlanStep[] | { error: string } {
  const parsed = planSchema.safeParse(json);
  if (!parsed.success)
    return { error: 'The plan must be {"steps": [{"id": …, "tool": …, "input": {…}}]} as JSON.' };
  if (parsed.data.length === 0) return { error: "The plan has no steps." };
  const steps = parsed.data.map(({ id, tool, input, after }) => ({
    id,
    tool,
    input: input as JSONObject,
    needs: [...new Set([...after, ...references(input as JSONObject)])],
  }));
  const ids = new Set(steps.map(({ id }) => id));
  if (ids.size < steps.length) return { error: "Two steps have the same id." };
  for (const step of steps) {
    const tool = tools.find(({ name }) => name === step.tool);
    if (!tool) {
      const names = tools.map(({ name }) => name);
      const slip = nearest(step.tool, names);
      return {
        error: `Step ${step.id}: there is no tool ${JSON.stringify(step.tool)}.${slip ? ` Did you mean ${slip}?` : ""} Tools: ${names.join(", ")}.`,
      };
    }
    const stranger = step.needs.find((id) => !ids.has(id));
    if (stranger !== undefined)
      return { error: `Step ${step.id}: there is no step ${JSON.stringify(stranger)}.` };
    const misfit = checkLiterals(tool, step.input);
    if (misfit) return { error: `Step ${step.id}: ${misfit}` };
    const lost = Object.values(step.input).find(
      (value) => typeof value === "string" && /^image_\d/.test(value) && !images.get(value),
    );
    if (lost !== undefined)
      return {
        error: `Step ${step.id}: there is no picture ${JSON.stringify(lost)}. Pictures: ${images.handles().join(", ") || "none"}. A picture that a step makes is {"from": its id}.`,
      };
  }
  const circle = findCycle(steps);
  return circle ? { error: `The steps ${circle.join(", ")} wait for each other.` } : steps;
}

/** Runs a checked plan; steps that do not wait for each other run at once. Observations are in the plan's order. */
export async function runPlan(
  steps: readonly PlanStep[],
  use: (tool: string, input: JSONValue) => Promise<Observation>,
): Promise<Observation[]> {
  const running = new Map<string, Promise<Observation>>();
  const byId = new Map(steps.map((step) => [step.id, step]));
  const run = (id: string): Promise<Observation> => {
    let promise = running.get(id);
    if (!promise) {
      promise = work(byId.get(id)!);
      running.set(id, promise);
    }
    return promise;
  };
  const work = async ({ tool, input, needs }: PlanStep): Promise<Observation> => {
    const before = new Map(await Promise.all(needs.map(async (id) => [id, await run(id)] as const)));
    const skipped = (text: string): Observation => ({
      tool,
      input,
      text,
      pictures: [],
      shown: [],
      problem: "skipped-step",
    });
    const broken = [...before].find(([, { problem }]) => problem);
    if (broken) return skipped(`Not run, because step ${broken[0]} went wrong.`);
    const values = fill(input, before);
    if ("error" in values) return skipped(`Not run: ${values.error}`);
    return use(tool, values.value);
  };
  return Promise.all(steps.map(({ id }) => run(id)));
}

interface Reference {
  from: string;
  path: string;
}

function referenceOf(value: JSONValue | undefined): Reference | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const { from, path = "" } = value as JSONObject;
  const known = (typeof from === "string" || typeof from === "number") && typeof path === "string";
  return known && Object.keys(value).every((key) => key === "from" || key === "path")
    ? { from: String(from), path }
    : undefined;
}

function references(value: JSONValue | undefined): string[] {
  const reference = referenceOf(value);
  if (reference) return [reference.from];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap((item) => references(item as JSONValue));
}

/** Checks the arguments that are known before the run; one that holds a reference is checked when its step runs. */
function checkLiterals(tool: Tool, input: JSONObject): string | undefined {
  const open = new Set(Object.keys(input).filter((key) => references(input[key]).length > 0));
  if (open.size === 0) return checkInput(tool, input);
  const literals = Object.fromEntries(Object.entries(input).filter(([key]) => !open.has(key)));
  const { required, properties } = tool.inputSchema;
  const known = (properties ?? {}) as JSONObject;
  const stray = [...open].find((key) => !Object.hasOwn(known, key));
  if (stray !== undefined)
    return `${tool.name} has no argument ${JSON.stringify(stray)}. It takes ${Object.keys(known).join(", ")}.`;
  const left = Array.isArray(required) ? required.filter((key) => !open.has(String(key))) : [];
  return checkInput({ name: tool.name, inputSchema: { ...tool.inputSchema, required: left } }, literals);
}

/** Takes away steps that wait for nothing that is left, until none can be; what stays is on or behind a cycle. */
function findCycle(steps: readonly PlanStep[]): string[] | undefined {
  let left = [...steps];
  for (;;) {
    const ids = new Set(left.map(({ id }) => id));
    const blocked = left.filter(({ needs }) => needs.some((id) => ids.has(id)));
    if (blocked.length === 0) return undefined;
    if (blocked.length === left.length) return left.map(({ id }) => id);
    left = blocked;
  }
}

function fill(
  value: JSONValue | undefined,
  before: ReadonlyMap<string, Observation>,
): { value: JSONValue } | { error: string } {
  const reference = referenceOf(value);
  if (reference) {
    const source = before.get(reference.from)!;
    const found = reference.path === "" ? outputOf(source) : valueAt(source.value ?? null, reference.path);
    return found === undefined
      ? { error: `step ${reference.from} gave nothing at ${JSON.stringify(reference.path)}.` }
      : { value: found };
  }
  if (typeof value !== "object" || value === null) return { value: value ?? null };
  const entries: [string, JSONValue][] = [];
  for (const [key, item] of Object.entries(value)) {
    const filled = fill(item as JSONValue, before);
    if ("error" in filled) return filled;
    entries.push([key, filled.value]);
  }
  return { value: Array.isArray(value) ? entries.map(([, item]) => item) : Object.fromEntries(entries) };
}
