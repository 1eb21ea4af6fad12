// The columns that a command line asks for: every model with every technique, then the controls.
import { probe } from "../cot/index.ts";
import type { Samples } from "../data/formats/index.ts";
import { InputError } from "../errors/index.ts";
import {
  type Column,
  createPacer,
  createResources,
  type LoadedImage,
  majorityColumn,
  majorityName,
  modelColumn,
  otherPictures,
  type Pacer,
  parseShots,
  parseTechnique,
  shuffledColumn,
  shuffledName,
  type TechniqueSpec,
  withShots,
} from "../eval/index.ts";
import { capabilities, isBusy, withCache } from "../model/index.ts";
import { parseModelSpec } from "../model/model-spec.ts";
import type { LanguageModel, MediaSource } from "../spec/index.ts";
import type { ResponseCache } from "../store/index.ts";
import { onceEach } from "../util/once.ts";
import { nearest } from "../util/text.ts";
import type { MeasureOptions } from "./measure-options.ts";
import { openModel } from "./open-model.ts";

/** A column with what the manifest says of it. */
export interface NamedColumn {
  column: Column;
  weights?: string;
}

const controlNames = ["blind", shuffledName, "caption-only", majorityName];

export interface ColumnsOptions {
  techniques: readonly string[];
  controls: readonly string[];
  loadImage(image: MediaSource): Promise<LoadedImage>;
  responses: ResponseCache;
}

/** Opens the models and makes the columns. */
export async function createColumns(
  samples: Samples,
  options: MeasureOptions,
  { techniques, controls, loadImage, responses }: ColumnsOptions,
): Promise<NamedColumn[]> {
  const models = [...new Set(options.model ?? ["tiny"])];
  const isMajority = (text: string) => text.trim() === majorityName;
  const other = otherPictures(samples, { loadImage, seed: options.seed });
  const open = onceEach((name) => openCached(name, options, responses));
  const resources = createResources({ openModel: async (name) => (await open(name)).model });
  const parse = (text: string) => parseTechnique(text, resources);
  const wanted = atShots(techniques, options.shots)
    .filter((text) => !isMajority(text))
    .map(parse)
    .map((parsed) => (options.faithfulness ? probed(parsed, other) : parsed));
  const asControls = controls.filter((name) => name !== majorityName && name !== shuffledName).map(parse);
  await resources.ready();
  const timeoutMs = options.timeout * 1000;
  const columns: NamedColumn[] = [];
  const add = (next: NamedColumn) => {
    if (!columns.some(({ column }) => column.name === next.column.name)) columns.push(next);
  };
  for (const modelName of wanted.length + asControls.length > 0 ? models : []) {
    const { model, weights, concurrency } = await open(modelName);
    const make = ({ spec, technique }: ReturnType<typeof parseTechnique>): NamedColumn => ({
      ...(weights === undefined ? {} : { weights }),
      column: modelColumn({
        ...{ name: models.length > 1 ? `${modelName}/${spec}` : spec, technique: spec, modelName },
        ...{ model: technique(model), loadImage, seed: options.seed, timeoutMs },
        ...{ temperature: options.temperature, maxOutputTokens: options.maxTokens },
        concurrency,
      }),
    });
    const made = wanted.map(make);
    for (const next of made) add(next);
    for (const control of asControls) add(make(control));
    if (controls.includes(shuffledName) && made[0])
      add({ ...made[0], column: shuffledColumn(made[0].column, samples, options.seed) });
  }
  const majority = { column: majorityColumn(samples) };
  if (techniques[0] !== undefined && isMajority(techniques[0])) columns.unshift(majority);
  else if (techniques.some(isMajority) || controls.includes(majorityName)) columns.push(majority);
  return columns;
}

/** The techniques, those that show demonstrations with each of the given numbers of them. */
function atShots(techniques: readonly string[], list: string | undefined): string[] {
  if (list === undefined) return [...techniques];
  const shots = parseShots(list);
  const all = techniques.map((spec) => withShots(spec, shots));
  if (all.some((specs) => specs)) return techniques.flatMap((spec, i) => all[i] ?? spec);
  const hint = 'Name one, such as -t "show(from=labelled.jsonl)".';
  throw new InputError({ where: "--shots", rule: "needs a technique that shows demonstrations", hint });
}

/** A technique whose answers are probed, also with the pictures of other questions. */
function probed(
  { spec, technique, thinks }: TechniqueSpec,
  other: ReturnType<typeof otherPictures>,
): TechniqueSpec {
  if (!thinks) {
    const hint = "Name one that does, such as reason, or leave --technique away.";
    const rule = "needs techniques that write a rationale";
    throw new InputError({ where: "--faithfulness", rule, got: `"${spec}"`, hint });
  }
  return {
    spec: `probe ${spec}`,
    thinks,
    technique: (model) => probe({ otherPictures: other })(technique(model)),
  };
}

/** Opens a model with the response cache around it. Hosted models are asked at a pace that they can bear. */
export async function openCached(
  name: string,
  { download, timeout, cache, concurrency }: MeasureOptions,
  responses: ResponseCache,
): Promise<{ model: LanguageModel; weights?: string; concurrency: number | Pacer }> {
  const isLocal = ["tiny", "folder", "hub"].includes(parseModelSpec(name).kind);
  const pacer = isLocal ? undefined : createPacer();
  const onRetry = (error: unknown, waitMs?: number) => {
    if (isBusy(error)) pacer?.busy(waitMs);
  };
  const base = await openModel(name, { download, timeoutMs: timeout * 1000, retry: { onRetry } });
  const weights = await capabilities(base).weightsHash?.();
  const model = withCache(base, {
    ...((cache ?? isLocal) ? { cache: responses } : {}),
    modelKey: [name, weights ?? ""].join("\n"),
  });
  return { model, ...(weights === undefined ? {} : { weights }), concurrency: concurrency ?? pacer ?? 1 };
}

/** Reads the value of `--controls`. */
export function parseControls(text: string | undefined): string[] {
  const names = (text ?? "").split(/[\s,]+/).filter((name) => name !== "");
  for (const name of names) {
    if (controlNames.includes(name)) continue;
    const slip = nearest(name, controlNames);
    throw new InputError({
      where: "--controls",
      rule: `must be some of ${controlNames.join(", ")}`,
      got: `"${name}"`,
      hint: slip && `Did you mean ${slip}?`,
    });
  }
  return [...new Set(names)];
}
