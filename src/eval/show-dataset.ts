// `show` in a spec string: the demonstrations are a dataset by name, opened when the first question is asked.
import { z } from "zod";
import { InputError } from "../errors/index.ts";
import {
  balanced,
  diverse,
  fixed,
  imageSimilarity,
  labelControls,
  layouts,
  learned,
  mixed,
  orders,
  pictureControls,
  random,
  type Selector,
  type ShowOptions,
  show,
  textSimilarity,
} from "../icl/index.ts";
import { wrapModel } from "../model/index.ts";
import { declareTechnique } from "../model/technique-spec.ts";
import type { LanguageModel, Technique } from "../spec/index.ts";
import { once } from "../util/once.ts";
import { learnDemonstrations } from "./learn-demonstrations.ts";
import { storeAddress } from "./store-address.ts";
import type { TechniqueResources } from "./technique-resources.ts";

const selectors = {
  fixed,
  random,
  text: textSimilarity,
  image: imageSimilarity,
  mixed,
  diverse,
  balanced,
} satisfies Record<string, () => Selector>;

export const showSchema = z.strictObject({
  /** The dataset that demonstrations come from, by name or path. */
  from: z.string().min(1),
  k: z.int().min(0).max(64).optional(),
  select: z.enum([...(Object.keys(selectors) as (keyof typeof selectors)[]), "learned"]).optional(),
  order: z.enum(orders).optional(),
  layout: z.enum(layouts).optional(),
  labels: z.enum(labelControls).optional(),
  pictures: z.enum(pictureControls).optional(),
  seed: z.int().min(0).optional(),
  /** For select=learned: sets to try. @default 8 */
  sets: z.int().min(2).max(100).optional(),
  /** For select=learned: questions of the dataset that are kept apart to choose the set and to test it. @default 40 */
  heldOut: z.int().min(4).max(10_000).optional(),
  /** File or PostgreSQL URL where vectors are kept between runs. @default in memory */
  store: storeAddress.optional(),
  /** What turns pictures and questions into vectors, for selectors that search by likeness. @default "tiny" */
  encoder: z.string().min(1).optional(),
});

type ShowSpec = z.infer<typeof showSchema>;

/** Shows demonstrations of a dataset. Vectors are made, and a set is learned, when a question first needs them. */
export function showDataset(given: ShowSpec, resources: TechniqueResources): Technique {
  const { from, encoder = "tiny", select = "fixed", sets, heldOut = 40, store, ...rest } = given;
  if (select !== "learned" && (sets ?? given.heldOut) !== undefined)
    throw new InputError({ where: "show", rule: "sets and heldOut are for select=learned", got: select });
  const apart = select === "learned" ? { apart: { count: heldOut, seed: rest.seed ?? 0 } } : {};
  const open = () => resources.openDemonstrations({ from, encoder, store, ...apart });
  resources.require(async () => {
    const { pool } = await open();
    // Says what is wrong with k.
    show(pool, rest as ShowOptions);
  });
  const makeShow = async (model: LanguageModel): Promise<LanguageModel> => {
    const { pool, apart, loadImage } = await open();
    const options = rest as ShowOptions;
    if (select !== "learned") return show(pool, { ...options, select: selectors[select]() })(model);
    const found = await learnDemonstrations(pool, {
      ...(options as Pick<ShowOptions, "k" | "layout" | "order" | "seed">),
      ...(sets === undefined ? {} : { sets }),
      ...{ model, heldOut: apart, loadImage },
    });
    return show(pool, { ...options, select: learned(found) })(model);
  };
  return (model) => {
    const shown = once(() => makeShow(model));
    const wrapped = wrapModel(model, {
      doGenerate: async (call) => (await shown()).doGenerate(call),
      doStream: async (call) => (await shown()).doStream(call),
      // The question's pictures are compared with those of the demonstrations.
      supportedUrls: {},
    });
    return declareTechnique(wrapped, { name: "show", options: { ...given }, inner: model });
  };
}
