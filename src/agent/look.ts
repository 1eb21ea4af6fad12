// High resolution by looking more closely: a model sees a large picture shrunk to its own small input, and small text and
// small things are lost. `look` cuts the picture into overlapping parts, each of which the model then sees larger. A model
// that tells how sure it is sees the whole and each part alone, and its surest answer stands (a simple form of visual
// search, compare V*, arXiv 2312.14135). Any other model is shown all of them in one call (as in LLaVA-NeXT's AnyRes).
import type { JSONValue, LanguageModelV4FilePart } from "@ai-sdk/provider";
import { InputError } from "../errors/index.ts";
import { cropImage, decodeImage, encodePng } from "../media/index.ts";
import { answerParts, type InnerResult, surenessOf, technique, withSureness } from "../model/index.ts";
import type { Box, Technique } from "../spec/index.ts";
import { normaliseAnswer } from "../util/normalise-answer.ts";
import { onlyPicture, type Piece, replacePictures } from "./only-picture.ts";

export interface LookOptions {
  /** Parts along each side of the picture, 2 to 4. @default 2 */
  parts?: number;
  /** Share of a part that the next one shows again, so that what is cut in one is whole in another. @default 0.25 */
  overlap?: number;
  /** Pictures whose longer side has fewer pixels are looked at as they are. @default 200 */
  minSide?: number;
}

/** A yes about a part is a yes about the whole, when it is at least this likely; a no about a part says nothing. */
const minYes = 0.5;

/** Makes the technique that looks at parts of a large picture. Prompts with several pictures, or none, go on as they are. */
export function look({ parts = 2, overlap = 0.25, minSide = 200 }: LookOptions = {}): Technique {
  if (!Number.isInteger(parts) || parts < 2 || parts > 4)
    throw new InputError({ where: "look", rule: "parts must be 2, 3 or 4", got: String(parts) });
  if (!(overlap >= 0 && overlap <= 0.5))
    throw new InputError({ where: "look", rule: "overlap must be from 0 to 0.5", got: String(overlap) });

  return technique(
    "look",
    { parts, overlap, minSide },
    async function* ({ options, query, capabilities, signal, call, forward, emit }) {
      const picture = onlyPicture(options.prompt);
      const raster = picture && (await decodeImage(picture, { where: "look" }));
      if (!raster || Math.max(raster.width, raster.height) < minSide) {
        yield* forward();
        return {};
      }
      const boxes = partsOf(raster.width, raster.height, parts, overlap);
      const views: LanguageModelV4FilePart[] = [];
      for (const box of boxes) {
        signal.throwIfAborted();
        const cut = cropImage(raster, box);
        const data = await encodePng(cut.pixels, cut.width, cut.height);
        views.push({ type: "file", mediaType: "image/png", data: { type: "data", data } });
      }
      emit("picture-cut", { boxes: boxes as unknown as JSONValue });

      if (!capabilities.logprobs) {
        const room = (capabilities.maxImages ?? Number.POSITIVE_INFINITY) - 1;
        const shown = views.slice(0, Math.max(0, room));
        const labelled = shown.flatMap((view, i): Piece[] => [
          {
            type: "text",
            text: `Part of it, x ${boxes[i]![0]} to ${boxes[i]![2]}, y ${boxes[i]![1]} to ${boxes[i]![3]}, enlarged:`,
          },
          view,
        ]);
        yield* forward({ prompt: replacePictures(options.prompt, (whole) => [whole, ...labelled]) });
        return {};
      }
      const providerOptions = withSureness(options.providerOptions);
      const looks: { answer: string; sureness: number; result: InnerResult; view: number }[] = [];
      for (const view of [-1, ...boxes.keys()]) {
        const prompt = view < 0 ? options.prompt : replacePictures(options.prompt, () => [views[view]!]);
        const result = await call({ prompt, providerOptions }, view < 0 ? "whole" : `part-${view + 1}`);
        looks.push({ answer: result.text.trim(), sureness: surenessOf(result), result, view });
      }
      const surest = (list: typeof looks) =>
        list.reduce((best, next) => (next.sureness > best.sureness ? next : best), list[0]!);
      const yes = looks.filter(
        ({ answer, sureness }) => normaliseAnswer(answer) === "yes" && sureness >= minYes,
      );
      // A count of a part is no count of the whole.
      const isCount = /^\d+$/.test(normaliseAnswer(looks[0]!.answer));
      const chosen =
        query.answerType === "number" || (query.answerType === undefined && isCount)
          ? looks[0]!
          : surest(query.answerType === "yes-no" && yes.length > 0 ? yes : looks);
      emit("answer-chosen", {
        view: chosen.view < 0 ? "whole" : `part-${chosen.view + 1}`,
        answers: looks.map(({ answer, sureness }) => ({ answer, sureness: Number(sureness.toFixed(4)) })),
      });
      if (chosen.answer !== "") yield* answerParts(chosen.answer);
      return { finishReason: chosen.result.finishReason };
    },
    { imageBytes: true },
  );
}

/** Boxes of overlapping parts, row by row; each is as large as the others and all pixels are in one. */
function partsOf(width: number, height: number, parts: number, overlap: number): Box[] {
  const along = (length: number): [number, number][] => {
    const size = Math.min(length, Math.ceil(length / (parts - (parts - 1) * overlap)));
    return Array.from({ length: parts }, (_, i) => {
      const start = Math.round(((length - size) * i) / (parts - 1));
      return [start, start + size];
    });
  };
  return along(height).flatMap(([y1, y2]) => along(width).map(([x1, x2]): Box => [x1, y1, x2, y2]));
}
