// The vision tools. Which backend a tool has is chosen here, once; the tools themselves know only the interfaces.
import { InputError } from "../../errors/index.ts";
import { bundledModel, resolveModel } from "../../model/index.ts";
import type { Encoder, LanguageModel } from "../../spec/index.ts";
import { once } from "../../util/once.ts";
import { askTool, captionTool } from "./ask.ts";
import { barcodeTool } from "./barcode.ts";
import { calculateTool } from "./calculate.ts";
import { type ChartReader, colorChartReader } from "./chart/chart-reader.ts";
import { classifyTool } from "./classify.ts";
import { colorsTool } from "./colors.ts";
import { cropTool, zoomTool } from "./crop.ts";
import { countTool, detectTool } from "./detect.ts";
import { type Detector, groundingEye } from "./detector.ts";
import { drawTool } from "./draw.ts";
import { grabCut } from "./grab-cut.ts";
import { hubLocator, type Locator } from "./hub-detector.ts";
import { inParts } from "./in-parts.ts";
import { locateTool } from "./locate.ts";
import { measureTool } from "./measure.ts";
import { groundingReader, ocrTool, type Reader } from "./ocr.ts";
import { ppOcrReader } from "./pp-ocr.ts";
import { queryChartTool, queryTableTool } from "./query-table.ts";
import { readChartTool } from "./read-chart.ts";
import { relateTool } from "./relate.ts";
import { segmentTool } from "./segment.ts";
import type { Segmenter } from "./segmenter.ts";
import { unloadWhenShort } from "./unload.ts";
import type { VisionTool } from "./vision-tool.ts";

export { calculate } from "./calculate.ts";
export { type CenterNetOptions, centerNet } from "./center-net.ts";
export { type ChartReader, type ChartRow, type ChartTable, colorChartReader } from "./chart/chart-reader.ts";
export type { DetectedThing, Detector, GroundingEye } from "./detector.ts";
export { groundingEye } from "./detector.ts";
export { grabCut } from "./grab-cut.ts";
export { hubDetector, hubLocator, type Locator } from "./hub-detector.ts";
export { groundingReader, type Reader, type TextLine } from "./ocr.ts";
export { ppOcrReader } from "./pp-ocr.ts";
export { hubSegmenter, type Segmenter, type SegmentPrompt } from "./segmenter.ts";
export { type VisionTool, visionTool } from "./vision-tool.ts";

export interface VisionToolsOptions {
  /** Finds things. @default the grounding of the bundled model, which knows the things of drawn scenes */
  detector?: Detector;
  /** Finds what it is told in words. @default OWL-ViT of the Hugging Face hub, when its weights are in the cache */
  locator?: Locator;
  /** Reads text: letters of drawn scenes, or pages and photos (PP-OCRv4, an optional package). @default "scenes" */
  reader?: "scenes" | "pp-ocr" | Reader;
  /** Turns charts into tables. @default by colour, with the texts that `reader` reads; the reader of scenes reads no charts */
  charts?: ChartReader;
  /** Finds the pixels of a thing, such as `hubSegmenter(…)`. @default GrabCut by OpenCV, an optional package */
  segmenter?: Segmenter;
  /** Weighs labels, when it embeds texts and pictures in one space. @default the grounding of the bundled model */
  encoder?: Encoder;
  /** The vision model behind `ask` and `caption`, its name, or what opens it when it is first needed. @default "tiny" */
  model?: LanguageModel | string | (() => Promise<LanguageModel>);
  /** Folder of the model whose grounding is used. @default the bundled model */
  groundingDir?: string;
  /**
   * The eye of drawn scenes looks at larger pictures in overlapping parts with sides of so many pixels, and finds small things and
   * long words. @default it sees every picture whole
   */
  partSide?: number;
  /** When fewer bytes of memory than this are free after a use, weights that nobody is using are given back. @default 512 MiB */
  keepFree?: number;
}

/** The tools of a call, which share what they load. */
export type VisionTools = VisionTool[] & AsyncDisposable & { dispose(): Promise<void> };

/** Makes the vision tools. Weights are loaded by the first use of a tool that needs them; `dispose` gives them back. */
export function visionTools({
  detector,
  locator,
  reader = "scenes",
  charts,
  segmenter = grabCut(),
  encoder,
  model = "tiny",
  groundingDir = bundledModel("tiny"),
  partSide,
  keepFree = 512 * 2 ** 20,
}: VisionToolsOptions = {}): VisionTools {
  if (partSide !== undefined && !(Number.isInteger(partSide) && partSide >= 16 && partSide <= 4096))
    throw new InputError({
      where: "visionTools",
      rule: "partSide must be a whole number of pixels from 16 to 4096",
      got: String(partSide),
    });
  const whole = groundingEye(groundingDir);
  const eye = partSide === undefined ? whole : inParts(whole, partSide);
  const finder = detector ?? eye;
  const owlvit = locator ? undefined : hubLocator("Xenova/owlvit-base-patch32");
  const openModel = once(async () => {
    if (typeof model === "string") return resolveModel(model);
    return typeof model === "function" ? model() : model;
  });
  const pages = reader === "pp-ocr" ? ppOcrReader() : undefined;
  const texts = pages ?? (typeof reader === "object" ? reader : groundingReader(eye));
  const chartReader = charts ?? colorChartReader(texts);
  const all: VisionTool[] = [
    detectTool(finder),
    countTool(finder),
    locateTool(locator ?? owlvit!),
    ocrTool(texts),
    readChartTool(chartReader),
    queryChartTool(chartReader),
    queryTableTool(),
    segmentTool(segmenter),
    cropTool(),
    zoomTool(),
    captionTool(openModel),
    askTool(openModel),
    classifyTool(encoder ? { encoder } : { eye }),
    relateTool(),
    measureTool(),
    colorsTool(),
    calculateTool(),
    drawTool(),
    barcodeTool(),
  ];
  const seen = detector ? [] : [eye];
  const textModels = pages ? [pages] : reader === "scenes" ? [eye] : [];
  const tools = unloadWhenShort(
    all,
    {
      ...{ detect: seen, count: seen, classify: encoder ? [] : [eye] },
      ocr: textModels,
      ...{ read_chart: charts ? [] : textModels, query_chart: charts ? [] : textModels },
      locate: owlvit ? [owlvit] : [],
    },
    { keepFree },
  );
  const dispose = async () => {
    await Promise.all([eye.dispose(), pages?.dispose(), owlvit?.dispose()]);
  };
  return Object.assign(tools, { dispose, [Symbol.asyncDispose]: dispose });
}
