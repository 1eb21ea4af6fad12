// Referring expressions (RefCOCO, RefCOCO+, RefCOCOg) as one JSON list or JSON Lines file a split, named like
// refcoco_testA.json or refcoco+_val.jsonl, of { image, sentence, bbox, id?, width?, height? }. bbox is [x, y, width,
// height] in pixels, as in COCO's annotations; a box that leaves its picture is refused, because corners would be read
// as a size without a sign. The official release is a Python pickle (refs(unc).p), which can run code when it is loaded
// and is not read here. The expected response is the corners [x1, y1, x2, y2] in pixels.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { InputError } from "../../../errors/index.ts";
import { imageSize } from "../../../media/index.ts";
import type { Box, Sample } from "../../../spec/index.ts";
import { parseJsonLines } from "../json-lines.ts";
import { RowProblems } from "../row-problems.ts";
import type { BenchmarkReader, BenchmarkSource } from "./benchmark-reader.ts";
import { filesNamed, officialFile } from "./official-files.ts";
import { findPictures } from "./pictures.ts";
import { numbered, readExisting, readRecords, samplesOfRecords, textOrNumber } from "./records.ts";

const record = z.object({
  image: z.string().min(1),
  sentence: z.string().trim().min(1),
  bbox: z.tuple([z.number(), z.number(), z.number(), z.number()], "must be [x, y, width, height]"),
  id: textOrNumber.optional(),
  width: z.int().positive().optional(),
  height: z.int().positive().optional(),
});
type Row = z.infer<typeof record>;
const form = 'A row is {"image": "a.jpg", "sentence": "the dog", "bbox": [x, y, width, height]}.';

/** Reads referring expressions of the RefCOCO family. */
export const refCoco: BenchmarkReader = {
  title: "RefCOCO",
  splits: ["val", "testA", "testB", "test", "train"],
  async read(source) {
    const file = await expressionsFile(source);
    const problems = new RowProblems(file, isLines(file) ? "line" : "record", source.onBadRow);
    const rows = isLines(file)
      ? parseJsonLines(await readExisting(file), problems).map(({ line, value }) => ({ number: line, value }))
      : numbered(await readRecords(file));
    const pictures = findPictures(source, ["", "images", "train2014", "images/train2014"]);
    const base = source.pictures ?? source.folder;
    const sizes = await sizesOf(rows, (name) => pictures.find(name), base);
    const dataset =
      /^refcoco[+g]?/i.exec(path.basename(file))?.[0].replace(/^refcoco/i, "RefCOCO") ?? "RefCOCO";
    return samplesOfRecords(
      rows,
      {
        ...{ file, schema: record, unit: isLines(file) ? "line" : "record", form },
        toSample(row, number) {
          const picture = pictures.find(row.image);
          if (picture === undefined) return pictures.missing(row.image);
          const { width, height } = sizes.get(picture) ?? (row as { width: number; height: number });
          const box = cornersIn(row.bbox, width, height);
          if (typeof box === "string") return box;
          return {
            id: row.id ?? String(number),
            group: picture,
            instruction: `Provide the bounding box coordinate of the region this sentence describes: ${row.sentence}`,
            input: [{ type: "image", source: picture, width, height }],
            response: `[${box.join(", ")}]`,
            answerType: "free",
            type: dataset,
            regions: [{ label: row.sentence, box }],
            provenance: { dataset, split: source.split },
          } satisfies Sample;
        },
      },
      problems,
    );
  },
};

function isLines(file: string): boolean {
  return file.endsWith(".jsonl");
}

async function expressionsFile(source: BenchmarkSource): Promise<string> {
  const folders = ["", "refcoco", "refcoco+", "refcocog"];
  const pickles = source.file?.endsWith(".p")
    ? [source.file]
    : await filesNamed(source.folder, /^refs.*\.p(kl|ickle)?$/, folders);
  const named = new RegExp(`^refcoco[+g]?.*${source.split}\\.jsonl?$`, "i");
  if (!source.file?.endsWith(".p")) {
    const found = source.file ?? (await filesNamed(source.folder, named, folders))[0];
    if (found !== undefined || pickles.length === 0) {
      return officialFile(source, named, { folders, usual: `a file like refcoco_${source.split}.json` });
    }
  }
  throw new InputError({
    where: `"${pickles[0]}"`,
    rule: "must be JSON, Python pickles are not read",
    hint: `In Python, write each sentence of each ref as {"image": file_name, "sentence": sent, "bbox": annotation["bbox"]} with json.dump to refcoco_${source.split}.json.`,
  });
}

/** Sizes of the pictures whose rows do not say them, from the pictures' headers. */
async function sizesOf(
  rows: readonly { value: unknown }[],
  find: (name: string) => string | undefined,
  base: string,
): Promise<Map<string, { width: number; height: number }>> {
  const sizes = new Map<string, { width: number; height: number }>();
  for (const { value } of rows) {
    const { image, width, height } = value as Partial<Row>;
    const picture = typeof image === "string" && !(width && height) ? find(image) : undefined;
    if (picture === undefined || sizes.has(picture)) continue;
    sizes.set(picture, await imageSize(await readFile(path.join(base, picture)), { where: `"${picture}"` }));
  }
  return sizes;
}

/** Corners of an x, y, width, height box; or what is wrong with it. Half a pixel outside is rounding. */
function cornersIn([x, y, w, h]: Row["bbox"], width: number, height: number): Box | string {
  const isInside = x >= -0.5 && y >= -0.5 && x + w <= width + 0.5 && y + h <= height + 0.5;
  if (w > 0 && h > 0 && isInside) return [x, y, x + w, y + h].map(round) as Box;
  const got = `[${x}, ${y}, ${w}, ${h}]`;
  return `bbox: must be [x, y, width, height] inside the picture of ${width} x ${height} pixels, got ${got}`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
