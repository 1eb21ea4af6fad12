// Referring expressions: Precision@1, the share of answers whose box has an IoU of at least 0.5 with the expected one. The
// answer is corners, four numbers in any brackets. Models write pixels or fractions of the picture's sides: four numbers
// from 0 to 1 are fractions, since no pixel box is that small. Traps: a model that writes another scale, such as 0 to
// 999, is read as pixels and scores low; and fractions of a picture that was padded to a square first are not undone.
import { InputError } from "../../errors/index.ts";
import type { Sample } from "../../spec/index.ts";
import { type Corners, iou, parseBox } from "../metrics/iou.ts";
import { meanFigure, meanFigures } from "./row-figures.ts";
import type { Figure, Task } from "./task.ts";

/** Makes the task of referring expressions. */
export function refCocoTask(): Task {
  return {
    name: "ref-coco",
    scorer: {
      name: "iou>=0.5",
      score(prediction, sample) {
        const overlap = overlapOf(prediction, sample);
        if (overlap === undefined) return { score: 0, reason: "holds no box of four numbers" };
        return { score: Number(overlap >= 0.5), answer: `IoU ${overlap.toFixed(2)}` };
      },
    },
    figures(rows) {
      const overlaps = rows.map(({ sample, text = "" }) => overlapOf(text, sample) ?? 0);
      const meanIou = overlaps.reduce((sum, overlap) => sum + overlap, 0) / Math.max(1, overlaps.length);
      return [
        meanFigure("Precision@1", rows),
        { name: "mean IoU", value: meanIou },
        ...meanFigures("Precision@1", rows, ({ type }) => type),
      ].filter((figure): figure is Figure => figure !== undefined);
    },
  };
}

function overlapOf(prediction: string, sample: Sample): number | undefined {
  const expected = sample.regions?.[0]?.box;
  if (!expected) {
    throw new InputError({
      where: `sample "${sample.id}"`,
      rule: "must have the expected box in its regions",
    });
  }
  const given = parseBox(prediction, "xyxy");
  return given && iou(inPixels(given, sample), expected);
}

function inPixels(box: Corners, { input }: Sample): Corners {
  const picture = input.find((part) => part.type === "image");
  if (!picture?.width || !picture.height || box.some((side) => side < 0 || side > 1)) return box;
  const [x1, y1, x2, y2] = box;
  return [x1 * picture.width, y1 * picture.height, x2 * picture.width, y2 * picture.height];
}
