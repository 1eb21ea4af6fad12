// The demonstrations that a technique may choose from: labelled Samples, the way to their pictures and, where a selector
// searches by likeness, their vectors.
import { InputError, SightlineError } from "../errors/index.ts";
import { differenceHash } from "../media/index.ts";
import { contentAddress } from "../model/content-address.ts";
import type { Encoder, ImagePart, Sample } from "../spec/index.ts";
import { once } from "../util/once.ts";
import type { VectorIndex } from "./vector-index.ts";

/** Bytes of a picture. */
export interface DemonstrationPicture {
  bytes: Uint8Array;
  mediaType: string;
  /** Content address. */
  hash: string;
}

/** What a picture is recognised by. */
export interface PictureHashes {
  /** Content address: the same file. */
  hash: string;
  /** 8 bytes: the same picture, resized or compressed again. */
  differenceHash: Uint8Array;
}

/** Vectors of all demonstrations, in their order. */
export interface DemonstrationIndex {
  encoder: Encoder;
  images: VectorIndex;
  texts: VectorIndex;
  /** What the pictures are recognised by, where it is known: one list for each demonstration. */
  hashes?: readonly PictureHashes[][];
}

/** Labelled Samples to choose from. */
export interface DemonstrationPool {
  samples: readonly Sample[];
  /** The vectors; throws when the pool was made without. */
  index(): Promise<DemonstrationIndex>;
  /** Pictures of a demonstration, earlier turns included, in prompt order. */
  pictures(at: number): Promise<DemonstrationPicture[]>;
  hashes(at: number): Promise<PictureHashes[]>;
}

export interface PoolOptions {
  /** Gives the bytes of a picture; called again whenever the picture is shown. */
  loadImage(image: ImagePart): Promise<{ bytes: Uint8Array; mediaType: string; hash?: string }>;
  /** Gives the vectors; called once, when a selector first asks for them. */
  index?: () => Promise<DemonstrationIndex>;
}

/** Makes a pool of Samples. Every Sample needs a response, and there must be one. */
export function createPool(samples: readonly Sample[], { loadImage, index }: PoolOptions): DemonstrationPool {
  if (samples.length === 0) {
    const hint = "Name a dataset that has some.";
    throw new InputError({ where: "demonstrations", rule: "must be at least one", got: "none", hint });
  }
  for (const sample of samples) {
    if (labelOf(sample) !== undefined) continue;
    throw new InputError({
      where: `demonstration ${sample.id}`,
      rule: "must have a response or an answer to show",
      got: "neither",
    });
  }
  const known = new Map<number, Promise<PictureHashes[]>>();
  const openIndex =
    index &&
    once(async () => {
      const opened = await index();
      for (const [at, list] of opened.hashes?.entries() ?? []) known.set(at, Promise.resolve(list));
      return opened;
    });
  const pictures = async (at: number): Promise<DemonstrationPicture[]> => {
    const sample = samples[at]!;
    return Promise.all(imagesOf(sample).map((image) => loadOf(sample, image, loadImage)));
  };
  const hashesOf = async (at: number): Promise<PictureHashes[]> =>
    Promise.all(
      (await pictures(at)).map(async ({ bytes, hash }) => ({
        hash,
        differenceHash: await differenceHash(bytes),
      })),
    );
  return {
    samples,
    pictures,
    async index() {
      if (openIndex) return openIndex();
      throw new InputError({
        where: "demonstrations",
        rule: "must have vectors to be chosen by likeness",
        hint: "Open the pool with an encoder.",
      });
    },
    hashes(at) {
      const found = known.get(at) ?? hashesOf(at);
      known.set(at, found);
      return found;
    },
  };
}

/** The answer that a demonstration shows: its response, else its first accepted answer. */
export function labelOf({ response, answers }: Sample): string | undefined {
  return response ?? answers?.[0];
}

/** All image parts of a Sample, earlier turns first. */
export function imagesOf({ turns = [], input }: Sample): ImagePart[] {
  return [...turns.flatMap(({ content }) => content), ...input].filter((part) => part.type === "image");
}

async function loadOf(
  { id }: Sample,
  image: ImagePart,
  loadImage: PoolOptions["loadImage"],
): Promise<DemonstrationPicture> {
  try {
    const { bytes, mediaType, hash } = await loadImage(image);
    return { bytes, mediaType, hash: hash ?? (await contentAddress(bytes)) };
  } catch (error) {
    if (!SightlineError.isInstance(error)) throw error;
    const { rule, got, hint } = error;
    throw new InputError({
      where: `demonstration ${id}, picture ${error.where}`,
      rule,
      got,
      hint,
      cause: error,
    });
  }
}
