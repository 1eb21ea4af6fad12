// Vectors of pictures and texts from a model folder in the LLaVA layout, without its decoder: a demonstration is found by
// how near its vector is to the question's. A picture's vector is the largest value of each feature over its patches, a
// text's is the mean of its tokens' embeddings, both of length 1. A picture is compared with pictures and a text with
// texts: nothing makes the two kinds comparable.
//
// The largest value, because one thing among others fills few patches and a mean would drown it.
import { readFile } from "node:fs/promises";
import { InputError } from "../../errors/index.ts";
import { openSession, type Tensors } from "../../onnx/index.ts";
import type { Encoder } from "../../spec/index.ts";
import { contentHash } from "../../util/hash.ts";
import { unitVector } from "../../util/unit-vector.ts";
import { checkFolder } from "./check-folder.ts";
import { createPreprocessor } from "./preprocess.ts";
import { createChatTokenizer } from "./tokenizer.ts";

export interface LocalEncoderOptions {
  /** Name in front of the hash of the weights in `id`. */
  name: string;
  /** Threads of one pass. @default 1 */
  threads?: number;
}

/** An encoder that holds native memory. */
export type LoadedEncoder = Encoder & AsyncDisposable & { dispose(): Promise<void> };

/** Loads the vision encoder and the token embeddings of a folder. Its `id` changes with their weights. */
export async function loadLocalEncoder(
  dir: string,
  { name, threads = 1 }: LocalEncoderOptions,
): Promise<LoadedEncoder> {
  const folder = await checkFolder(dir);
  const tokenizer = createChatTokenizer(folder);
  const preprocessor = createPreprocessor(folder);
  const dimensions = folder.config.text_config.hidden_size;
  const files = [folder.onnx.vision_encoder, folder.onnx.embed_tokens];
  const weights = await Promise.all(files.map(async (file) => contentHash(await readFile(file))));
  const [vision, embedding] = await Promise.all(
    files.map((file) => openSession(file, { threads, optimization: "all" })),
  );
  const rows = (outputs: Tensors, output: string, file: string): Float32Array => {
    const tensor = outputs[output];
    if (tensor?.type === "float32" && tensor.dims.at(-1) === dimensions) return tensor.data;
    throw new InputError({
      where: `"${file}"`,
      rule: `must give ${output} of width ${dimensions}`,
      got: tensor ? `${tensor.type} [${tensor.dims.join(", ")}]` : "nothing",
    });
  };
  const embedImage = async (bytes: Uint8Array): Promise<Float32Array> => {
    const { size } = preprocessor;
    const data = await preprocessor.pixels(bytes, "encoder.picture");
    const input = { type: "float32" as const, data, dims: [1, 3, size, size] };
    const outputs = await vision!.run({ pixel_values: input });
    const features = rows(outputs, "cells" in outputs ? "cells" : "image_features", files[0]!);
    const largest = features.slice(0, dimensions);
    for (let i = dimensions; i < features.length; i++)
      largest[i % dimensions] = Math.max(largest[i % dimensions]!, features[i]!);
    return unitVector(largest);
  };
  const embedText = async (text: string): Promise<Float32Array> => {
    if (text.trim() === "") return new Float32Array(dimensions);
    const ids = tokenizer.encode(` ${text.trim()}`);
    const input = { type: "int64" as const, data: BigInt64Array.from(ids, BigInt), dims: [1, ids.length] };
    const tokens = rows(await embedding!.run({ input_ids: input }), "inputs_embeds", files[1]!);
    const mean = new Float32Array(dimensions);
    for (let at = 0; at < tokens.length; at += dimensions) {
      const token = unitVector(tokens.subarray(at, at + dimensions));
      for (let i = 0; i < dimensions; i++) mean[i]! += token[i]!;
    }
    return unitVector(mean);
  };
  const dispose = async () => {
    await Promise.all([vision!.dispose(), embedding!.dispose()]);
  };
  return {
    id: `${name}@${contentHash(weights.join()).slice("sha256:".length, "sha256:".length + 12)}`,
    dimensions,
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
}
