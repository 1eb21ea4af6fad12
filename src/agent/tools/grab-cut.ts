// GrabCut (Rother, Kolmogorov and Blake 2004) by OpenCV, compiled to WebAssembly: colours inside and outside a box are
// modelled, and the cheapest border between them is cut. It needs colours that differ and knows nothing of things: the
// honest fallback where no promptable network is at hand. The package is optional, and is loaded by the first picture.
import { createRequire } from "node:module";
import { assert, SetupError } from "../../errors/index.ts";
import { resizeImage } from "../../media/index.ts";
import { sleep } from "../../util/sleep.ts";
import type { Segmenter } from "./segmenter.ts";

const packageName = "@techstark/opencv-js";
/** Larger pictures are cut at this longest side: time grows with the pixels. */
const maxSide = 384;
const rounds = 4;

/** The part of OpenCV that is used here. */
interface OpenCv {
  Mat: { new (): Mat; new (rows: number, columns: number, type: number): Mat };
  Rect: new (x: number, y: number, width: number, height: number) => object;
  CV_8UC1: number;
  CV_8UC3: number;
  GC_INIT_WITH_RECT: number;
  grabCut(image: Mat, mask: Mat, box: object, back: Mat, front: Mat, rounds: number, mode: number): void;
}
interface Mat {
  data: Uint8Array;
  delete(): void;
}

/** Makes the segmenter. @param options.from file URL from which the package is looked up, this file by default */
export function grabCut({ from = import.meta.url }: { from?: string } = {}): Segmenter {
  let opened: Promise<{ cv: OpenCv }> | undefined;
  return {
    name: "grabcut",
    takesPoints: false,
    async segment(picture, prompt, { signal }) {
      assert("box" in prompt, "grabCut", "must be given a box", "points");
      const [x1, y1, x2, y2] = prompt.box;
      opened ??= openCv(from).catch((error: unknown) => {
        opened = undefined;
        throw error;
      });
      const { cv } = await opened;
      const scale = Math.min(1, maxSide / Math.max(picture.width, picture.height));
      const width = Math.max(1, Math.round(picture.width * scale));
      const height = Math.max(1, Math.round(picture.height * scale));
      const small = await resizeImage(picture, width, height);
      signal?.throwIfAborted();
      // A border stays outside, or there is nothing to tell the background from.
      const left = Math.min(width - 2, Math.max(1, Math.floor(x1 * scale)));
      const top = Math.min(height - 2, Math.max(1, Math.floor(y1 * scale)));
      const right = Math.min(width - 1, Math.max(left + 1, Math.ceil(x2 * scale)));
      const bottom = Math.min(height - 1, Math.max(top + 1, Math.ceil(y2 * scale)));
      const [image, mask] = [new cv.Mat(height, width, cv.CV_8UC3), new cv.Mat(height, width, cv.CV_8UC1)];
      const [back, front] = [new cv.Mat(), new cv.Mat()];
      try {
        image.data.set(small.pixels);
        const box = new cv.Rect(left, top, right - left, bottom - top);
        cv.grabCut(image, mask, box, back, front, rounds, cv.GC_INIT_WITH_RECT);
        const found = new Uint8Array(picture.width * picture.height);
        for (let y = 0, i = 0; y < picture.height; y++)
          for (let x = 0; x < picture.width; x++, i++) {
            const at =
              Math.min(height - 1, Math.floor(y * scale)) * width +
              Math.min(width - 1, Math.floor(x * scale));
            // 1 is foreground, 3 is probably foreground.
            found[i] = mask.data[at]! & 1;
          }
        return found;
      } finally {
        for (const matrix of [image, mask, back, front]) matrix.delete();
      }
    },
  };
}

async function openCv(from: string): Promise<{ cv: OpenCv }> {
  let cv: OpenCv;
  try {
    cv = createRequire(from)(packageName) as OpenCv;
  } catch (cause) {
    throw new SetupError({
      where: "segment",
      rule: `segmenting needs the package ${packageName}, which is not installed`,
      hint: `Run: npm install ${packageName}@4.12.0-release.1`,
      cause,
    });
  }
  // The module is filled in while its WebAssembly starts. It looks like a promise, and waiting for it would not end:
  // so it is polled, and handed on inside an object.
  for (let waited = 0; !cv.Mat; waited += 20) {
    if (waited > 20_000) throw new SetupError({ where: "segment", rule: "OpenCV must start within 20 s" });
    await sleep(20);
  }
  return { cv };
}
