// Spec strings: "vote(n=5) reason() show(k=4)", outermost technique first. They are parsed by the grammar below and
// looked up in a table of factories; nothing in them is ever evaluated.
import { z } from "zod";
import { look, lure, type Pointer, point, refine, sentiments, woodpecker } from "../agent/index.ts";
import { groundingEye } from "../agent/tools/index.ts";
import {
  bestOf,
  chain,
  check,
  decompose,
  describeBy,
  expert,
  infill,
  lookBy,
  probe,
  reason,
  verifyBy,
  vote,
} from "../cot/index.ts";
import { issueText } from "../data/schema/index.ts";
import { InputError } from "../errors/index.ts";
import { blind, captionOnly, contrast, direct } from "../model/index.ts";
import type { Technique } from "../spec/index.ts";
import { nearest } from "../util/text.ts";
import { equipDataset, equipSchema } from "./equip-dataset.ts";
import { majorityName } from "./majority.ts";
import { showDataset, showSchema } from "./show-dataset.ts";
import { createResources, type TechniqueResources } from "./technique-resources.ts";

interface Factory {
  options: z.ZodObject;
  /** True when the technique itself says how to answer; else `direct` does, as the innermost step. */
  phrases: boolean;
  /** True when it makes the model write how it gets to its answer. */
  thinks?: boolean;
  create(options: Record<string, unknown>, resources: TechniqueResources): Technique;
}

const count = z.int().positive().max(100).optional();
const retries = z.int().min(0).max(20).optional();
const temperature = z.number().positive().max(2).optional();

/** Pixels: numbers joined by +; the points of a scribble joined by /. */
const places = z
  .string()
  .regex(/^\d+(\.\d+)?\+\d+(\.\d+)?([+/]\d+(\.\d+)?\+\d+(\.\d+)?)*$/, "must be pixels such as 40+60");

function pointerOf(given: Record<string, string | undefined>): Pointer {
  const [kind, ...others] = Object.keys(given).filter((key) => given[key] !== undefined);
  const groups = kind === undefined ? [] : given[kind]!.split("/").map((text) => text.split("+").map(Number));
  const wanted = kind === "box" ? 4 : 2;
  if (
    others.length > 0 ||
    !groups.every(({ length }) => length === wanted) ||
    (groups.length !== 1 && kind !== "scribble")
  )
    throw new InputError({
      where: "point",
      rule: "needs one of at=X+Y, box=X1+Y1+X2+Y2, scribble=X+Y/X+Y/…",
      got:
        Object.entries(given)
          .flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]))
          .join(", ") || "none",
    });
  return { [kind!]: kind === "scribble" ? groups : groups[0] } as unknown as Pointer;
}

/** The second model that a technique names; it is opened by its first question. */
const opened = (by: unknown, resources: TechniqueResources) => () => resources.openModel(String(by));

