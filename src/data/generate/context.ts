// What a picture shows, told in text to a model that cannot see it: captions, and boxes from 0 to 1. This is LLaVA's
// symbolic representation (Liu et al. 2023, section 3). The truth filter reads the same record.
import type { Box, ImagePart, Sample } from "../../spec/index.ts";

/** A thing in a picture; the box is in shares of its width and height. */
export interface SeenObject {
  label: string;
  box: Box;
}

/** One picture. What it does not list counts as absent, unless it lists nothing. */
export interface PictureContext {
  /** Group of its Samples. */
  id: string;
  image: ImagePart;
  captions: string[];
  objects: SeenObject[];
}

/** Whether the things in a picture are known, so that what is said of it can be checked. */
export function isAnnotated({ objects }: PictureContext): boolean {
  return objects.length > 0;
}

/** Gathers what Samples say of each first picture; pictures with boxes but of unknown size are named in `unsized`. */
export function pictureContexts(samples: Iterable<Sample>): {
  pictures: PictureContext[];
  unsized: string[];
} {
  const bySource = new Map<string, PictureContext>();
  const unsized = new Set<string>();
  for (const { id, group = id, input, regions = [], response, answers, answerType } of samples) {
    const image = input.find((part) => part.type === "image");
    if (!image) continue;
    const { width = 0, height = 0, source } = image;
    if (regions.length > 0 && !(width && height)) {
      unsized.add(source);
      continue;
    }
    const known = bySource.get(source);
    const picture = known ?? { id: group, image, captions: [], objects: [] };
    bySource.set(source, picture);
    const said = answerType === "caption" ? (answers ?? [response ?? ""]) : [];
    for (const caption of said)
      if (caption && !picture.captions.includes(caption)) picture.captions.push(caption);
    const objects = regions.filter((region) => (region.image ?? 0) === 0);
    // Every Sample of a picture carries all its regions; one that carries more knows more.
    if (objects.length <= picture.objects.length) continue;
    picture.objects = objects.map(({ label, box: [x1, y1, x2, y2] }) => ({
      label,
      box: [x1 / width, y1 / height, x2 / width, y2 / height],
    }));
  }
  return { pictures: [...bySource.values()], unsized: [...unsized] };
}

/** The context as the writer reads it: a caption a line, then `name: [x1, y1, x2, y2]`. */
export function contextText({ captions, objects }: PictureContext): string {
  const boxes = objects.map(({ label, box }) => `${label}: [${box.map((v) => v.toFixed(3)).join(", ")}]`);
  return [...captions, ...boxes].join("\n");
}
