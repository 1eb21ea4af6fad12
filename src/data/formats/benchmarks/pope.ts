// POPE (RUCAIBox/POPE, output/coco): one file for each way of sampling the absent objects, random, popular and
// adversarial: JSON Lines of { question_id, image, text, label }, although the files are called .json. The pictures are
// those of COCO val2014, which are not part of the release.
import path from "node:path";
import { z } from "zod";
import { InputError } from "../../../errors/index.ts";
import type { Sample } from "../../../spec/index.ts";
import { parseJsonLines } from "../json-lines.ts";
import { type OnBadRow, RowProblems } from "../row-problems.ts";
import type { BenchmarkReader, BenchmarkSource } from "./benchmark-reader.ts";
import { officialFile } from "./official-files.ts";
import { findPictures, type Pictures } from "./pictures.ts";
import { readExisting, samplesOfRecords, textOrNumber } from "./records.ts";

const samplings = ["random", "popular", "adversarial"] as const;
const folders = ["", "output/coco", "coco"];
const pictureFolders = ["", "val2014", "images", "images/val2014", "coco/val2014"];

const record = z.object({
  question_id: textOrNumber,
  image: z.string().min(1),
  text: z.string().trim().min(1),
  label: z.enum(["yes", "no"]),
});

/** Reads POPE; a split is one way of sampling. */
export const pope: BenchmarkReader = {
  title: "POPE",
  splits: ["all", ...samplings],
  async read(source) {
    const pictures = findPictures(source, pictureFolders);
    if (source.file !== undefined) {
      const name = path.basename(source.file);
      const sampling = samplings.find((s) => name.includes(s));
      if (sampling) return readSampling(source.file, sampling, pictures, source.onBadRow);
      throw new InputError({
        where: `"${source.file}"`,
        rule: `must say in its name which sampling it is (${samplings.join(", ")})`,
      });
    }
    const wanted = samplings.filter((sampling) => source.split === "all" || source.split === sampling);
    const samples: Sample[] = [];
    for (const sampling of wanted) {
      const file = await fileOf(source, sampling);
      samples.push(...(await readSampling(file, sampling, pictures, source.onBadRow)));
    }
    return samples;
  },
};

function fileOf(source: BenchmarkSource, sampling: string): Promise<string> {
  return officialFile(source, new RegExp(`pope_${sampling}\\.jsonl?$`, "i"), {
    folders,
    usual: `coco_pope_${sampling}.json`,
    hint: `To ask only some of the questions write pope@random:FOLDER.`,
  });
}

async function readSampling(
  file: string,
  sampling: string,
  pictures: Pictures,
  onBadRow: OnBadRow | undefined,
): Promise<Sample[]> {
  const problems = new RowProblems(file, "line", onBadRow);
  const rows = parseJsonLines(await readExisting(file), problems);
  return samplesOfRecords(
    rows.map(({ line, value }) => ({ number: line, value })),
    {
      ...{ file, schema: record, unit: "line" },
      toSample({ question_id, image, text, label }) {
        const source = pictures.find(image);
        if (source === undefined) return pictures.missing(image);
        return {
          id: `${sampling} ${question_id}`,
          group: source,
          instruction: text,
          input: [{ type: "image", source }],
          response: label,
          answerType: "yes-no",
          type: sampling,
          provenance: { dataset: "POPE", split: sampling },
        };
      },
    },
    problems,
  );
}
