// CLIP and SigLIP as encoders, run by transformers.js: a folder of a Hugging Face repository with ONNX weights, or a hub
// id. Their texts and pictures share one space. A text and a vision model, each with its projection, are opened apart, so
// that the folder needs only `onnx/text_model.onnx` and `onnx/vision_model.onnx`.
import path from "node:path";
import type { Tensor } from "@huggingface/transformers";
import { InputError, SightlineError } from "../errors/index.ts";
import { decodeImage } from "../media/index.ts";
import { unitVector } from "../util/unit-vector.ts";
import { folderHash } from "./folder-hash.ts";
import { openHubSource } from "./hub-source.ts";
import type { LoadedEncoder } from "./local/encoder.ts";
import { type DownloadOptions, loadError } from "./transformers.ts";

/** How an architecture names its classes and its vectors, and how it wants texts padded. */
const architectures = {
  clip: {
    text: "CLIPTextModelWithProjection",
    vision: "CLIPVisionModelWithProjection",
    outputs: { text: "text_embeds", vision: "image_embeds" },
    padding: true,
  },
  siglip: {
    text: "SiglipTextModel",
    vision: "SiglipVisionModel",
    outputs: { text: "pooler_output", vision: "pooler_output" },
    padding: "max_length",
  },
} as const;

type Run = (inputs: unknown) => Promise<Record<string, Tensor | undefined>>;

/** Opens a folder (absolute path) or a hub id as an encoder. */
export async function openTransformersEncoder(
  source: string,
  options: DownloadOptions = {},
): Promise<LoadedEncoder> {
  const isFolder = path.isAbsolute(source);
  const where = isFolder ? `"${source}"` : `local:${source}`;
  const hint = "Add --download to fetch it from the Hugging Face hub.";
  const { library, from, folder, loading } = await openHubSource(source, { ...options, where, hint });
  try {
    const config: { model_type?: unknown } = await library.AutoConfig.from_pretrained(from, loading);
    const { padding, outputs, ...classes } = architectureOf(config.model_type, where);
    const tokenizer = await library.AutoTokenizer.from_pretrained(from, loading);
    const processor = await library.AutoProcessor.from_pretrained(from, loading);
    const [textModel, visionModel] = await Promise.all(
      [classes.text, classes.vision].map((name) => library[name].from_pretrained(from, loading)),
    );
    const run = async (model: unknown, inputs: unknown, output: string): Promise<Float32Array> => {
      const tensor = (await (model as Run)(inputs))[output];
      if (tensor?.data instanceof Float32Array) return unitVector(tensor.data);
      throw new InputError({
        where,
        rule: `the model must give ${output} as floats`,
        got: tensor?.type ?? "nothing",
      });
    };
    const embedText = async (text: string) =>
      run(textModel, await tokenizer([text], { padding, truncation: true }), outputs.text);
    const embedImage = async (bytes: Uint8Array) => {
      const { pixels, width, height } = await decodeImage(bytes, { where: "encoder.picture" });
      const inputs = await processor(new library.RawImage(pixels, width, height, 3));
      return run(visionModel, { pixel_values: inputs.pixel_values }, outputs.vision);
    };
    const dispose = async () => {
      await Promise.all([textModel!.dispose(), visionModel!.dispose()]);
    };
    return {
      id: `${isFolder ? source : `local:${source}`}@${(await folderHash(folder)).slice("sha256:".length, "sha256:".length + 12)}`,
      dimensions: (await embedText("a")).length,
      dispose,
      [Symbol.asyncDispose]: dispose,
      async embed({ texts = [], images = [], signal }) {
        const vectors: Float32Array[] = [];
        for (const text of texts) {
          signal?.throwIfAborted();
          vectors.push(await embedText(text));
        }
        for (const image of images) {
          signal?.throwIfAborted();
          vectors.push(await embedImage(image));
        }
        return vectors;
      },
    };
  } catch (error) {
    throw SightlineError.isInstance(error) ? error : loadError(error, where);
  }
}

function architectureOf(modelType: unknown, where: string) {
  if (typeof modelType === "string" && Object.hasOwn(architectures, modelType))
    return architectures[modelType as keyof typeof architectures];
  throw new InputError({
    where,
    rule: `an encoder's model_type must be ${Object.keys(architectures).join(" or ")}`,
    got: JSON.stringify(modelType) ?? "nothing",
  });
}
