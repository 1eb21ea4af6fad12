// Boxes that cannot be: outside their picture, of a picture that the row does not have, or upside down. In Samples they
// are regions in pixels; in chats they are [x1, y1, x2, y2] in the text, as shares of the picture from 0 to 1 (LLaVA,
// Shikra). Boxes in the text that are in other units (pixels, thousandths) are not judged.
import { type Check, rowPlace } from "./row-view.ts";

const numbers4 = /\[\s*(\d*\.\d+)\s*,\s*(\d*\.\d+)\s*,\s*(\d*\.\d+)\s*,\s*(\d*\.\d+)\s*\]/g;

/** Checks boxes as far as that is possible without opening pictures. */
export function boxes(): Check {
  return {
    name: "box",
    row(row, report) {
      const { regions, pictures, turns } = row.view;
      const say = (field: string, message: string) =>
        report({ check: "box", severity: "error", ...rowPlace(row), field, message });
      for (const [i, { box, image = 0 }] of (regions ?? []).entries()) {
        const picture = pictures[image];
        const field = `regions[${i}]`;
        if (!picture) say(field, `is of picture ${image}, but the row has ${pictures.length}`);
        else {
          const outside = outsideText(box, picture.width, picture.height);
          if (outside) say(field, outside);
        }
      }
      for (const { text, field } of turns) {
        if (!text.includes("[")) continue;
        for (const match of text.matchAll(numbers4)) {
          const box = match.slice(1).map(Number);
          // Two shares at least, or it is no box in shares.
          if (box.filter((n) => n <= 1).length < 2) continue;
          if (box.some((n) => n > 1)) say(field, `box ${match[0]} leaves its picture (0 to 1)`);
          else if (box[0]! >= box[2]! || box[1]! >= box[3]!)
            say(field, `box ${match[0]} must have x1 < x2 and y1 < y2`);
        }
      }
    },
  };
}

/** Says that a box leaves a picture of this size; a side that is not known is not judged. */
export function outsideText(
  [x1, y1, x2, y2]: readonly number[],
  width = Number.POSITIVE_INFINITY,
  height = Number.POSITIVE_INFINITY,
): string | undefined {
  if (x1! >= 0 && y1! >= 0 && x2! <= width && y2! <= height) return undefined;
  const size = Number.isFinite(width) && Number.isFinite(height) ? ` of ${width} x ${height}` : "";
  return `box [${[x1, y1, x2, y2].join(", ")}] leaves its picture${size}`;
}
