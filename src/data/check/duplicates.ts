// Rows that are there twice, and ids that are. Both by 64-bit hashes: nothing of a row is kept.
import { Hash64Map, hash64 } from "./hash64.ts";
import { type Check, type CheckedRow, rowPlace } from "./row-view.ts";

/** Where rows were seen first. Files are read one after another, so a place is a line counted on from file to file. */
class Seen {
  readonly #map = new Hash64Map();
  /** Files, or shards of one, with the number of lines before each. */
  readonly #files: { file: string; before: number }[] = [];
  #last = 0;

  /** The place of the first row with this text, when this is not the first. */
  earlier(text: string, { file, line }: CheckedRow): string | undefined {
    if (this.#files.at(-1)?.file !== file) this.#files.push({ file, before: this.#last });
    const place = this.#files.at(-1)!.before + line;
    this.#last = Math.max(this.#last, place);
    const first = this.#map.getOrSet(hash64(text), place);
    if (first === undefined) return undefined;
    const found = this.#files.findLast(({ before }) => before < first)!;
    return `${found.file}:${first - found.before}`;
  }
}

/** Checks for rows with the same turns and pictures as an earlier one. */
export function exactDuplicates(): Check {
  const seen = new Seen();
  return {
    name: "duplicate",
    row(row, report) {
      const { turns, pictures } = row.view;
      let text = "";
      for (const { role, text: said } of turns) text += `${role}\u0000${said}\u0001`;
      for (const { source } of pictures) text += `\u0002${source}`;
      const first = seen.earlier(text, row);
      if (first) {
        report({
          check: "duplicate",
          severity: "warning",
          ...rowPlace(row),
          message: `is the same as ${first}`,
        });
      }
    },
  };
}

/** Checks that ids are given once. A Sample's id must be unique; in other formats it is often the picture's. */
export function uniqueIds(): Check {
  const seen = new Map<number, Seen>();
  return {
    name: "id",
    row(row, report) {
      const { id } = row.view;
      if (id === undefined) return;
      // Ids are unique within a file.
      const ofFile = seen.get(row.fileIndex) ?? new Seen();
      if (!seen.has(row.fileIndex)) seen.clear();
      seen.set(row.fileIndex, ofFile);
      const first = ofFile.earlier(id, row);
      if (first === undefined) return;
      const severity = row.format.uniqueIds ? "error" : "warning";
      report({
        check: "id",
        severity,
        ...rowPlace(row),
        field: "id",
        message: `"${id}" is also the id of ${first}`,
      });
    },
  };
}
