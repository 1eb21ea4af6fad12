// VQAv2 (visualqa.org): v2_OpenEnded_mscoco_val2014_questions.json with { questions: [{ question_id, image_id, question }] }
// and v2_mscoco_val2014_annotations.json with { annotations: [{ question_id, question_type, answer_type,
// multiple_choice_answer, answers: [{ answer }] }] }, ten answers each. VQAv1 and OK-VQA have the same form under names
// without v2_. The pictures are those of COCO, val2014/COCO_val2014_000000000042.jpg; `data_subtype` of the questions file
// says which.
import path from "node:path";
import { z } from "zod";
import { issueText } from "../../schema/index.ts";
import { type OnBadRow, RowProblems } from "../row-problems.ts";
import type { BenchmarkReader } from "./benchmark-reader.ts";
import { officialFile } from "./official-files.ts";
import { findPictures } from "./pictures.ts";
import {
  numbered,
  readJson,
  readRecords,
  recordsIn,
  samplesOfRecords,
  textOrNumber,
  whatToDo,
} from "./records.ts";

const question = z.object({
  question_id: textOrNumber,
  image_id: z.int().nonnegative(),
  question: z.string().trim().min(1),
});

const annotation = z.object({
  question_id: textOrNumber,
  question_type: z.string().optional(),
  answer_type: z.string().min(1).optional(),
  multiple_choice_answer: z.string().optional(),
  answers: z.array(z.object({ answer: z.string() })).min(1),
});
type Annotation = z.infer<typeof annotation>;

const hint = "Use a split with annotations, such as vqa@val:FOLDER.";

/** Reads VQAv2. */
export const vqa: BenchmarkReader = {
  title: "VQAv2",
  splits: ["val", "train", "test", "test-dev"],
  async read(source) {
    const { split } = source;
    const usual = `v2_OpenEnded_mscoco_${split}2014_questions.json`;
    const file = await officialFile(source, new RegExp(`OpenEnded_mscoco_${split}\\d+_questions\\.json$`), {
      ...{ usual, folders: ["", "questions"] },
    });
    const header = (await readJson(file)) as {
      data_subtype?: unknown;
      license?: { name?: unknown };
      info?: { description?: unknown };
    };
    const dataset = titleOf(file, header?.info?.description);
    const subset = typeof header?.data_subtype === "string" ? header.data_subtype : `${split}2014`;
    const license = typeof header?.license?.name === "string" ? header.license.name : undefined;
    const annotations = await readAnnotations(source.folder, file, source.onBadRow);
    const pictures = findPictures(source, [subset, `images/${subset}`, "images", ""]);
    return samplesOfRecords(numbered(recordsIn(header, file, "questions")), {
      ...{ file, onBadRow: source.onBadRow, schema: question, hint },
      toSample(row) {
        const known = annotations.get(row.question_id);
        if (!known) return `question ${row.question_id}: has no annotation`;
        const name = `COCO_${subset}_${String(row.image_id).padStart(12, "0")}.jpg`;
        const picture = pictures.find(name);
        if (picture === undefined) return pictures.missing(name);
        const answers = known.answers.map(({ answer }) => answer);
        return {
          id: row.question_id,
          group: picture,
          instruction: row.question,
          input: [{ type: "image", source: picture }],
          response: known.multiple_choice_answer ?? answers[0]!,
          answers,
          answerType: "short",
          ...(known.answer_type ? { type: known.answer_type } : {}),
          provenance: { dataset, split, ...(license ? { license } : {}) },
          ...(known.question_type ? { extra: { question_type: known.question_type } } : {}),
        };
      },
    });
  },
};

/** Name of the release that a questions file is from. */
function titleOf(file: string, description: unknown): string {
  if (path.basename(file).startsWith("v2_")) return "VQAv2";
  return typeof description === "string" && /OK-?VQA/i.test(description) ? "OK-VQA" : "VQAv1";
}

async function readAnnotations(
  folder: string,
  questions: string,
  onBadRow: OnBadRow | undefined,
): Promise<Map<string, Annotation>> {
  const name = path.basename(questions).replace("OpenEnded_", "").replace("_questions", "_annotations");
  const file = await officialFile({ folder, split: "" }, exactly(name), {
    ...{ usual: name, folders: ["", "annotations"], hint },
  });
  const known = new Map<string, Annotation>();
  const problems = new RowProblems(file, "record", onBadRow);
  for (const [i, value] of (await readRecords(file, "annotations")).entries()) {
    const result = annotation.safeParse(value);
    if (result.success) known.set(result.data.question_id, result.data);
    else problems.add(i + 1, issueText(result.error));
  }
  problems.throwIfAny(whatToDo(problems, hint));
  return known;
}

function exactly(name: string): RegExp {
  return new RegExp(`^${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`);
}
