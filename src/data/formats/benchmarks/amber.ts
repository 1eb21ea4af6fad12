// AMBER (junyangwang0410/AMBER), its discriminative part: data/query/query_discriminative.json, a list of { id, image, query },
// and data/annotations.json, a list of { id, type, truth } for all parts, where truth is "yes" or "no" and type says
// what is asked after ("discriminative-attribute-state"; "discriminative-hallucination" is existence). Pictures are
// image/AMBER_1.jpg.
import { z } from "zod";
import { issueText } from "../../schema/index.ts";
import { RowProblems } from "../row-problems.ts";
import type { BenchmarkReader } from "./benchmark-reader.ts";
import { officialFile } from "./official-files.ts";
import { findPictures } from "./pictures.ts";
import { numbered, readRecords, samplesOfRecords, textOrNumber, whatToDo } from "./records.ts";

const query = z.object({ id: textOrNumber, image: z.string().min(1), query: z.string().trim().min(1) });
const annotation = z.object({
  id: textOrNumber,
  type: z.string().min(1),
  truth: z.unknown().refine((value) => value !== undefined, "missing, must be yes or no"),
});
const prefix = "discriminative-";

/** Reads the discriminative part of AMBER. */
export const amber: BenchmarkReader = {
  title: "AMBER",
  splits: ["test"],
  async read(source) {
    const file = await officialFile(source, /^query_discriminative\.json$/, {
      ...{ usual: "query_discriminative.json", folders: ["", "query", "data/query", "data"] },
    });
    const { folder, split } = source;
    const annotationsFile = await officialFile({ folder, split }, /^annotations\.json$/, {
      ...{ usual: "annotations.json", folders: ["", "data", ".."] },
    });
    const known = new Map<string, z.infer<typeof annotation>>();
    const problems = new RowProblems(annotationsFile, "record", source.onBadRow);
    for (const [i, value] of (await readRecords(annotationsFile)).entries()) {
      const { success, data, error } = annotation.safeParse(value);
      if (success) known.set(data.id, data);
      else problems.add(i + 1, issueText(error));
    }
    problems.throwIfAny(whatToDo(problems));
    const pictures = findPictures(source, ["image", "images", "data/image", ""]);
    return samplesOfRecords(numbered(await readRecords(file)), {
      ...{ file, onBadRow: source.onBadRow, schema: query },
      toSample(row) {
        const { type, truth } = known.get(row.id) ?? {};
        if (type === undefined || !type.startsWith(prefix))
          return `id ${row.id}: has no discriminative annotation`;
        if (truth !== "yes" && truth !== "no") return `id ${row.id}: its truth must be yes or no`;
        const picture = pictures.find(row.image);
        if (picture === undefined) return pictures.missing(row.image);
        return {
          id: row.id,
          group: picture,
          instruction: row.query,
          input: [{ type: "image", source: picture }],
          response: truth,
          answerType: "yes-no",
          type: type.slice(prefix.length),
          provenance: { dataset: "AMBER", split },
        };
      },
    });
  },
};
