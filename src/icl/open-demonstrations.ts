// Demonstrations of a dataset with their vectors in the store. The vectors are made when a selector first asks for them,
// and kept: they belong to one encoder, weights included, and to the Samples as they were. Vectors of two encoders have
// nothing to say to each other, so another encoder is refused until the set is made anew.
import { InputError } from "../errors/index.ts";
import { differenceHash } from "../media/index.ts";
import type { Encoder, Sample } from "../spec/index.ts";
import {
  type DemonstrationSet,
  findDemonstrationSet,
  readDemonstrations,
  type Store,
  type StoredDemonstration,
  writeDemonstrations,
} from "../store/index.ts";
import { contentHash } from "../util/hash.ts";
import { meanVector } from "./likeness.ts";
import {
  createPool,
  type DemonstrationIndex,
  type DemonstrationPool,
  type PictureHashes,
  type PoolOptions,
} from "./pool.ts";
import { checkCount, createVectorIndex } from "./vector-index.ts";

/** Labelled Samples to be shown. */
export interface DemonstrationSource {
  /** Names the set in the store; the name of the dataset. */
  name: string;
  /** Folder that the pictures' relative paths start from. */
  baseDir: string;
  samples: readonly Sample[];
}

export interface OpenDemonstrationsOptions extends Pick<PoolOptions, "loadImage"> {
  /** Where the vectors are kept. A function is called when they are first asked for, and its store is closed once they are read. */
  store: Store | (() => Promise<Store>);
  /**
   * Vectors of words are enough: those of the store are used when they are there, else words alone are encoded, which
   * looks at no picture and keeps nothing. @default false
   */
  wordsOnly?: boolean;
  /** Opens the encoder; called when vectors are first asked for. */
  openEncoder(): Promise<Encoder>;
  /** Called after each demonstration that was encoded. */
  onEncoded?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

export interface EncodeOptions
  extends Omit<OpenDemonstrationsOptions, "openEncoder" | "store" | "wordsOnly"> {
  store: Store;
  encoder: Encoder;
}

/** Opens the demonstrations of a dataset. */
export function openDemonstrations(
  source: DemonstrationSource,
  options: OpenDemonstrationsOptions,
): DemonstrationPool {
  const { store, openEncoder, loadImage } = options;
  return createPool(source.samples, {
    loadImage,
    async index() {
      checkCount(source.samples.length);
      const encoder = await openEncoder();
      if (typeof store !== "function") return openIndex(source, { ...options, store, encoder });
      const opened = await store();
      try {
        return await openIndex(source, { ...options, store: opened, encoder });
      } finally {
        await opened.close();
      }
    },
  });
}

/** The vectors of a set, made first where the store has none of these Samples. */
async function openIndex(
  source: DemonstrationSource,
  options: EncodeOptions & { wordsOnly?: boolean },
): Promise<DemonstrationIndex> {
  const { store, encoder, wordsOnly } = options;
  const kept = await findDemonstrationSet(store, source.name);
  const isCurrent = kept?.hash === samplesHash(source.samples);
  if (isCurrent) checkEncoder(kept, encoder);
  else if (wordsOnly) return wordIndex(source.samples, encoder);
  else await encodeDemonstrations(source, options);
  return readIndex(store, source.name, encoder);
}

/** Makes the vectors of a set anew, in the place of any that are there. */
export async function encodeDemonstrations(
  { name, baseDir, samples }: DemonstrationSource,
  { store, encoder, loadImage, onEncoded, signal }: EncodeOptions,
): Promise<DemonstrationSet> {
  checkCount(samples.length);
  const pool = createPool(samples, { loadImage });
  const rows: StoredDemonstration[] = [];
  for (const [at, sample] of samples.entries()) {
    signal?.throwIfAborted();
    const pictures = await pool.pictures(at);
    const vectors = await encoder.embed({
      texts: [sample.instruction],
      images: pictures.map(({ bytes }) => bytes),
      ...(signal ? { signal } : {}),
    });
    const hashes = pictures.map(async ({ bytes, hash }) => ({
      hash,
      differenceHash: await differenceHash(bytes),
    }));
    rows.push({
      id: sample.id,
      sample,
      pictures: await Promise.all(hashes),
      imageVector: pictures.length > 0 ? meanVector(vectors.slice(1)) : null,
      textVector: vectors[0]!,
    });
    onEncoded?.(at + 1, samples.length);
  }
  const { id, dimensions } = encoder;
  const set = { name, hash: samplesHash(samples), baseDir, encoder: id, dimensions, count: samples.length };
  await writeDemonstrations(store, set, rows);
  return set;
}

async function readIndex(store: Store, name: string, encoder: Encoder): Promise<DemonstrationIndex> {
  const images: (Float32Array | null)[] = [];
  const texts: Float32Array[] = [];
  const hashes: PictureHashes[][] = [];
  for await (const { imageVector, textVector, pictures } of readDemonstrations(store, name)) {
    hashes.push(pictures);
    images.push(imageVector);
    texts.push(textVector);
  }
  const { dimensions } = encoder;
  return {
    encoder,
    images: createVectorIndex(images, dimensions),
    texts: createVectorIndex(texts, dimensions),
    hashes,
  };
}

async function wordIndex(samples: readonly Sample[], encoder: Encoder): Promise<DemonstrationIndex> {
  const { dimensions } = encoder;
  const texts = await encoder.embed({ texts: samples.map(({ instruction }) => instruction) });
  const images = createVectorIndex(
    texts.map(() => null),
    dimensions,
  );
  return { encoder, images, texts: createVectorIndex(texts, dimensions) };
}

function checkEncoder({ name, encoder, dimensions }: DemonstrationSet, now: Encoder): void {
  if (encoder === now.id && dimensions === now.dimensions) return;
  throw new InputError({
    where: `demonstrations "${name}"`,
    rule: `have vectors of the encoder ${encoder} with ${dimensions} numbers`,
    got: `${now.id} with ${now.dimensions}`,
    hint: `Make them anew with sightline data index ${name} --store STORE, or use ${encoder.replace(/@[^@]*$/, "")}.`,
  });
}

function samplesHash(samples: readonly Sample[]): string {
  return contentHash(samples.map((sample) => JSON.stringify(sample)).join("\n"));
}
