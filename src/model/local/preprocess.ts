// Picture bytes to the numbers that the vision encoder takes. A picture that is not square is shown whole, with bars in
// the colour of its border, and resized to the exact size here, so that every runtime sees the same pixels.
import { InputError } from "../../errors/index.ts";
import { decodeImage, fitSquare } from "../../media/index.ts";
import type { ModelFolder, PreprocessorConfig } from "./check-folder.ts";

/** Prepares pictures for one model. */
export interface Preprocessor {
  /** Width and height of the vision encoder's input. */
  size: number;
  /** Pixels as [3, size, size], channel by channel. */
  pixels(bytes: Uint8Array, where: string): Promise<Float32Array>;
}

/** Creates the preprocessor that preprocessor_config.json describes. */
export function createPreprocessor({ dir, preprocessor: config }: ModelFolder): Preprocessor {
  const size = squareSize(config);
  if (size === undefined) {
    throw new InputError({
      where: `"${dir}/preprocessor_config.json"`,
      rule: "size or crop_size must give one square size",
      got: JSON.stringify({ size: config.size, crop_size: config.crop_size }),
    });
  }
  const factor = config.do_rescale === false ? 1 : (config.rescale_factor ?? 1 / 255);
  const normalise = config.do_normalize !== false;
  const mean = (normalise && config.image_mean) || [0, 0, 0];
  const std = (normalise && config.image_std) || [1, 1, 1];
  return {
    size,
    async pixels(bytes, where) {
      const { pixels } = await fitSquare(await decodeImage(bytes, { where }), size);
      const area = size * size;
      const result = new Float32Array(3 * area);
      for (let c = 0; c < 3; c++) {
        for (let i = 0; i < area; i++)
          result[c * area + i] = (pixels[i * 3 + c]! * factor - mean[c]!) / std[c]!;
      }
      return result;
    },
  };
}

function squareSize({ size, crop_size, do_center_crop }: PreprocessorConfig): number | undefined {
  const given = do_center_crop !== false && crop_size !== undefined ? crop_size : size;
  if (given === undefined || typeof given === "number") return given;
  if ("shortest_edge" in given) return given.shortest_edge;
  return given.width === given.height ? given.width : undefined;
}
