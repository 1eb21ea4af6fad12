import { InputError } from "../../errors/index.ts";
import type { Sample } from "../../spec/index.ts";
import { openInstructions } from "../formats/index.ts";
import { checkRejectCount, type MaxRejects } from "../formats/rejects.ts";
import { type PictureContext, pictureContexts } from "./context.ts";

/** A row that says nothing usable of a picture. */
export interface BadPictureRow {
  file: string;
  line: number;
  field: string;
  problem: string;
}

export interface OpenedPictures {
  pictures: PictureContext[];
  /** Pictures with boxes but of unknown size, left out. */
  unsized: string[];
  /** Folder that the pictures' paths start from. */
  baseDir: string;
  badRows: BadPictureRow[];
}

/**
 * Gathers what a dataset says of its pictures, for `generate`.
 * @throws InputError at the first bad row when `strict`, and when there are more than `maxRejects` (default: a share of 0.05)
 */
export async function openPictures(
  spec: string,
  { strict = false, maxRejects }: { strict?: boolean; maxRejects?: MaxRejects } = {},
): Promise<OpenedPictures> {
  const { baseDir, rows } = await openInstructions(spec);
  const samples: Sample[] = [];
  const badRows: BadPictureRow[] = [];
  const hint = 'See all that is wrong with "sightline data check".';
  let read = 0;
  for await (const row of rows()) {
    read++;
    if ("sample" in row) {
      samples.push(row.sample);
      continue;
    }
    const { file, line, problem } = row;
    const { path: field, rule } = problem;
    if (strict) throw new InputError({ where: `${file}:${line}${field ? `, ${field}` : ""}`, rule, hint });
    badRows.push({ file, line, field, problem: rule });
    checkRejectCount({ rejected: badRows.length, read, max: maxRejects, hint });
  }
  return { ...pictureContexts(samples), baseDir, badRows };
}
