// HallusionBench (tianyi-lab/HallusionBench): HallusionBench.json, a list of { category, subcategory, visual_input, set_id,
// figure_id, question_id, question, gt_answer, filename }, and the folder hallusion_bench with the pictures. Answers are
// "1" yes and "0" no. Questions with visual_input "0" are asked without a picture (filename null).
import { z } from "zod";
import type { BenchmarkReader } from "./benchmark-reader.ts";
import { officialFile } from "./official-files.ts";
import { findPictures } from "./pictures.ts";
import { numbered, readRecords, samplesOfRecords, textOrNumber } from "./records.ts";

const record = z.object({
  category: z.enum(["VD", "VS"]),
  subcategory: z.string().min(1),
  visual_input: textOrNumber.pipe(z.enum(["0", "1", "2"])),
  ...{ set_id: textOrNumber, figure_id: textOrNumber, question_id: textOrNumber },
  question: z.string().trim().min(1),
  gt_answer: textOrNumber.pipe(z.enum(["0", "1"])),
  filename: z.string().nullish(),
});

/** Reads HallusionBench. */
export const hallusionBench: BenchmarkReader = {
  title: "HallusionBench",
  splits: ["test"],
  async read(source) {
    const usual = "HallusionBench.json";
    const file = await officialFile(source, /^HallusionBench\.json$/i, { folders: ["", "data"], usual });
    const pictures = findPictures(source, ["", "hallusion_bench", "data", "images"]);
    return samplesOfRecords(numbered(await readRecords(file)), {
      ...{ file, onBadRow: source.onBadRow, schema: record },
      toSample(row) {
        const { category, subcategory, set_id, figure_id, question_id, visual_input, question } = row;
        const place = `${category}/${subcategory}/${set_id}`;
        const name = visual_input === "0" ? undefined : row.filename;
        if (visual_input !== "0" && !name) return "filename: missing, must be a picture";
        // Names start with the folder of the release, or with a place below it.
        const picture = name
          ? (pictures.find(name) ?? pictures.find(name.replace(/^(\.\/)?hallusion_bench\//, "")))
          : undefined;
        if (name && picture === undefined) return pictures.missing(name);
        return {
          id: `${place} ${figure_id} ${question_id}`,
          group: picture ?? place,
          instruction: question,
          input: picture === undefined ? [] : [{ type: "image", source: picture }],
          response: row.gt_answer === "1" ? "yes" : "no",
          answerType: "yes-no",
          type: `${category}/${subcategory}`,
          provenance: { dataset: "HallusionBench", split: "test" },
          extra: { category, subcategory, set_id, figure_id, question_id, visual_input },
        };
      },
    });
  },
};
