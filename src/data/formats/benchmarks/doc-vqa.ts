// DocVQA (Single Page Document VQA, rrc.cvc.uab.es): val_v1.0.json, or val_v1.0_withQT.json with question types, with
// { data: [{ questionId, question, image: "documents/NAME.png", answers, question_types? }] }. Pictures are in
// `documents`, also below the split's own folder.
import { z } from "zod";
import type { BenchmarkReader } from "./benchmark-reader.ts";
import { officialFile } from "./official-files.ts";
import { findPictures } from "./pictures.ts";
import { numbered, readRecords, samplesOfRecords, textOrNumber } from "./records.ts";

const record = z.object({
  questionId: textOrNumber,
  question: z.string().trim().min(1),
  image: z.string().min(1),
  answers: z.array(z.string()).min(1).optional(),
  question_types: z.array(z.string().min(1)).optional(),
});

/** Reads DocVQA. */
export const docVqa: BenchmarkReader = {
  title: "DocVQA",
  splits: ["val", "train", "test"],
  async read(source) {
    const { split } = source;
    const usual = `${split}_v1.0.json or ${split}_v1.0_withQT.json`;
    const file = await officialFile(source, new RegExp(`^${split}_v1\\.0(_withQT)?\\.json$`), {
      ...{ usual, folders: ["", split, "spdocvqa_qas"] },
    });
    const pictures = findPictures(source, ["", split, "spdocvqa_images", "images"]);
    return samplesOfRecords(numbered(await readRecords(file, "data")), {
      ...{
        file,
        onBadRow: source.onBadRow,
        schema: record,
        hint: "Use a split with answers, such as doc-vqa@val:FOLDER.",
      },
      toSample(row) {
        if (!row.answers) return "answers: missing, the answers of this split are not public";
        const picture = pictures.find(row.image) ?? pictures.find(row.image.replace(/^documents\//, ""));
        if (picture === undefined) return pictures.missing(row.image);
        const types = row.question_types ?? [];
        return {
          id: row.questionId,
          group: picture,
          instruction: row.question,
          input: [{ type: "image", source: picture }],
          response: row.answers[0]!,
          answers: row.answers,
          answerType: "short",
          ...(types.length > 0 ? { type: types[0]!, extra: { question_types: types } } : {}),
          provenance: { dataset: "DocVQA", split },
        };
      },
    });
  },
};
