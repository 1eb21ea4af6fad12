// From a run to what people rate: some of its questions, chosen by the seed, each with the answers of all columns. Failed
// questions have no answer to rate; of repeated ones the first is taken.
import { limitStream, type Samples } from "../../data/formats/index.ts";
import { thumbnail, toDataUrl } from "../../media/index.ts";
import type { ImagePart } from "../../spec/index.ts";
import { type ColumnRows, withAnswers } from "../column-rows.ts";
import type { RatingItem } from "./rating-page.ts";

export interface RatingItemsOptions {
  loadImage(image: ImagePart): Promise<{ bytes: Uint8Array }>;
  /** Most questions. @default 50 */
  limit?: number;
  /** @default 0 */
  seed?: number;
}

/** Makes the items of a rating page. */
export async function ratingItems(
  columns: readonly Pick<ColumnRows, "name" | "rows" | "find">[],
  samples: Samples,
  { loadImage, limit = 50, seed = 0 }: RatingItemsOptions,
): Promise<RatingItem[]> {
  const items: RatingItem[] = [];
  for await (const { sample, rows } of withAnswers(await limitStream(samples, limit, seed), columns)) {
    const { id, input, instruction, choices = [], response, answers: accepted } = sample;
    const given = rows.flatMap((row, i) =>
      row?.text === undefined ? [] : [{ key: columns[i]!.name, text: row.text }],
    );
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
