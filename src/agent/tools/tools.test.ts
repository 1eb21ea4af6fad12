// The tools on real backends: the bundled model's grounding on scenes whose truth is known, ZXing on codes that ZXing
// wrote, and pixels that were set by hand.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { prepareZXingModule, writeBarcode } from "zxing-wasm/writer";
import {
  concepts,
  encodeScene,
  loadWorld,
  makeScene,
  type Scene,
  stylesOf,
  type World,
} from "../../data/scenes/index.ts";
import { decodeImage, encodePng } from "../../media/index.ts";
import type { Encoder, Tool, ToolContext, ToolImage } from "../../spec/index.ts";
import { groundingFolder } from "../../testing/grounding-folder.ts";
import { mockModel } from "../../testing/index.ts";
import {
  calculate,
  type Detector,
  hubLocator,
  type Locator,
  type VisionTools,
  visionTools,
} from "./index.ts";

const writerFile = createRequire(import.meta.url).resolve("zxing-wasm/writer/zxing_writer.wasm");
let dir: string;
let world: World;
let tools: VisionTools;
let scenes: Scene[];
const model = mockModel("a red ball");
beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), "sightline-tools-"));
  tools = visionTools({ groundingDir: await groundingFolder(dir), model });
  prepareZXingModule({ overrides: { wasmBinary: Uint8Array.from(await readFile(writerFile)).buffer } });
  world = await loadWorld({ styles: stylesOf("val") });
  scenes = Array.from({ length: 10 }, (_, index) => makeScene(world, { split: "val", seed: 5, index }));
});
afterAll(async () => {
  await tools?.dispose();
  await rm(dir, { recursive: true });
});

const tool = (name: string, from: Tool[] = tools) => from.find((one) => one.name === name)!;
const image = (bytes: Uint8Array): ToolImage => ({ handle: "image_1", bytes, mediaType: "image/png" });
const showing = (bytes: Uint8Array): ToolContext => ({
  image: (handle) => (handle === "image_1" ? image(bytes) : undefined),
});
const nothing: ToolContext = { image: () => undefined };
/** A picture of one colour with another in its left half. */
const halves = (width: number, height: number) => {
  const pixels = new Uint8Array(width * height * 3).fill(255);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width / 2; x++) pixels.set([255, 0, 0], (y * width + x) * 3);
  return encodePng(pixels, width, height);
};

test("every tool has a name of its own, an object schema that names its pictures as handles, and no side effects", () => {
  expect(new Set(tools.map(({ name }) => name)).size).toBe(tools.length);
  for (const { name, description, inputSchema, sideEffects } of tools) {
    expect(description.length, name).toBeGreaterThan(20);
    expect(inputSchema, name).toMatchObject({ type: "object", additionalProperties: false });
    expect(sideEffects).toBe(false);
    expect(JSON.stringify(inputSchema)).not.toMatch(/path|file/i);
  }
});

test("input that does not fit, and a handle that names nothing, are said in one line", async () => {
  const context = showing(await halves(8, 8));
  await expect(tool("crop").run({ image: "image_1", box: [1, 2, 3] }, context)).rejects.toThrow(
    /^crop: box: /,
  );
  await expect(
    tool("crop").run({ image: "image_1", box: [1, 2, 3, 4], path: "/etc" }, context),
  ).rejects.toThrow(/"path"/);
  await expect(tool("detect").run({ image: "/etc/passwd" }, context)).rejects.toThrow(
    'image: must be the handle of a picture, got "/etc/passwd".',
  );
  await expect(tool("crop").run({ image: "image_1", box: [20, 20, 30, 30] }, context)).rejects.toThrow(
    "box: must lie in the picture of 8 x 8 pixels, got [20, 20, 30, 30].",
  );
});

