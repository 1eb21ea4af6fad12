// Promptable segmentation by networks of the SAM family (Segment Anything, Kirillov et al., arXiv 2304.02643), run by
// transformers.js: a folder with ONNX weights or a hub id, such as "Xenova/slimsam-77-uniform". The picture is encoded once; a
// prompt then takes milliseconds, and the mask that the network itself holds for the best is taken.
import type { Tensor } from "@huggingface/transformers";
import { InputError, SetupError, SightlineError } from "../errors/index.ts";
import type { Raster } from "../media/index.ts";
import type { Box } from "../spec/index.ts";
import { openHubSource } from "./hub-source.ts";
import { type DownloadOptions, loadError } from "./transformers.ts";

/** What is to be segmented, in pixels of the picture: a box, or points that lie on the thing or beside it. */
export type SegmentPrompt =
  | { box: Box }
  | { points: readonly { at: readonly [number, number]; on: boolean }[] };

export interface HubSegmenter extends AsyncDisposable {
  /** The source it was opened from. */
  name: string;
  /** One byte a pixel, 1 where the thing is; and how well the network thinks that it did, an estimated IoU. */
  segment(
    picture: Raster,
    prompt: SegmentPrompt,
    options?: { signal?: AbortSignal },
  ): Promise<{ mask: Uint8Array; score: number }>;
  dispose(): Promise<void>;
}

/** Opens a segmenter. Weights that are not there are fetched only with `download`. */
export async function openHubSegmenter(source: string, options: DownloadOptions = {}): Promise<HubSegmenter> {
  const where = `segmenter "${source}"`;
  const hint = "Allow downloads to fetch it from the Hugging Face hub.";
  const { library, from, loading } = await openHubSource(source, { ...options, where, hint });
  let model: Sam;
  let processor: Processor;
  try {
    const config: { model_type?: unknown } = await library.AutoConfig.from_pretrained(from, loading);
    if (config.model_type !== "sam")
      throw new SetupError({
        where,
        rule: "the model must be of the type sam",
        got: JSON.stringify(config.model_type),
      });
    processor = (await library.AutoProcessor.from_pretrained(from, loading)) as unknown as Processor;
    model = (await library.SamModel.from_pretrained(from, { ...loading, dtype: "fp32" })) as unknown as Sam;
  } catch (error) {
    throw SightlineError.isInstance(error) ? error : loadError(error, where);
  }
  let last: { pixels: Uint8Array; encoded: Promise<Record<string, Tensor>> } | undefined;
  const dispose = async () => {
    last = undefined;
    await model.dispose();
  };
  return {
    name: source,
    dispose,
    [Symbol.asyncDispose]: dispose,
    async segment({ pixels, width, height }, prompt, { signal } = {}) {
      signal?.throwIfAborted();
      const asked = promptInputs(prompt, width, height);
      const inputs = await processor(new library.RawImage(pixels, width, height, 3), asked);
      if (last?.pixels !== pixels)
        last = { pixels, encoded: model.get_image_embeddings({ pixel_values: inputs.pixel_values }) };
      const encoded = await last.encoded;
      signal?.throwIfAborted();
      const { pred_masks, iou_scores } = await model({ ...inputs, ...encoded });
      const scores = Array.from(iou_scores.data as Float32Array);
      const best = scores.indexOf(Math.max(...scores));
      const [masks] = await processor.post_process_masks(
        pred_masks,
        inputs.original_sizes,
        inputs.reshaped_input_sizes,
      );
      const all = masks?.data as Uint8Array | undefined;
      if (best < 0 || all?.length !== scores.length * width * height)
        throw new InputError({ where, rule: "the network must give a mask and a score for each guess" });
      return { mask: all.slice(best * width * height, (best + 1) * width * height), score: scores[best]! };
    },
  };
}

interface Inputs {
  pixel_values: Tensor;
  original_sizes: unknown;
  reshaped_input_sizes: unknown;
}
type Processor = ((image: unknown, prompt: object) => Promise<Inputs>) & {
  post_process_masks(masks: Tensor, original: unknown, reshaped: unknown): Promise<Tensor[]>;
};
type Sam = ((inputs: object) => Promise<{ pred_masks: Tensor; iou_scores: Tensor }>) & {
  get_image_embeddings(inputs: object): Promise<Record<string, Tensor>>;
  dispose(): Promise<unknown>;
};

/** The arguments of the processor. Labels: 1 on the thing, 0 beside it. The exports of the family take points only. */
function promptInputs(prompt: SegmentPrompt, width: number, height: number): object {
  const points = "points" in prompt ? prompt.points : pointsFor(prompt.box, width, height);
  return {
    input_points: [[points.map(({ at }) => [...at])]],
    input_labels: [[points.map(({ on }) => (on ? 1 : 0))]],
  };
}

/** The middle of a box, and the middles of its sides moved outwards by a tenth, where the picture goes on there. */
function pointsFor([x1, y1, x2, y2]: Box, width: number, height: number) {
  const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
  const [dx, dy] = [(x2 - x1) / 10, (y2 - y1) / 10];
  const around: [number, number][] = [
    [x1 - dx, y],
    [x2 + dx, y],
    [x, y1 - dy],
    [x, y2 + dy],
  ];
  const outside = around.filter(([x, y]) => x >= 0 && y >= 0 && x < width && y < height);
  return [{ at: [x, y] as const, on: true }, ...outside.map((at) => ({ at, on: false }))];
}
