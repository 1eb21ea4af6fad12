import { describe, expect, it } from "vitest";
import { encodePng } from "../../media/index.ts";
import type { ModelFolder, PreprocessorConfig } from "./check-folder.ts";
import { createPreprocessor } from "./preprocess.ts";

const create = (preprocessor: PreprocessorConfig) =>
  createPreprocessor({ dir: "/m", preprocessor } as ModelFolder);

describe("createPreprocessor", () => {
  it("gives normalised channels one after another", async () => {
    const pixels = Uint8Array.from([255, 0, 51, 0, 255, 51, 255, 255, 51, 0, 0, 51]);
    const png = await encodePng(pixels, 2, 2);
    const { pixels: prepare, size } = create({
      size: { width: 2, height: 2 },
      image_mean: [0.5, 0.5, 0.2],
      image_std: [0.5, 0.25, 0.1],
    });
    expect(size).toBe(2);
    const result = await prepare(png, "picture");
    const expected = [1, -1, 1, -1, -2, 2, 2, -2, 0, 0, 0, 0];
    expect(result).toHaveLength(12);
    expected.forEach((value, i) => {
      expect(result[i]).toBeCloseTo(value, 5);
    });
  });

  it("shows a wide picture whole, between bars in the colour of its border", async () => {
    const png = await encodePng(new Uint8Array(4 * 2 * 3).fill(204), 4, 2);
    const result = await create({ size: 4, do_normalize: false }).pixels(png, "picture");
    expect(result).toHaveLength(48);
    for (const x of result) expect(x).toBeCloseTo(0.8, 5);
  });

  it("takes the crop size when pictures are cropped, as LLaVA's are", () => {
    expect(create({ size: { shortest_edge: 40 }, crop_size: { width: 36, height: 36 } }).size).toBe(36);
    expect(create({ size: { shortest_edge: 40 } }).size).toBe(40);
    expect(create({ size: 40, crop_size: 36, do_center_crop: false }).size).toBe(40);
  });

  it("names the picture that it cannot read", async () => {
    await expect(create({ size: 4 }).pixels(new Uint8Array(0), "prompt[0].content[1]")).rejects.toThrow(
      "prompt[0].content[1]: must be a picture, got 0 bytes. Use a PNG, JPEG, WebP, GIF, AVIF or TIFF file.",
    );
  });
});
