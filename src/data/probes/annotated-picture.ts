import type { Region } from "../../spec/index.ts";

/** A picture and all objects that are known to be in it. What is not listed counts as absent. */
export interface AnnotatedPicture {
  /** As the annotations name it. */
  name: string;
  /** An absolute path, an http(s) URL or a data URL. */
  source: string;
  hash?: string;
  /** Pixels. */
  width?: number;
  /** Pixels. */
  height?: number;
  /** Names in lower case, each once, in the order of the file. */
  objects: string[];
  /** Places of objects, where the file gives them; in pixels. */
  regions: Region[];
}

/** One thing found in a picture. */
export interface Detection {
  label: string;
  box?: Region["box"];
  /** Confidence of a detector, from 0 to 1. */
  score?: number;
}

/** Collects the detections of one file by picture; a picture that comes twice gets the objects of both. */
export class PictureCollector {
  readonly #minScore: number;
  readonly #pictures = new Map<string, AnnotatedPicture>();

  constructor(minScore: number) {
    this.#minScore = minScore;
  }

  add(
    picture: Omit<AnnotatedPicture, "objects" | "regions">,
    detections: readonly Detection[] = [],
  ): AnnotatedPicture {
    let found = this.#pictures.get(picture.source);
    if (!found) {
      found = { ...picture, objects: [], regions: [] };
      this.#pictures.set(picture.source, found);
    }
    for (const detection of detections) this.#addTo(found, detection);
    return found;
  }

  all(): AnnotatedPicture[] {
    return [...this.#pictures.values()];
  }

  #addTo(picture: AnnotatedPicture, { label, box, score = 1 }: Detection): void {
    if (score < this.#minScore) return;
    const object = objectName(label);
    if (!picture.objects.includes(object)) picture.objects.push(object);
    if (!box) return;
    const isKnown = picture.regions.some((known) => known.label === object && `${known.box}` === `${box}`);
    if (!isKnown) picture.regions.push({ label: object, box });
  }
}

/** The one spelling of an object's name. */
export function objectName(label: string): string {
  return label.trim().replace(/\s+/g, " ").toLowerCase();
}