describe("on drawn scenes", () => {
  test("detect and count agree with most of the truth", async () => {
    let [kinds, counted, located] = [0, 0, 0];
    for (const scene of scenes) {
      const context = showing(await encodeScene(scene));
      for (const concept of new Set(scene.objects.map((object) => object.concept))) {
        const { name } = concepts[concept]!;
        const truth = scene.objects.filter((object) => object.concept === concept);
        const { value, backend } = await tool("count").run({ image: "image_1", name }, context);
        expect(backend).toBe("tiny-grounding");
        const { count } = value as { count: number };
        kinds++;
        if (count === truth.length) counted++;
        const detected = await tool("detect").run({ image: "image_1", name }, context);
        const { objects } = detected.value as { objects: { box: number[] }[] };
        expect(objects).toHaveLength(count);
        const [x, y] = truth[0]!.center;
        if (objects.some(({ box: [a, b, c, d] }) => a! <= x && x <= c! && b! <= y && y <= d!)) located++;
      }
    }
    expect(counted / kinds).toBeGreaterThan(0.6);
    expect(located / kinds).toBeGreaterThan(0.6);
  });

  test("a name in the plural is found; one that is not on the list is said, not counted as none", async () => {
    const scene = scenes.find(({ objects }) => objects.length > 0)!;
    const context = showing(await encodeScene(scene));
    const { name, plural } = concepts[scene.objects[0]!.concept]!;
    const one = await tool("count").run({ image: "image_1", name }, context);
    if (plural === `${name}s`) {
      const many = await tool("count").run({ image: "image_1", name: plural.toUpperCase() }, context);
      expect((many.value as { count: number }).count).toBe((one.value as { count: number }).count);
    }
    const none = await tool("count").run({ image: "image_1", name: "girafe" }, context);
    expect(none.value).toMatchObject({
      count: 0,
      note: '"girafe" is not on this tool\'s list; did you mean "giraffe"?',
    });
  });

  test("words are read, and nothing is read where nothing stands", async () => {
    const empty = scenes.filter(({ word }) => !word);
    const signs = Array.from({ length: 8 }, (_, index) =>
      makeScene(world, { split: "val", seed: 5, index, kind: "word" }),
    );
    const read = async (scene: Scene) => {
      const { value } = await tool("ocr").run({ image: "image_1" }, showing(await encodeScene(scene)));
      return (value as { text: string }).text;
    };
    for (const scene of empty) expect(await read(scene)).toBe("");
    let right = 0;
    for (const scene of signs) if ((await read(scene)) === scene.word!.text) right++;
    expect(right / signs.length).toBeGreaterThan(0.6);
  });

  test("classify weighs labels; one that the model has no word for is refused", async () => {
    const scene = scenes.find(({ objects }) => objects.length === 1)!;
    const { name } = concepts[scene.objects[0]!.concept]!;
    const context = showing(await encodeScene(scene));
    const other = name === "dog" ? "cat" : "dog";
    const { value } = await tool("classify").run({ image: "image_1", labels: [other, name] }, context);
    expect((value as { label: string }).label).toBe(name);
    await expect(
      tool("classify").run({ image: "image_1", labels: ["dog", "sadness"] }, context),
    ).rejects.toThrow('classify: labels must be things that this model can name, got "sadness".');
  });
});

test("a detector of one's own takes the place of the grounding", async () => {
  const detector: Detector = {
    name: "mine",
    vocabulary: async () => ["dog", "leaf"],
    detect: async () => [
      { name: "leaf", box: [50, 0, 60, 10], score: 0.511 },
      { name: "dog", box: [0, 0, 10, 10], score: 1 },
    ],
  };
  const own = visionTools({ detector });
  const context = showing(await halves(8, 8));
  const { value, backend } = await tool("detect", own).run({ image: "image_1" }, context);
  expect([value, backend]).toEqual([
    {
      objects: [
        { name: "dog", box: [0, 0, 10, 10], score: 1 },
        { name: "leaf", box: [50, 0, 60, 10], score: 0.51 },
      ],
    },
    "mine",
  ]);
  const leaves = await tool("count", own).run({ image: "image_1", name: "leaves" }, context);
  expect(leaves.value).toMatchObject({ count: 1, boxes: [[50, 0, 60, 10]] });
});

