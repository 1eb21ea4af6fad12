// COCO captions (cocodataset.org): annotations/captions_val2017.json or captions_val2014.json with { images: [{ id,
// file_name, width, height }], annotations: [{ image_id, caption }] }. One Sample a picture, with all of its captions as
// references. The instruction is the one that LLaVA-1.5 was tuned with for captions.
import { z } from "zod";
import { issueText } from "../../schema/index.ts";
import { type OnBadRow, RowProblems } from "../row-problems.ts";
import type { BenchmarkReader } from "./benchmark-reader.ts";
import { officialFile } from "./official-files.ts";
import { findPictures } from "./pictures.ts";
import { numbered, readRecords, samplesOfRecords, whatToDo } from "./records.ts";

const picture = z.object({
  id: z.int(),
  file_name: z.string().min(1),
  width: z.int().positive().optional(),
  height: z.int().positive().optional(),
});
const annotation = z.object({ image_id: z.int(), caption: z.string().trim().min(1) });

/** Reads COCO captions. */
export const cocoCaptions: BenchmarkReader = {
  title: "COCO captions",
  splits: ["val", "train"],
  async read(source) {
    const { split } = source;
    const file = await officialFile(source, new RegExp(`^captions_${split}\\d*\\.json$`), {
      ...{ usual: `captions_${split}2017.json or captions_${split}2014.json`, folders: ["", "annotations"] },
      hint: "The captions of COCO's test split are not public.",
    });
    const captions = captionsOf(await readRecords(file, "annotations"), file, source.onBadRow);
    const years = [`${split}2017`, `${split}2014`];
    const pictures = findPictures(source, [...years, ...years.map((year) => `images/${year}`), "images", ""]);
    return samplesOfRecords(numbered(await readRecords(file, "images")), {
      ...{ file, onBadRow: source.onBadRow, schema: picture },
      toSample({ id, file_name, width, height }) {
        const answers = captions.get(id);
        if (!answers) return `picture ${id}: has no caption`;
        const found = pictures.find(file_name);
        if (found === undefined) return pictures.missing(file_name);
        return {
          id: String(id),
          group: found,
          instruction: "Provide a one-sentence caption for the provided image.",
          input: [{ type: "image", source: found, ...(width && height ? { width, height } : {}) }],
          response: answers[0]!,
          answers,
          answerType: "caption",
          provenance: { dataset: "COCO captions", split },
        };
      },
    });
  },
};

function captionsOf(
  records: readonly unknown[],
  file: string,
  onBadRow: OnBadRow | undefined,
): Map<number, string[]> {
  const problems = new RowProblems(file, "record", onBadRow);
  const captions = new Map<number, string[]>();
  for (const [i, value] of records.entries()) {
    const { success, data, error } = annotation.safeParse(value);
    if (!success) {
      problems.add(i + 1, `annotations: ${issueText(error)}`);
      continue;
    }
    const known = captions.get(data.image_id);
    if (known) known.push(data.caption);
    else captions.set(data.image_id, [data.caption]);
  }
  problems.throwIfAny(whatToDo(problems));
  return captions;
}