const factories: Record<string, Factory> = {
  direct: {
    options: z.strictObject({ plain: z.boolean().optional() }),
    phrases: true,
    create: (options) => direct(options),
  },
  blind: { options: z.strictObject({}), phrases: false, create: () => blind() },
  "caption-only": { options: z.strictObject({}), phrases: false, create: () => captionOnly() },
  contrast: {
    options: z.strictObject({
      alpha: z.number().min(0).optional(),
      beta: z.number().min(0).max(1).optional(),
      noise: z.int().min(0).max(999).optional(),
    }),
    phrases: false,
    create: (options) => contrast(options),
  },
  show: {
    options: showSchema,
    phrases: false,
    create: (options, resources) => showDataset(showSchema.parse(options), resources),
  },
  reason: {
    options: z.strictObject({
      stages: z.literal([1, 2]).optional(),
      format: z.enum(["trigger", "multimodal-cot"]).optional(),
      trigger: z.string().optional(),
      retries,
      unsure: z.number().min(0).max(1).optional(),
    }),
    phrases: true,
    thinks: true,
    create: (options) => reason(options),
  },
  chain: {
    options: z.strictObject({ steps: count, cap: count, retries }),
    phrases: true,
    thinks: true,
    create: (options) => chain(options),
  },
  decompose: {
    options: z.strictObject({
      style: z.enum(["least-to-most", "ddcot"]).optional(),
      by: z.string().optional(),
      most: count,
      retries,
    }),
    phrases: true,
    thinks: true,
    create: ({ by, ...options }, resources) =>
      decompose({ ...options, ...(by === undefined ? {} : { look: lookBy(opened(by, resources)) }) }),
  },
  infill: {
    options: z.strictObject({ candidates: count, most: count, retries }),
    phrases: true,
    thinks: true,
    create: (options) => infill(options),
  },
  expert: {
    options: z.strictObject({ by: z.string().optional(), request: z.string().optional() }),
    phrases: false,
    create: ({ by, request }, resources) => {
      const asking = request === undefined ? {} : { request: String(request) };
      return expert(by === undefined ? asking : { describe: describeBy(opened(by, resources), asking) });
    },
  },
  vote: {
    options: z.strictObject({ n: count, temperature }),
    phrases: false,
    create: ({ n, ...options }) => vote(n as number | undefined, options),
  },
  "best-of": {
    options: z.strictObject({ n: count, temperature, by: z.string().optional() }),
    phrases: false,
    create: ({ n, by, ...options }, resources) =>
      bestOf(n as number | undefined, {
        ...options,
        ...(by === undefined ? {} : { verify: verifyBy(opened(by, resources)) }),
      }),
  },
  check: {
    options: z.strictObject({ retries, reanswer: z.boolean().optional() }),
    phrases: false,
    create: (options) => check(options),
  },
  probe: { options: z.strictObject({}), phrases: false, create: () => probe() },
  look: {
    options: z.strictObject({
      parts: z.int().min(2).max(4).optional(),
      overlap: z.number().min(0).max(0.5).optional(),
      minSide: z.int().min(1).max(100_000).optional(),
    }),
    phrases: false,
    create: (options) => look(options),
  },
  woodpecker: {
    options: z.strictObject({ by: z.string().optional() }),
    phrases: false,
    create: ({ by }, resources) =>
      woodpecker({
        detector: groundingEye(),
        ...(by === undefined ? {} : { by: opened(by, resources) }),
      }),
  },
  lure: {
    options: z.strictObject({
      revise: z.enum(["drop", "model"]).optional(),
      by: z.string().optional(),
      late: z.number().min(0).max(1).optional(),
      unsure: z.number().min(0).max(100).optional(),
    }),
    phrases: false,
    create: ({ by, ...options }, resources) =>
      lure({
        detector: groundingEye(),
        ...options,
        ...(by === undefined ? {} : { by: opened(by, resources) }),
      }),
  },
  refine: {
    options: z.strictObject({
      by: z.string().optional(),
      words: z.int().positive().max(10_000).optional(),
      sentiment: z.enum(sentiments).optional(),
      language: z.string().optional(),
      factual: z.boolean().optional(),
      retries,
    }),
    phrases: false,
    create: ({ by, ...options }, resources) =>
      refine({ ...options, ...(by === undefined ? {} : { by: opened(by, resources) }) }),
  },
  point: {
    options: z.strictObject({
      at: places.optional(),
      box: places.optional(),
      scribble: places.optional(),
      image: z.int().positive().max(100).optional(),
      show: z.enum(["mark", "piece", "both"]).optional(),
    }),
    phrases: false,
    create: ({ at, box, scribble, ...options }) =>
      point(pointerOf({ at, box, scribble } as Record<string, string | undefined>), {
        ...options,
        detector: groundingEye(),
      }),
  },
  equip: {
    options: equipSchema,
    phrases: true,
    create: (options, resources) => equipDataset(equipSchema.parse(options), resources),
  },
};

/** Names that a spec string may use. */
export const techniqueNames = Object.keys(factories);

/** A parsed spec string. */
export interface TechniqueSpec {
  /** The spec in its standard spelling; the column's name. */
  spec: string;
  technique: Technique;
  /** It makes the model write a rationale. */
  thinks: boolean;
}

/**
 * Parses a spec string into one technique.
 * @param resources what it opens beside the model that it wraps; give the same to techniques that shall share it
 */
