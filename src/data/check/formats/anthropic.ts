// Anthropic's messages. They are read as `data adapt` reads them, so that what is checked is what would be written.
import { isAnthropicRow, readAnthropicRow } from "../../formats/anthropic.ts";
import type { InstructionFormat, RowValue } from "../row-view.ts";
import { viewSample } from "./sample.ts";

const fields = ["id", "custom_id", "params", "model", "max_tokens", "system", "messages"];

export const anthropicFormat: InstructionFormat = {
  name: "anthropic",
  matches: isAnthropicRow,
  // Blocks of several kinds in several places: left to the reader.
  isValid: () => false,
  explain(value) {
    const result = readAnthropicRow(value, "1");
    if ("sample" in result) return undefined;
    const { path, rule } = result.problem;
    return path ? `${path}: ${rule}` : rule;
  },
  view(value) {
    const result = readAnthropicRow(value, "1");
    // Only rows that are explained have a view.
    if (!("sample" in result))
      return { turns: [], pictures: [], pictureParts: 0, emptyParts: 0, countsPlaceholders: false };
    const { id: _, ...view } = viewSample(result.sample);
    const id = idOf(value);
    return { ...view, ...(id === undefined ? {} : { id }) };
  },
  openFields: fields,
  uniqueIds: false,
};

function idOf({ id, custom_id }: RowValue): string | undefined {
  const own = custom_id ?? id;
  return typeof own === "string" ? own : undefined;
}
