// `show` in a spec string: the demonstrations are a dataset by name, opened when the first question is asked.
import { z } from "zod";
import { openDataset } from "../data/index.ts";
import {
  balanced,
  diverse,
  fixed,
  imageSimilarity,
  labelControls,
  layouts,
  mixed,
  openDemonstrations,
  orders,
  pictureControls,
  random,
  resolveEncoder,
  type Selector,
  type ShowOptions,
  show,
  textSimilarity,
} from "../icl/index.ts";
import { wrapModel } from "../model/index.ts";
import { declareTechnique } from "../model/technique-spec.ts";
import type { LanguageModel, Technique } from "../spec/index.ts";
import { openStore } from "../store/index.ts";
import { once } from "../util/once.ts";
import { createImageLoader } from "./image-loader.ts";

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
  select: z.enum(Object.keys(selectors) as (keyof typeof selectors)[]).optional(),
  order: z.enum(orders).optional(),
  layout: z.enum(layouts).optional(),
  labels: z.enum(labelControls).optional(),
  pictures: z.enum(pictureControls).optional(),
  seed: z.int().min(0).optional(),
  /** What turns pictures and questions into vectors, for selectors that search by likeness. @default "tiny" */
  encoder: z.string().min(1).optional(),
});

/** Shows demonstrations of a dataset. Vectors are made in memory when a selector first needs them. */
export function showDataset(given: z.infer<typeof showSchema>): Technique {
  const { from, encoder = "tiny", select = "fixed", ...rest } = given;
  const open = once(async () => {
    const { name, baseDir, samples } = await openDataset(from);
    return openDemonstrations(
      { name, baseDir, samples },
      {
        store: await openStore(":memory:"),
        loadImage: createImageLoader({ baseDir }),
        openEncoder: () => resolveEncoder(encoder),
      },
    );
  });
  const options = { ...rest, select: selectors[select]() } as ShowOptions;
  return (model) => {
    const shown = once(async (): Promise<LanguageModel> => show(await open(), options)(model));
    const wrapped = wrapModel(model, {
      doGenerate: async (call) => (await shown()).doGenerate(call),
      doStream: async (call) => (await shown()).doStream(call),
      // The question's pictures are compared with those of the demonstrations.
      supportedUrls: {},
    });
    return declareTechnique(wrapped, { name: "show", options: { ...given }, inner: model });
  };
}
