// COCO captions as Samples: one for each picture that has captions, of which the first is the response and all are accepted.
import { z } from "zod";
import { InputError } from "../../errors/index.ts";
import type { Sample } from "../../spec/index.ts";
import { cocoImageSchema, cocoKey } from "../probes/coco-instances.ts";
import { issueText } from "../schema/index.ts";
import { captionQuestion } from "./picture-folder.ts";
import type { OnBadRow } from "./row-problems.ts";

const annotationSchema = z.object({ image_id: cocoKey, caption: z.string().trim().min(1) });
const captionsSchema = z.object({ images: z.array(z.unknown()).min(1), annotations: z.array(z.unknown()) });

/** Tells a captions file from an instances file, which has categories. */
export function isCocoCaptions(value: object): boolean {
  return "annotations" in value && !("categories" in value);
}

/** Reads the parsed JSON of a captions file; what is wrong with a picture or a caption is told, and it is left out. */
export function cocoCaptionSamples(value: unknown, file: string, onBadRow: OnBadRow): Sample[] {
  const result = captionsSchema.safeParse(value);
  if (!result.success) {
    const hint = 'COCO captions are an object with the lists "images" and "annotations".';
    throw new InputError({ where: file, rule: issueText(result.error), hint });
  }
  const { images, annotations } = result.data;
  const refuse = (list: string, i: number, text: string) =>
    onBadRow({ file, line: i + 1, text: `${list}[${i}].${text}` });
  const pictures = new Map<string, z.infer<typeof cocoImageSchema> & { captions: string[] }>();
  for (const [i, image] of images.entries()) {
    const parsed = cocoImageSchema.safeParse(image);
    if (parsed.success) pictures.set(String(parsed.data.id), { ...parsed.data, captions: [] });
    else refuse("images", i, issueText(parsed.error));
  }
  for (const [i, annotation] of annotations.entries()) {
    const parsed = annotationSchema.safeParse(annotation);
    const picture = parsed.success ? pictures.get(String(parsed.data.image_id)) : undefined;
    if (!parsed.success) refuse("annotations", i, issueText(parsed.error));
    else if (picture) picture.captions.push(parsed.data.caption);
    else {
      const got = JSON.stringify(parsed.data.image_id);
      refuse("annotations", i, `image_id: must be an id in "images", got ${got}`);
    }
  }
  return [...pictures.values()].flatMap(({ file_name: source, width, height, captions }): Sample[] => {
    if (captions.length === 0) return [];
    return [
      {
        ...{ id: source, instruction: captionQuestion },
        input: [{ type: "image", source, ...(width && height ? { width, height } : {}) }],
        ...{ response: captions[0]!, answers: captions, answerType: "caption", type: "caption" },
      },
    ];
  });
}
