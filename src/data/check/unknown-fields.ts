import { nearest } from "../../util/text.ts";
import { type Check, rowPlace } from "./row-view.ts";

/** Checks, in formats that allow other fields, for names that are a slip of one that is missing. */
export function unknownFields(): Check {
  const slips = new Map<string, string | undefined>();
  return {
    name: "unknown-field",
    row(row, report) {
      const known = row.format.openFields;
      if (!known) return;
      for (const key in row.value) {
        if (known.includes(key) || key.length < 4) continue;
        const name = `${row.format.name} ${key}`;
        // Names of fields repeat from row to row; a file with endless names must not fill the memory.
        if (!slips.has(name) && slips.size < 10_000) slips.set(name, nearest(key, known));
        const slip = slips.get(name);
        if (slip === undefined || slip in row.value) continue;
        const message = `unknown field "${key}" (did you mean "${slip}"?)`;
        report({ check: "unknown-field", severity: "warning", ...rowPlace(row), field: key, message });
      }
    },
  };
}
