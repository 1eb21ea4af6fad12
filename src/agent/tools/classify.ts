import { z } from "zod";
import { InputError } from "../../errors/index.ts";
import { cropImage, decodeImage, encodePng } from "../../media/index.ts";
import type { Encoder } from "../../spec/index.ts";
import type { GroundingEye } from "./detector.ts";
import {
  boxInput,
  boxInside,
  imageHandle,
  imageOf,
  rounded,
  toJson,
  type VisionTool,
  visionTool,
} from "./vision-tool.ts";

/** Who weighs the labels: an encoder of texts and pictures of one space (CLIP, SigLIP), or the grounding of a model. */
export type Classifier = { encoder: Encoder } | { eye: GroundingEye };

/** CLIP's trained temperature: cosines are multiplied by it before the softmax (Radford et al. 2021). */
const clipScale = 100;

/** The tool that weighs labels for a picture. */
export function classifyTool(classifier: Classifier): VisionTool {
  return visionTool({
    name: "classify",
    description:
      "Weighs labels for a picture or a box in it: which one fits best, and by how much. One of the labels always wins, also when none fits.",
    input: z.strictObject({
      image: imageHandle,
      box: boxInput.optional(),
      labels: z.array(z.string().min(1).max(100)).min(2).max(50),
    }),
    cost: "small-model",
    async run({ image, box, labels }, context) {
      let { bytes } = imageOf(context, image);
      if (box) {
        const raster = await decodeImage(bytes, { where: image });
        const cut = cropImage(raster, boxInside(box, raster));
        bytes = await encodePng(cut.pixels, cut.width, cut.height);
      }
      const options = context.signal ? { signal: context.signal } : {};
      const weights =
        "encoder" in classifier
          ? await byEncoder(classifier.encoder, bytes, labels, options)
          : await byGrounding(classifier.eye, bytes, labels, options);
      const total = weights.reduce((sum, weight) => sum + weight, 0) || 1;
      const ranked = labels
        .map((label, i) => ({ label, share: rounded(weights[i]! / total, 3) }))
        .sort((a, b) => b.share - a.share);
      return {
        value: toJson({ label: ranked[0]!.label, labels: ranked }),
        backend: "encoder" in classifier ? classifier.encoder.id : classifier.eye.name,
      };
    },
  });
}

async function byEncoder(
  encoder: Encoder,
  image: Uint8Array,
  labels: string[],
  options: { signal?: AbortSignal },
): Promise<number[]> {
  const vectors = await encoder.embed({
    texts: labels.map((label) => `a photo of ${label}`),
    images: [image],
    ...options,
  });
  const picture = vectors.at(-1)!;
  const products = vectors
    .slice(0, -1)
    .map((text) => text.reduce((sum, value, i) => sum + value * picture[i]!, 0));
  const most = Math.max(...products);
  return products.map((product) => Math.exp(clipScale * (product - most)));
}

async function byGrounding(
  eye: GroundingEye,
  image: Uint8Array,
  labels: string[],
  options: { signal?: AbortSignal },
): Promise<number[]> {
  const { names, cells } = await eye.ground(image, options);
  const classes = labels.map((label) => names.indexOf(label.trim().toLowerCase()));
  const unknown = labels.filter((_, i) => classes[i]! < 0);
  if (unknown.length > 0) {
    throw new InputError({
      where: "classify",
      rule: "labels must be things that this model can name",
      got: unknown.map((label) => JSON.stringify(label)).join(", "),
    });
  }
  const count = cells.side ** 2;
  return classes.map((c) => {
    let sum = 1e-6;
    for (let cell = 0; cell < count; cell++) sum += cells.shares[cell * names.length + c]!;
    return sum;
  });
}