test("locate gives the surest first; without weights the error says where they were looked for", async () => {
  const locator: Locator = {
    name: "words",
    locate: async (_, text) => [
      { name: text, box: [0, 0, 5, 5], score: 0.2 },
      { name: text, box: [5, 5, 9, 9], score: 0.7 },
    ],
  };
  const input = { image: "image_1", text: "red ball" };
  const context = showing(await halves(8, 8));
  const { value, backend } = await tool("locate", visionTools({ locator })).run(input, context);
  expect([value, backend]).toEqual([
    {
      objects: [
        { name: "red ball", box: [5, 5, 9, 9], score: 0.7 },
        { name: "red ball", box: [0, 0, 5, 5], score: 0.2 },
      ],
    },
    "words",
  ]);
  const none = hubLocator("owner/none", { cacheDir: dir });
  await expect(tool("locate", visionTools({ locator: none })).run(input, context)).rejects.toThrow(
    /the weights are not in ".*none"\. Allow downloads/,
  );
});

test("an encoder of texts and pictures weighs labels by how near they are", async () => {
  const encoder: Encoder = {
    id: "mini-clip",
    dimensions: 2,
    embed: async ({ texts = [], images = [] }) => [
      ...texts.map((text) => Float32Array.from(text.includes("dog") ? [1, 0] : [0, 1])),
      ...images.map(() => Float32Array.from([0.6, 0.8])),
    ],
  };
  const { value, backend } = await tool("classify", visionTools({ encoder })).run(
    { image: "image_1", labels: ["a dog", "a cat"] },
    showing(await halves(8, 8)),
  );
  expect([(value as { label: string }).label, backend]).toEqual(["a cat", "mini-clip"]);
});

test("crop and zoom give new pictures with handles below the old one", async () => {
  const context = showing(await halves(40, 20));
  const crop = await tool("crop").run({ image: "image_1", box: [30, -5, 10, 15] }, context);
  expect(crop.value).toEqual({ image: "image_1/crop_1", box: [10, 0, 30, 15] });
  const cut = await decodeImage(crop.images![0]!.bytes);
  expect([cut.width, cut.height, [...cut.pixels.subarray(0, 3)]]).toEqual([20, 15, [255, 0, 0]]);
  const zoom = await tool("zoom").run({ image: "image_1", box: [0, 0, 20, 10], factor: 3 }, context);
  expect(zoom.value).toMatchObject({ image: "image_1/zoom_1", width: 60, height: 30 });
});

test("draw marks a copy", async () => {
  const bytes = await halves(60, 60);
  const marks = [{ box: [40, 10, 55, 50], label: "ball" }];
  const { images } = await tool("draw").run({ image: "image_1", boxes: marks }, showing(bytes));
  const [before, after] = await Promise.all([decodeImage(bytes), decodeImage(images![0]!.bytes)]);
  const at = (y: number, x: number) => (y * 60 + x) * 3;
  expect([...after.pixels.subarray(at(40, 40), at(40, 41))]).not.toEqual([255, 255, 255]);
  expect(after.pixels.subarray(0, 3)).toEqual(before.pixels.subarray(0, 3));
});

test("colors names what a box shows", async () => {
  const context = showing(await halves(40, 20));
  const whole = await tool("colors").run({ image: "image_1" }, context);
  expect(whole.value).toMatchObject({
    colors: [
      { name: "red", share: 0.5 },
      { name: "white", share: 0.5 },
    ],
  });
  const left = await tool("colors").run({ image: "image_1", box: [0, 0, 20, 20] }, context);
  expect(left.value).toMatchObject({ colors: [{ name: "red", hex: "#ff0000", share: 1 }] });
});

