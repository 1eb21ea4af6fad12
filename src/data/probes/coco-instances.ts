// Instances of COCO and of the many tools that write its format: { images, annotations, categories }, boxes as
// [x, y, width, height] in pixels. Segmentations are not read. A crowd annotation is an object like any other.
import { z } from "zod";
import { InputError } from "../../errors/index.ts";
import type { Region } from "../../spec/index.ts";
import { issueText } from "../schema/index.ts";
import type { Detection } from "./annotated-picture.ts";

const key = z.union([z.number(), z.string()], "must be a number or text");

const instancesSchema = z.object({
  images: z
    .array(
      z.object({
        id: key,
        file_name: z.string().min(1),
        width: z.number().optional(),
        height: z.number().optional(),
      }),
    )
    .min(1),
  annotations: z.array(
    z.object({
      image_id: key,
      category_id: key,
      bbox: z.array(z.number()).length(4, "must be [x, y, width, height]").optional(),
      score: z.number().optional(),
    }),
  ),
  categories: z.array(z.object({ id: key, name: z.string().trim().min(1) })).min(1),
});

/** A picture of an instances file. */
export interface CocoPicture {
  name: string;
  width?: number;
  height?: number;
  detections: Detection[];
}

/** Reads the parsed JSON of an instances file. */
export function cocoPictures(value: unknown, file: string): CocoPicture[] {
  const result = instancesSchema.safeParse(value);
  if (!result.success) {
    throw new InputError({
      where: file,
      rule: issueText(result.error),
      hint: 'COCO instances are an object with the lists "images", "annotations" and "categories".',
    });
  }
  const { images, annotations, categories } = result.data;
  const names = new Map(categories.map(({ id, name }) => [String(id), name]));
  const pictures = new Map<string, CocoPicture>();
  for (const { id, file_name: name, width, height } of images) {
    const size = width && height ? { width, height } : {};
    pictures.set(String(id), { name, ...size, detections: [] });
  }
  for (const [i, { image_id, category_id, bbox, score }] of annotations.entries()) {
    const refuse = (field: string, list: string, got: number | string) =>
      new InputError({
        where: `${file}, annotations[${i}].${field}`,
        rule: `must be an id in "${list}"`,
        got: JSON.stringify(got),
      });
    const picture = pictures.get(String(image_id));
    const label = names.get(String(category_id));
    if (!picture) throw refuse("image_id", "images", image_id);
    if (label === undefined) throw refuse("category_id", "categories", category_id);
    const box = bbox && corners(bbox);
    picture.detections.push({ label, ...(box ? { box } : {}), ...(score === undefined ? {} : { score }) });
  }
  return [...pictures.values()];
}

/** A box without an area says that the object is there, but not where. */
function corners([x, y, width, height]: number[]): Region["box"] | undefined {
  return width! > 0 && height! > 0 ? [x!, y!, x! + width!, y! + height!] : undefined;
}
