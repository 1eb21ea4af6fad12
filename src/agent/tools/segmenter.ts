// Who finds the pixels of one thing: a promptable network of the hub, or GrabCut.
import type { Raster } from "../../media/index.ts";
import type { HubSegmenter, SegmentPrompt } from "../../model/transformers-segmenter.ts";
import { openedOnce } from "./hub-detector.ts";

export type { SegmentPrompt };

/** Finds the pixels of one thing. */
export interface Segmenter {
  /** Names the backend in results. */
  name: string;
  /** It can be told by points on the thing and beside it, not only by a box. */
  takesPoints: boolean;
  /** One byte a pixel of the picture, 1 where the thing is. */
  segment(picture: Raster, prompt: SegmentPrompt, options: { signal?: AbortSignal }): Promise<Uint8Array>;
}

/** A network of the SAM family, such as "Xenova/slimsam-77-uniform", opened by the first picture. */
export function hubSegmenter(
  source: string,
  options: { download?: boolean; cacheDir?: string } = {},
): Segmenter & { dispose(): Promise<void> } {
  const { open, dispose } = openedOnce<HubSegmenter>(async () => {
    const { openHubSegmenter } = await import("../../model/transformers-segmenter.ts");
    return openHubSegmenter(source, options);
  });
  return {
    name: source,
    takesPoints: true,
    segment: async (picture, prompt, settings) =>
      (await (await open()).segment(picture, prompt, settings)).mask,
    dispose,
  };
}
