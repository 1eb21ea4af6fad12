// In-context learning: the model sees solved examples before the question, and nothing of it is trained. For each
// question a selector chooses demonstrations, the order says which stands where, the layout puts them into the prompt,
// and what the model has no room for is left out and said. The question itself stays as it is.
import type { LanguageModelV4Prompt } from "@ai-sdk/provider";
import { InputError } from "../errors/index.ts";
import { answerSuffix, type TechniqueContext, technique } from "../model/index.ts";
import type { Sample, Technique } from "../spec/index.ts";
import { fitDemonstrations } from "./budget.ts";
import { type LabelControl, type PictureControl, shuffledLabels, wrongPictures } from "./controls.ts";
import { type Demonstration, makeDemonstration } from "./demonstration.ts";
import { createExclusion } from "./exclude.ts";
import { inLine } from "./layout/in-line.ts";
import { multiTurn } from "./layout/multi-turn.ts";
import { arrange, type Order } from "./order.ts";
import { type DemonstrationPool, labelOf } from "./pool.ts";
import { questionPictures } from "./question-pictures.ts";
import { fixed } from "./select/fixed.ts";
import type { Selector } from "./selector.ts";
import { shownPictures } from "./shrink.ts";

export const layouts = ["multi-turn", "in-line"] as const;
export type Layout = (typeof layouts)[number];

export interface ShowOptions {
  /** Demonstrations for each question; 0 shows none. @default 4 */
  k?: number;
  /** @default fixed() */
  select?: Selector;
  /** @default "given" */
  order?: Order;
  /** @default "multi-turn" */
  layout?: Layout;
  /** Control: `shuffled` shows each demonstration with the answer of another. @default "own" */
  labels?: LabelControl;
  /** Control: `wrong` shows another picture, `none` no picture. @default "own" */
  pictures?: PictureControl;
  /** Of the selector and the controls. The order follows the call's own seed. @default 0 */
  seed?: number;
  /** Prompt and answer in tokens, where the model does not say it itself. */
  contextTokens?: number;
  /** Pictures of a prompt, where the model does not say it itself. */
  maxImages?: number;
}

/** A demonstration that was chosen, ready to be shown. */
type Ranked = Demonstration & { score?: number };

/**
 * Makes the technique that shows demonstrations before the question.
 * @example
 * const model = show(createPool(samples, { loadImage }), { k: 4 })(await resolveModel("tiny"));
 * // Chosen by likeness, demonstrations need vectors:
 * const source = { name: "labelled", baseDir: ".", samples };
 * const store = () => openStore(":memory:");
 * const pool = openDemonstrations(source, { loadImage, store, openEncoder: () => resolveEncoder("tiny") });
 * const likest = show(pool, { k: 4, select: imageSimilarity() })(await resolveModel("tiny"));
 */
