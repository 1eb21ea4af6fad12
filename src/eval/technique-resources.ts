// What the techniques of a run share: the second models that their specs name, and the demonstrations that they show. Each
// is opened by the first question that needs it and once for all, so that four columns over one dataset render it and make
// its vectors once.
import type { AskPerson } from "../agent/index.ts";
import { openDataset } from "../data/index.ts";
import { type DemonstrationPool, openDemonstrations, resolveEncoder } from "../icl/index.ts";
import { resolveModel } from "../model/index.ts";
import type { LanguageModel, Sample, Tool } from "../spec/index.ts";
import { openStore } from "../store/index.ts";
import { onceEach } from "../util/once.ts";
import { createImageLoader, type LoadedImage } from "./image-loader.ts";
import { keepApart } from "./keep-apart.ts";

/** Which demonstrations are wanted. */
export interface DemonstrationsSpec {
  /** Dataset by name or path. */
  from: string;
  /** What makes the vectors. */
  encoder: string;
  /** File or PostgreSQL URL where vectors are kept between runs. @default in memory */
  store?: string | undefined;
  /** Only words are searched and shown. */
  wordsOnly?: boolean;
  /** Questions that are not shown but decide what is. */
  apart?: { count: number; seed: number };
}

/** Demonstrations that are open. */
export interface OpenedDemonstrations {
  pool: DemonstrationPool;
  /** The questions that are kept apart. */
  apart: Sample[];
  loadImage(image: { source: string; hash?: string }): Promise<LoadedImage>;
}

/** Opens what techniques need beside the model that they wrap; the same thing twice is opened once. */
export interface TechniqueResources {
  openModel(name: string): Promise<LanguageModel>;
  openDemonstrations(spec: DemonstrationsSpec): Promise<OpenedDemonstrations>;
  /** Asks the person who runs this; absent where nobody is there. */
  person?: AskPerson | undefined;
  /** Sees the tools that a technique is given, and may give others in their place. */
  useTools(tools: readonly Tool[]): readonly Tool[];
  /** Adds a check that shall pass before a run asks anything, such as that a dataset is there. */
  require(check: () => Promise<unknown>): void;
  /** Makes the checks: a fault in a spec stops a run at its start and not at each of its questions. */
  ready(): Promise<void>;
}

/**
 * Makes the resources of a run.
 * @param openModel opens a second model by name; default: `resolveModel`
 * @param useTools default: tools are used as they are
 * @param person whom agents may ask back; default: nobody
 */
export function createResources({
  openModel = (name) => resolveModel(name),
  useTools = (tools) => tools,
  person,
}: Partial<Pick<TechniqueResources, "openModel" | "useTools" | "person">> = {}): TechniqueResources {
  const dataset = onceEach(openDataset);
  const encoderOf = onceEach((name) => resolveEncoder(name));
  const demonstrations = onceEach(async (key): Promise<OpenedDemonstrations> => {
    const { from, encoder, store = ":memory:", ...how } = JSON.parse(key) as DemonstrationsSpec;
    const { name, baseDir, samples } = await dataset(from);
    const loadImage = createImageLoader({ baseDir });
    const { apart, wordsOnly = false } = how;
    const [shown, kept] = apart ? keepApart(samples, apart) : [samples, []];
    const pool = openDemonstrations(
      { name, baseDir, samples: shown },
      { store: () => openStore(store), wordsOnly, loadImage, openEncoder: () => encoderOf(encoder) },
    );
    return { pool, apart: kept, loadImage };
  });
  const checks: (() => Promise<unknown>)[] = [];
  return {
    require: (check) => void checks.push(check),
    async ready() {
      for (const check of checks) await check();
    },
    openModel: onceEach(openModel),
    useTools,
    person,
    openDemonstrations: ({ from, encoder, store, wordsOnly, apart }) =>
      demonstrations(JSON.stringify({ from, encoder, store, wordsOnly, apart })),
  };
}
