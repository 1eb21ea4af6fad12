// Detectors of the Hugging Face hub, run by transformers.js: a folder with ONNX weights or a hub id. DETR and its kin find
// the things of their own list; OWL-ViT and its kin find what they are told in words.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { InputError, SetupError } from "../errors/index.ts";
import { decodeImage } from "../media/index.ts";
import type { Box } from "../spec/index.ts";
import { openHubSource } from "./hub-source.ts";
import type { DownloadOptions } from "./transformers.ts";

/** What a hub detector found. */
export interface HubDetection {
  name: string;
  /** In pixels of the picture. */
  box: Box;
  /** 0 to 1. */
  score: number;
}

export interface HubDetector extends AsyncDisposable {
  /** The source it was opened from. */
  name: string;
  /** Everything on its own list; empty for a detector that is told in words. */
  vocabulary: string[];
  /** Finds things; `labels` is what to look for, for a detector that is told in words. */
  detect(bytes: Uint8Array, options?: { labels?: string[]; signal?: AbortSignal }): Promise<HubDetection[]>;
  dispose(): Promise<void>;
}

export interface HubDetectorOptions extends DownloadOptions {
  /** Finds what it is told in words, instead of the things of its list. @default false */
  openVocabulary?: boolean;
  /** Lower scores are left out. @default 0.5, or 0.1 with an open vocabulary, whose scores are lower */
  threshold?: number;
}

/** Opens a detector. Weights that are not there are fetched only with `download`. */
export async function openHubDetector(
  source: string,
  { openVocabulary = false, threshold = openVocabulary ? 0.1 : 0.5, ...options }: HubDetectorOptions = {},
): Promise<HubDetector> {
  const where = `detector "${source}"`;
  const hint = "Allow downloads to fetch it from the Hugging Face hub.";
  const { library, from, folder, loading } = await openHubSource(source, { ...options, where, hint });
  const task = openVocabulary ? "zero-shot-object-detection" : "object-detection";
  let run: Pipe;
  try {
    run = (await library.pipeline(task, from, { ...loading, dtype: "fp32" })) as unknown as Pipe;
  } catch (cause) {
    const got = (cause instanceof Error ? cause.message : String(cause)).split("\n")[0]!.slice(0, 300);
    throw new SetupError({ where, rule: "the detector cannot be opened", got, cause });
  }
  const dispose = () => run.dispose();
  return {
    name: source,
    vocabulary: openVocabulary ? [] : await labelsOf(folder),
    dispose,
    [Symbol.asyncDispose]: dispose,
    async detect(bytes, { labels = [], signal } = {}) {
      if (openVocabulary && labels.length === 0)
        throw new InputError({ where, rule: "must be told what to look for", got: "no labels" });
      const { pixels, width, height } = await decodeImage(bytes, { where });
      signal?.throwIfAborted();
      const image = new library.RawImage(pixels, width, height, 3);
      const found = openVocabulary
        ? await run(image, labels, { threshold })
        : await run(image, { threshold });
      const inside = (value: number, most: number) => Math.min(most, Math.max(0, Math.round(value)));
      return found.map(({ label, score, box: { xmin, ymin, xmax, ymax } }) => ({
        name: label,
        box: [inside(xmin, width), inside(ymin, height), inside(xmax, width), inside(ymax, height)],
        score,
      }));
    },
  };
}

interface Found {
  label: string;
  score: number;
  box: { xmin: number; ymin: number; xmax: number; ymax: number };
}
type Pipe = ((image: unknown, ...rest: unknown[]) => Promise<Found[]>) & { dispose(): Promise<void> };

async function labelsOf(folder: string): Promise<string[]> {
  const text = await readFile(path.join(folder, "config.json"), "utf8").catch(() => "{}");
  const { id2label } = JSON.parse(text) as { id2label?: Record<string, string> };
  return [...new Set(Object.values(id2label ?? {}))].filter((label) => !/^(N\/A|LABEL_\d+)$/.test(label));
}