export function parseTechnique(
  text: string,
  resources: TechniqueResources = createResources(),
): TechniqueSpec {
  const steps = parseSteps(text).map(({ name, options }) => {
    const factory = lookUp(name, text);
    const parsed = factory.options.safeParse(options);
    if (!parsed.success) {
      const known = Object.keys(factory.options.shape);
      throw refuse(text, `${name}: ${issueText(parsed.error, known)}`, {
        hint: known.length > 0 ? `Options of ${name}: ${known.join(", ")}.` : `${name} has no options.`,
      });
    }
    return { name, options, factory, technique: factory.create(parsed.data, resources) };
  });
  const techniques = steps.map((step) => step.technique);
  if (!steps.some((step) => step.factory.phrases)) techniques.push(direct());
  return {
    spec: steps.map(({ name, options }) => formatStep(name, options)).join(" "),
    technique: (model) => techniques.reduceRight((inner, outer) => outer(inner), model),
    thinks: steps.some((step) => step.factory.thinks === true),
  };
}

/** The spec with an option of one of its techniques set to a value; undefined when it does not use that technique. */
export function setOption(
  text: string,
  { technique, option, value }: { technique: string; option: string; value: unknown },
): string | undefined {
  const steps = parseSteps(text);
  const step = steps.find(({ name }) => name === technique);
  if (!step) return undefined;
  step.options[option] = value;
  return steps.map(({ name, options }) => formatStep(name, options)).join(" ");
}

interface Step {
  name: string;
  options: Record<string, unknown>;
}

const stepPattern = /\s*([A-Za-z][\w-]*)\s*(\(((?:"(?:[^"\\]|\\.)*"|[^()"])*)\))?\s*/y;
const optionPattern = /\s*([A-Za-z]\w*)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,"]+)\s*(,|$)/y;

function parseSteps(text: string): Step[] {
  const steps: Step[] = [];
  stepPattern.lastIndex = 0;
  for (let at = 0; at < text.length; at = stepPattern.lastIndex) {
    stepPattern.lastIndex = at;
    const match = stepPattern.exec(text);
    if (!match) throw refuse(text, `cannot be read from ${JSON.stringify(text.slice(at, at + 20))} on`);
    steps.push({ name: match[1]!, options: parseOptions(match[3]?.trim() ?? "", text) });
  }
  if (steps.length === 0) throw refuse(text, "must name a technique");
  return steps;
}

function parseOptions(list: string, text: string): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (let at = 0; at < list.length; at = optionPattern.lastIndex) {
    optionPattern.lastIndex = at;
    const match = optionPattern.exec(list);
    if (!match) throw refuse(text, `options must be name=value, got ${JSON.stringify(list.slice(at))}`);
    const name = match[1]!;
    if (Object.hasOwn(options, name)) throw refuse(text, `option "${name}" is given twice`);
    options[name] = parseValue(match[2]!, text);
  }
  return options;
}

function parseValue(value: string, text: string): unknown {
  if (value === "true" || value === "false") return value === "true";
  if (/^-?\d+(\.\d+)?(e-?\d+)?$/i.test(value)) return Number(value);
  if (!value.startsWith('"')) return value;
  try {
    return JSON.parse(value);
  } catch {
    throw refuse(text, `${value} is not a quoted text`);
  }
}

function formatStep(name: string, options: Record<string, unknown>): string {
  const list = Object.entries(options).map(([key, value]) => {
    const isPlain = typeof value !== "string" || /^[A-Za-z][\w./:-]*$/.test(value);
    return `${key}=${isPlain ? value : JSON.stringify(value)}`;
  });
  return list.length > 0 ? `${name}(${list.join(", ")})` : name;
}

function lookUp(name: string, text: string): Factory {
  if (Object.hasOwn(factories, name)) return factories[name]!;
  if (name === majorityName) throw refuse(text, `${majorityName} is a column of its own and wraps no model`);
  const names = [...techniqueNames, majorityName];
  const slip = nearest(name, names);
  throw refuse(text, `unknown technique "${name}"`, {
    hint: `${slip ? `Did you mean ${slip}? ` : ""}Known: ${names.join(", ")}.`,
  });
}

function refuse(text: string, rule: string, { hint }: { hint?: string } = {}): InputError {
  return new InputError({ where: `technique ${JSON.stringify(text)}`, rule, hint });
}
