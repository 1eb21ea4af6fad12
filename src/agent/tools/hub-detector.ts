// Detectors of the Hugging Face hub behind the tools: opened by the first picture, from the local cache unless downloads
// are allowed.
import type { HubDetector, HubDetectorOptions } from "../../model/transformers-detector.ts";
import type { DetectedThing, Detector } from "./detector.ts";

/** Finds what it is told in words. */
export interface Locator {
  /** Names the backend in results. */
  name: string;
  locate(bytes: Uint8Array, text: string, options: { signal?: AbortSignal }): Promise<DetectedThing[]>;
}

type Settings = Omit<HubDetectorOptions, "openVocabulary">;

/** A detector with a list of its own, such as "Xenova/detr-resnet-50" (the 80 kinds of thing of COCO). */
export function hubDetector(source: string, options: Settings = {}): Detector & { dispose(): Promise<void> } {
  const { open, dispose } = detectorOf(source, options);
  return {
    name: source,
    vocabulary: async () => (await open()).vocabulary,
    detect: async (bytes, settings) => (await open()).detect(bytes, settings),
    dispose,
  };
}

/** A detector that is told in words what to look for, such as "Xenova/owlvit-base-patch32". */
export function hubLocator(source: string, options: Settings = {}): Locator & { dispose(): Promise<void> } {
  const { open, dispose } = detectorOf(source, { ...options, openVocabulary: true });
  return {
    name: source,
    locate: async (bytes, text, settings) => (await open()).detect(bytes, { labels: [text], ...settings }),
    dispose,
  };
}

function detectorOf(source: string, options: HubDetectorOptions) {
  return openedOnce<HubDetector>(async () => {
    const { openHubDetector } = await import("../../model/transformers-detector.ts");
    return openHubDetector(source, options);
  });
}

/** What is loaded by its first use and given back by `dispose`; a load that failed is tried again. */
export function openedOnce<T extends { dispose(): Promise<unknown> }>(load: () => Promise<T>) {
  let opened: Promise<T> | undefined;
  return {
    open() {
      opened ??= load().catch((error: unknown) => {
        opened = undefined;
        throw error;
      });
      return opened;
    },
    async dispose() {
      const closing = opened;
      opened = undefined;
      await (await closing)?.dispose();
    },
  };
}
