// Against the processors of transformers, by the gold of scripts/gold/processors.py.
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decodeImage } from "../media/index.ts";
import { readSafetensors } from "../tune/safetensors.ts";
import { readPictureProcessor } from "./picture-processor.ts";

const fixtures = path.join(import.meta.dirname, "../../test/fixtures/processors");
let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "sightline-processor-"));
});
afterAll(() => rm(root, { recursive: true }));

const picture = async (i: number) => decodeImage(await readFile(path.join(fixtures, `pictures/${i}.png`)));

test.each(["llava", "smolvlm"])("%s: pixels are those of transformers, to the last byte", async (name) => {
  const dir = path.join(fixtures, name);
  const processor = await readPictureProcessor(dir);
  expect([processor.side, processor.splits]).toEqual([16, false]);
  const { tensors } = await readSafetensors(path.join(dir, "gold.safetensors"));
  // A difference of one byte would be 1 / 255 / 0.28 = 0.014 or more.
  for (let i = 0; i < 3; i++) {
    const numbers = new Float32Array(768);
    const image = await picture(i);
    const [square, ...others] = processor.squares(image, "picture");
    expect([others, processor.grid(image)]).toEqual([[], { rows: 0, columns: 0 }]);
    processor.normalise(square!.pixels, numbers);
    const wanted = tensors.get(`pixels.${i}`)!.data;
    const furthest = numbers.reduce((most, value, at) => Math.max(most, Math.abs(value - wanted[at]!)), 0);
    expect(furthest).toBeLessThan(1e-6);
  }
});

/** A folder whose preprocessor_config.json is that of `name` with some fields changed. */
async function changed(name: string, fields: object): Promise<string> {
  const dir = await mkdtemp(path.join(root, "folder-"));
  const config = JSON.parse(await readFile(path.join(fixtures, name, "preprocessor_config.json"), "utf8"));
  await writeFile(path.join(dir, "preprocessor_config.json"), JSON.stringify({ ...config, ...fields }));
  return dir;
}

test("older files: numbers as sizes, the extractor's name; and the processor's own file", async () => {
  const old = await changed("llava", {
    size: 16,
    crop_size: 16,
    image_processor_type: undefined,
    feature_extractor_type: "CLIPFeatureExtractor",
  });
  const [now, then] = [
    await readPictureProcessor(path.join(fixtures, "llava")),
    await readPictureProcessor(old),
  ];
  const image = await picture(0);
  expect(then.squares(image, "")).toEqual(now.squares(image, ""));
  const nested = await mkdtemp(path.join(root, "folder-"));
  const config = await readFile(path.join(fixtures, "llava/preprocessor_config.json"), "utf8");
  await writeFile(path.join(nested, "processor_config.json"), `{ "image_processor": ${config} }`);
  expect((await readPictureProcessor(nested)).side).toBe(16);
  const split = await changed("smolvlm", { do_image_splitting: undefined });
  expect((await readPictureProcessor(split)).splits).toBe(true);
  expect((await readPictureProcessor(split, { splitting: false })).splits).toBe(false);
});

test("what is not known is refused", async () => {
  const bad: [string, object, string][] = [
    [
      "llava",
      { image_processor_type: "PixtralImageProcessor" },
      'must be that of CLIP, Llava, Siglip, Idefics3, SmolVLM, got "PixtralImageProcessor".',
    ],
    ["llava", { resample: 0 }, "resample must be 1 (Lanczos), 2 (bilinear) or 3 (bicubic), got 0."],
    ["llava", { do_pad: true }, "bars around a picture (do_pad) are not supported, got do_pad: true."],
    [
      "llava",
      { crop_size: { height: 20, width: 20 } },
      "size and crop_size must give one square, cut out of the resized picture, got",
    ],
    ["llava", { do_resize: false }, "must describe how pictures are made ready, got do_resize: "],
    ["llava", { image_mean: null }, "got image_mean: "],
    ["smolvlm", { max_image_size: undefined }, "size and max_image_size must give a longest_edge, got"],
  ];
  for (const [name, fields, message] of bad)
    await expect(readPictureProcessor(await changed(name, fields))).rejects.toThrow(message);
  const empty = await mkdtemp(path.join(root, "folder-"));
  await expect(readPictureProcessor(empty)).rejects.toThrow(
    `${empty}: must say how pictures are made ready, got no preprocessor_config.json. Copy preprocessor_config.json`,
  );
  const broken = await mkdtemp(path.join(root, "folder-"));
  await cp(path.join(fixtures, "llava/chat_template.jinja"), path.join(broken, "preprocessor_config.json"));
  await expect(readPictureProcessor(broken)).rejects.toThrow("preprocessor_config.json: must be JSON, got");
  const long = { width: 20000, height: 1, channels: 3 as const, pixels: new Uint8Array(60000) };
  const large = await readPictureProcessor(await changed("llava", { size: 600, crop_size: 600 }));
  expect(() => large.squares(long, '"long.png"')).toThrow(
    '"long.png": must have at most 40 million pixels when it is resized, got 20000 x 1, resized to 12000000 x 600.',
  );
});
