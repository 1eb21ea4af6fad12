// From a run to what people rate: some of its questions, chosen by the seed, each with the answers of all columns. Failed
// questions have no answer to rate; of repeated ones the first is taken.
import { limitSamples } from "../../data/formats/index.ts";
import { thumbnail, toDataUrl } from "../../media/index.ts";
import type { ImagePart, Sample } from "../../spec/index.ts";
import type { RatingItem } from "./rating-page.ts";

/** A column of a run; its rows are read once. */
export interface RatedRows {
  name: string;
  rows: Iterable<RatedRow> | AsyncIterable<RatedRow>;
}

export interface RatedRow {
  id: string;
  /** Absent for a failed question. */
  text?: string | undefined;
  repeat?: number | undefined;
}

export interface RatingItemsOptions {
  loadImage(image: ImagePart): Promise<{ bytes: Uint8Array }>;
  /** Most questions. @default 50 */
  limit?: number;
  /** @default 0 */
  seed?: number;
}

/** Makes the items of a rating page. */
export async function ratingItems(
  columns: readonly RatedRows[],
  samples: readonly Sample[],
  { loadImage, limit = 50, seed = 0 }: RatingItemsOptions,
): Promise<RatingItem[]> {
  const chosen = limitSamples(samples, limit, seed);
  const answers = new Map<string, { key: string; text: string }[]>(chosen.map(({ id }) => [id, []]));
  for (const { name, rows } of columns) {
    for await (const { id, text, repeat = 0 } of rows) {
      if (text !== undefined && repeat === 0) answers.get(id)?.push({ key: name, text });
    }
  }
  const items: RatingItem[] = [];
  for (const { id, input, instruction, choices = [], response, answers: accepted } of chosen) {
    const given = answers.get(id)!;
    if (given.length === 0) continue;
    const pictures: string[] = [];
    for (const part of input) {
      if (part.type !== "image") continue;
      const small = await thumbnail((await loadImage(part)).bytes);
      pictures.push(toDataUrl(small.bytes, small.mediaType));
    }
    const texts = input.flatMap((part) => (part.type === "text" ? [part.text] : []));
    const options = choices.map((choice, i) => `${String.fromCharCode(65 + i)}. ${choice}`);
    items.push({
      sampleId: id,
      question: [...texts, instruction, ...options].join("\n"),
      references: accepted ?? (response === undefined ? [] : [response]),
      pictures,
      answers: given,
    });
  }
  return items;
}
