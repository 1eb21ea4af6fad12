// ChartQA (vis-nlp/ChartQA, "ChartQA Dataset"): test/test_human.json and test/test_augmented.json, lists of { imgname, query,
// label }, and pictures test/png/IMGNAME. Both halves are read, since the published score is the mean of the two.
import path from "node:path";
import { z } from "zod";
import type { Sample } from "../../../spec/index.ts";
import type { BenchmarkReader } from "./benchmark-reader.ts";
import { officialFile } from "./official-files.ts";
import { findPictures } from "./pictures.ts";
import { numbered, readRecords, samplesOfRecords, textOrNumber } from "./records.ts";

const record = z.object({
  imgname: z.string().min(1),
  query: z.string().trim().min(1),
  label: z.union([textOrNumber, z.array(textOrNumber).min(1)], "must be the answer").optional(),
});

const halves = ["human", "augmented"] as const;

/** Reads ChartQA. */
export const chartQa: BenchmarkReader = {
  title: "ChartQA",
  splits: ["test", "val", "train"],
  async read(source) {
    const { split } = source;
    const places = [split, `ChartQA Dataset/${split}`, ""];
    const pictures = findPictures(source, [
      "png",
      ...places.map((place) => path.posix.join(place, "png")),
      "",
    ]);
    const samples: Sample[] = [];
    for (const half of halves) {
      if (source.file !== undefined && !path.basename(source.file).includes(half)) continue;
      const usual = `${split}_${half}.json`;
      const file = await officialFile(source, new RegExp(`^${split}_${half}\\.json$`), {
        ...{ usual, folders: places },
        hint: "The score is the mean of the human and the augmented half.",
      });
      const read = samplesOfRecords(numbered(await readRecords(file)), {
        ...{ file, onBadRow: source.onBadRow, schema: record },
        toSample(row, number) {
          if (row.label === undefined) return "label: missing, must be the answer";
          const picture = pictures.find(row.imgname);
          if (picture === undefined) return pictures.missing(row.imgname);
          const answers = [row.label].flat();
          return {
            id: `${half} ${number}`,
            group: picture,
            instruction: row.query,
            input: [{ type: "image", source: picture }],
            response: answers[0]!,
            answers,
            answerType: "short",
            type: half,
            provenance: { dataset: "ChartQA", split },
          };
        },
      });
      samples.push(...read);
    }
    return samples;
  },
};
