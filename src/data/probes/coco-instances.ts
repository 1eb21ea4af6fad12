// Instances of COCO and of the many tools that write its format: { images, annotations, categories }, boxes as
// [x, y, width, height] in pixels. Segmentations are not read. A crowd annotation is an object like any other.
import { z } from "zod";
import { InputError } from "../../errors/index.ts";
import type { Region } from "../../spec/index.ts";
import type { OnBadRow } from "../formats/row-problems.ts";
import { issueText } from "../schema/index.ts";
import type { Detection } from "./annotated-picture.ts";

/** An id of a picture or a category. */
export const cocoKey = z.union([z.number(), z.string()], "must be a number or text");

/** An entry of the list "images". */
export const cocoImageSchema = z.object({
  id: cocoKey,
  file_name: z.string().min(1),
  width: z.number().optional(),
  height: z.number().optional(),
});
const annotationSchema = z.object({
  image_id: cocoKey,
  category_id: cocoKey,
  bbox: z.array(z.number()).length(4, "must be [x, y, width, height]").optional(),
  score: z.number().optional(),
});
const instancesSchema = z.object({
  images: z.array(z.unknown()).min(1),
  annotations: z.array(z.unknown()),
  categories: z.array(z.object({ id: cocoKey, name: z.string().trim().min(1) })).min(1),
});

/** A picture of an instances file. */
export interface CocoPicture {
  name: string;
  width?: number;
  height?: number;
  detections: Detection[];
}

/**
 * Reads the parsed JSON of an instances file. Throws for the first picture or annotation that is wrong; where somebody
 * takes bad rows they are left out, a picture with the wrong annotation too, since it is no longer annotated whole.
 */
export function cocoPictures(value: unknown, file: string, onBadRow?: OnBadRow): CocoPicture[] {
  const result = instancesSchema.safeParse(value);
  if (!result.success) {
    const hint = 'COCO instances are an object with the lists "images", "annotations" and "categories".';
    throw new InputError({ where: file, rule: issueText(result.error), hint });
  }
  const { images, annotations, categories } = result.data;
  const names = new Map(categories.map(({ id, name }) => [String(id), name]));
  const pictures = new Map<string, CocoPicture>();
  const refuse = (list: string, i: number, text: string, picture?: unknown) => {
    if (!onBadRow) {
      const [field, ...rule] = text.split(": ");
      throw new InputError({ where: `${file}, ${list}[${i}].${field}`, rule: rule.join(": ") });
    }
    onBadRow({ file, line: i + 1, text: `${list}[${i}].${text}` });
    pictures.delete(String(picture));
  };
  for (const [i, image] of images.entries()) {
    const parsed = cocoImageSchema.safeParse(image);
    if (!parsed.success) {
      refuse("images", i, issueText(parsed.error));
      continue;
    }
    const { id, file_name: name, width, height } = parsed.data;
    const size = width && height ? { width, height } : {};
    pictures.set(String(id), { name, ...size, detections: [] });
  }
  for (const [i, annotation] of annotations.entries()) {
    const parsed = annotationSchema.safeParse(annotation);
    if (!parsed.success) {
      refuse(
        "annotations",
        i,
        issueText(parsed.error),
        (annotation as { image_id?: unknown } | null)?.image_id,
      );
      continue;
    }
    const { image_id, category_id, bbox, score } = parsed.data;
    const picture = pictures.get(String(image_id));
    const label = names.get(String(category_id));
    const box = bbox && corners(bbox);
    if (!picture)
      refuse("annotations", i, `image_id: must be an id in "images", got ${JSON.stringify(image_id)}`);
    else if (label === undefined) {
      const got = JSON.stringify(category_id);
      refuse("annotations", i, `category_id: must be an id in "categories", got ${got}`, image_id);
    } else
      picture.detections.push({ label, ...(box ? { box } : {}), ...(score === undefined ? {} : { score }) });
  }
  return [...pictures.values()];
}

/** A box without an area says that the object is there, but not where. */
function corners([x, y, width, height]: number[]): Region["box"] | undefined {
  return width! > 0 && height! > 0 ? [x!, y!, x! + width!, y! + height!] : undefined;
}
