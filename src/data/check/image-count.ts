// As many places for pictures in the text as there are pictures: a trainer that finds one more or less either stops or
// pairs a text with the wrong picture.
import { type Check, type CheckedRow, countPlaceholders, placeholder, rowPlace } from "./row-view.ts";

/** Checks the number of pictures against the number of their places. */
export function imageCount(): Check {
  return {
    name: "image-count",
    row(row, report) {
      const found = problem(row);
      if (found) report({ check: "image-count", severity: "error", ...rowPlace(row), ...found });
    },
  };
}

function problem({ view }: CheckedRow): { message: string; field?: string } | undefined {
  const { turns, pictures, pictureParts, emptyParts, countsPlaceholders } = view;
  if (!countsPlaceholders) return undefined;
  let inText = 0;
  for (const { role, text, field } of turns) {
    const count = countPlaceholders(text);
    if (count > 0 && role !== "user" && role !== "tool") {
      return { message: `${placeholder} must not stand in what the ${role} says`, field };
    }
    inText += count;
  }
  const places = inText + emptyParts;
  const inColumn = pictures.length - pictureParts;
  // Parts that bring their own picture are places themselves; the text may name the places again, but then all.
  if (inColumn === 0 && pictureParts > 0 && (places === 0 || places === pictureParts)) return undefined;
  if (pictureParts === 0 && places === inColumn) return undefined;
  if (inColumn > 0 && pictureParts > 0) {
    return { message: "pictures must be in the parts or in a column, not in both" };
  }
  const s = (n: number, noun: string) => `${n} ${noun}${n === 1 ? "" : "s"}`;
  return {
    message: `must have as many places as pictures, got ${s(places, "place")} for ${s(pictures.length, "picture")}`,
  };
}