export function show(pool: DemonstrationPool, options: ShowOptions = {}): Technique {
  const { k = 4, select = fixed(), order = "given", layout = "multi-turn" } = options;
  const { labels = "own", pictures = "own", seed = 0, contextTokens, maxImages } = options;
  const size = pool.samples.length;
  if (!Number.isInteger(k) || k < 0 || k > size) {
    const rule = `k must be a whole number from 0 to ${size}, the number of demonstrations`;
    throw new InputError({ where: "show", rule, got: String(k) });
  }
  const settings = {
    ...{ k, select: select.name, ...select.options, order, layout },
    ...(labels === "own" ? {} : { labels }),
    ...(pictures === "own" ? {} : { pictures }),
    ...(seed === 0 ? {} : { seed }),
    ...(contextTokens === undefined ? {} : { contextTokens }),
    ...(maxImages === undefined ? {} : { maxImages }),
  };
  const labelSource = labels === "shuffled" ? shuffledLabels(pool.samples, seed) : undefined;
  const pictureSource = pictures === "wrong" ? wrongPictures(pool.samples, seed) : undefined;
  const picturesOf = shownPictures(pool);
  const { ids: _, ...how } = select.options;
  const isStable = select.isStable && order !== "random";

  const choose = async ({
    options: call,
    query,
    capabilities,
    signal,
  }: TechniqueContext): Promise<Ranked[]> => {
    const own = await questionPictures(call.prompt, query);
    const isAllowed = createExclusion(pool, query, own);
    const chosen = await select.select({ pool, query, pictures: own, k, seed, isAllowed, signal });
    const asking = {
      plainQuestions: capabilities.plainQuestions === true,
      rationale: rationaleOf(call.providerOptions?.sightline?.rationale),
      rationaleTokens: capabilities.rationales === true,
    };
    return Promise.all(
      chosen.map(async ({ at, score }) => {
        const sample = pool.samples[at]!;
        const shown = pictures === "none" ? undefined : await picturesOf(pictureSource?.[at] ?? at);
        const answer = labelOf(pool.samples[labelSource?.[at] ?? at]!)!;
        return {
          ...makeDemonstration(labelSource ? withoutRationale(sample) : sample, answer, shown, asking),
          ...(score === undefined ? {} : { score }),
        };
      }),
    );
  };

  return technique(
    "show",
    settings,
    async function* (context) {
      const { options: call, query, capabilities, emit, forward } = context;
      const ranked = k === 0 ? [] : await choose(context);
      if (ranked.length < k) emit("demos-missing", { wanted: k, found: ranked.length });
      const ordered = (items: readonly Ranked[]) => arrange(items, order, [call.seed ?? 0, query.id]);
      const lay = (items: Ranked[]): LanguageModelV4Prompt => {
        if (layout === "in-line") return inLine(call.prompt, ordered(items), openSuffix(context));
        const turns = multiTurn(call.prompt, ordered(items));
        return isStable && items.length > 0 ? markPrefix(turns, call.prompt.length) : turns;
      };
      const { prompt, kept, dropped, limit } = await fitDemonstrations(ranked, lay, {
        contextTokens: contextTokens ?? capabilities.contextTokens,
        maxImages: maxImages ?? capabilities.maxImages,
        maxOutputTokens: call.maxOutputTokens,
        countTokens: capabilities.countTokens,
        tokensPerImage: capabilities.tokensPerImage,
      });
      const shown = ordered(kept);
      emit("demos-chosen", {
        ids: shown.map(({ id }) => id),
        ...(Object.keys(how).length > 0 ? { how } : {}),
        ...(shown.some(({ score }) => score !== undefined)
          ? { scores: shown.map(({ score }) => Number((score ?? 0).toFixed(4))) }
          : {}),
      });
      if (dropped.length > 0) emit("demos-dropped", { ids: dropped.map(({ id }) => id), limit });
      const { usage } = yield* forward({ prompt });
      const { total, cacheRead } = usage.inputTokens;
      if (cacheRead) emit("prefix-reused", { tokens: cacheRead, of: total });
    },
    { imageBytes: true },
  );
}

/** What asks for a short answer, unless somebody has put the question into other words already, or it needs none. */
function openSuffix({ options, query, capabilities }: TechniqueContext): string | undefined {
  const last = options.prompt.findLast((message) => message.role === "user");
  const texts = last?.content.flatMap((part) => (part.type === "text" ? [part.text.trim()] : []));
  const isBare = texts?.filter((text) => text !== "").join("\n") === query.question.trim();
  return capabilities.plainQuestions || !isBare ? undefined : answerSuffix(query);
}

/** A rationale leads to its own answer, so a Sample that shows another's has none. */
function withoutRationale({ rationale: _, ...sample }: Sample): Sample {
  return sample;
}

function rationaleOf(value: unknown): boolean | string {
  return typeof value === "string" ? value : value === true;
}

/** Marks the end of the demonstrations for providers that cache a beginning only when they are told to. */
function markPrefix(prompt: LanguageModelV4Prompt, ownMessages: number): LanguageModelV4Prompt {
  const systems = prompt.findIndex(({ role }) => role !== "system");
  const end = systems + prompt.length - ownMessages - 1;
  const anthropic = { cacheControl: { type: "ephemeral" } };
  return prompt.map((message, i) =>
    i === end ? { ...message, providerOptions: { ...message.providerOptions, anthropic } } : message,
  );
}
