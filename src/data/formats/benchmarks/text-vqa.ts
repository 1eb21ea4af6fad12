// TextVQA (textvqa.org): TextVQA_0.5.1_val.json with { data: [{ question_id, image_id, question, answers }] }, ten answers
// each, and pictures train_images/IMAGE_ID.jpg, for the validation split too. The prompt is the question alone; LLaVA's
// published numbers put recognised words (OCR) into it, which this reader does not.
import { z } from "zod";
import type { BenchmarkReader } from "./benchmark-reader.ts";
import { officialFile } from "./official-files.ts";
import { findPictures } from "./pictures.ts";
import { numbered, readRecords, samplesOfRecords, textOrNumber } from "./records.ts";

const record = z.object({
  question_id: textOrNumber,
  image_id: z.string().min(1),
  question: z.string().trim().min(1),
  answers: z.array(z.string()).min(1).optional(),
  image_classes: z.array(z.string()).optional(),
});

/** Reads TextVQA. */
export const textVqa: BenchmarkReader = {
  title: "TextVQA",
  splits: ["val", "train", "test"],
  async read(source) {
    const { split } = source;
    const usual = `TextVQA_0.5.1_${split}.json`;
    const file = await officialFile(source, new RegExp(`^TextVQA_[\\d.]+_${split}\\.json$`), { usual });
    const pictures = findPictures(source, [
      "train_images",
      "test_images",
      "images",
      "train_val_images/train_images",
      "",
    ]);
    return samplesOfRecords(numbered(await readRecords(file, "data")), {
      ...{
        file,
        onBadRow: source.onBadRow,
        schema: record,
        hint: "Use a split with answers, such as text-vqa@val:FOLDER.",
      },
      toSample(row) {
        if (!row.answers) return "answers: missing, the answers of this split are not public";
        const name = `${row.image_id}.jpg`;
        const picture = pictures.find(name);
        if (picture === undefined) return pictures.missing(name);
        return {
          id: row.question_id,
          group: picture,
          instruction: row.question,
          input: [{ type: "image", source: picture }],
          response: mostFrequent(row.answers),
          answers: row.answers,
          answerType: "short",
          provenance: { dataset: "TextVQA", split },
          ...(row.image_classes ? { extra: { image_classes: row.image_classes } } : {}),
        };
      },
    });
  },
};

/** The answer that most people gave; the earliest of several. */
function mostFrequent(answers: readonly string[]): string {
  const counts = [...Map.groupBy(answers, (answer) => answer)];
  return counts.reduce((best, next) => (next[1].length > best[1].length ? next : best))[0];
}