test.each(["QRCode", "EAN-13", "Code128"] as const)("barcode reads %s", async (format) => {
  const text = format === "EAN-13" ? "5901234123457" : "SIGHTLINE-42";
  const { image: png } = await writeBarcode(text, {
    format: format.replace("-", "") as "QRCode",
    scale: 4,
    addQuietZones: true,
  });
  const bytes = new Uint8Array(await png!.arrayBuffer());
  const { value, backend } = await tool("barcode").run({ image: "image_1" }, showing(bytes));
  expect(backend).toBe("zxing");
  expect(value).toMatchObject({ codes: [{ text }] });
});

test("a picture without a code has none", async () => {
  const { value } = await tool("barcode").run({ image: "image_1" }, showing(await halves(64, 64)));
  expect(value).toEqual({ codes: [] });
});

test("ask and caption show the model only that picture and the question", async () => {
  const bytes = await halves(8, 8);
  const { value, backend } = await tool("ask").run(
    { image: "image_1", question: "What is it?" },
    showing(bytes),
  );
  expect([value, backend]).toEqual([{ answer: "a red ball" }, "mock"]);
  expect(model.calls.at(-1)!.prompt).toEqual([
    {
      role: "user",
      content: [
        { type: "file", mediaType: "image/png", data: { type: "data", data: bytes } },
        { type: "text", text: "What is it?" },
      ],
    },
  ]);
  const caption = await tool("caption").run({ image: "image_1" }, showing(bytes));
  expect(caption.value).toEqual({ caption: "a red ball" });
});

test("relate and measure are geometry", async () => {
  const { value } = await tool("relate").run({ a: [0, 0, 10, 10], b: [40, 0, 60, 20] }, nothing);
  expect(value).toMatchObject({
    directions: ["left of"],
    inside: false,
    overlap: 0,
    gap: 30,
    sizeRatio: 0.25,
  });
  const inside = await tool("relate").run({ a: [12, 12, 14, 14], b: [10, 10, 20, 20] }, nothing);
  expect(inside.value).toMatchObject({ inside: true, contains: false, directions: ["left of", "above"] });
  const boxes = [
    [0, 0, 10, 10],
    [20, 0, 30, 40],
  ];
  const measured = await tool("measure").run({ image: "image_1", boxes }, showing(await halves(40, 20)));
  expect(measured.value).toMatchObject({
    largest: 1,
    smallest: 0,
    boxes: [{ area: 100, share: 0.125 }, { center: [25, 20] }],
  });
});

describe("calculate", () => {
  test.each([
    ["1 + 2 * 3", 7],
    ["(1 + 2) * 3", 9],
    ["-2^2", -4],
    ["2^3^2", 512],
    ["2^-1", 0.5],
    ["10 % 4 / 2", 1],
    ["0.1 + 0.2", 0.3],
    ["max(1, 2, sqrt(16)) - abs(-1)", 3],
    ["6 ÷ 3 × 2", 4],
    ["1e3", 1000],
  ])("%s = %d", (expression, value) => {
    expect(calculate(expression)).toBe(value);
  });

  test.each([
    ["1 / 0", "must not divide by zero"],
    ["process.exit()", 'cannot read this, got "process"'],
    ["constructor(1)", 'cannot read this, got "constructor"'],
    ["1 +", "ends too early"],
    ["(1", 'needs ")"'],
    ["1 2", 'cannot read this, got "2"'],
    ["9^9^9", "must have a finite value"],
    ["(".repeat(400), "must nest at most 100 deep"],
    ["2^".repeat(240), "must nest at most 100 deep"],
  ])("%.20s is refused", (expression, rule) => {
    expect(() => calculate(expression)).toThrow(rule);
  });

  test("sums of products of any whole numbers are right", () => {
    const small = fc.integer({ min: -99, max: 99 });
    fc.assert(
      fc.property(small, small, small, (a, b, c) => {
        expect(calculate(`${a} - ${b} * (${c})`)).toBe(a - b * c || 0);
      }),
    );
  });
});
