// Exact overlaps between the questions that measure a model and the data that trained it: the same picture, by the hash of
// its bytes, and the same question with the same answer, after normalisation. Neither proves much alone (many datasets
// share COCO's pictures; "Is there a dog? yes" is asked about thousands of pictures), both together are a leak. What this
// does not find: pictures that were resized or compressed again, and questions in other words.
import { Hash64Map, hash64 } from "../data/check/hash64.ts";
import type { Samples } from "../data/formats/index.ts";
import { type LoadMediaOptions, loadMedia } from "../media/index.ts";
import type { ImagePart, Sample } from "../spec/index.ts";
import { normaliseAnswer } from "../util/normalise-answer.ts";

/** A dataset whose pictures can be read. */
export interface ReadableSamples {
  samples: Samples;
  /** Folder that the pictures' relative paths start from. */
  baseDir: string;
}

/** Questions of the measured dataset that are found in the other one. */
export interface Overlap {
  count: number;
  ids: string[];
}

export interface Contamination {
  /** Questions that were looked at. */
  questions: number;
  /** Questions about a picture that is in the other dataset. */
  pictures: Overlap;
  /** Questions that the other dataset asks too, with the same answer. */
  questionAnswers: Overlap;
  /** Questions about the same picture with the same words and answer: leaked for certain. */
  both: Overlap;
  /** Sources of pictures that could not be read, so that nothing is known of them. */
  unread: string[];
}

export interface ContaminationOptions extends Pick<LoadMediaOptions, "allowOutside" | "signal"> {}

/** Finds which questions of a dataset are in a training set too. Pictures behind URLs are compared only by declared hash. */
export async function contamination(
  measured: ReadableSamples,
  training: ReadableSamples,
  options: ContaminationOptions = {},
): Promise<Contamination> {
  const unread = new Set<string>();
  const hashesOf = pictureHashes(measured.baseDir, unread, options);
  const trainingHashesOf = pictureHashes(training.baseDir, unread, options);
  const [hashes, texts, pairs] = [new Hash64Map(), new Hash64Map(), new Hash64Map()];
  const has = (set: Hash64Map, text: string) => set.get(hash64(text)) !== undefined;
  const add = (set: Hash64Map, text: string) => set.set(hash64(text), 0);
  for await (const sample of training.samples) {
    const keys = textKeys(sample);
    for (const key of keys) add(texts, key);
    for (const hash of await trainingHashesOf(sample)) {
      add(hashes, hash);
      for (const key of keys) add(pairs, `${hash} ${key}`);
    }
  }
  const found = { pictures: [] as string[], questionAnswers: [] as string[], both: [] as string[] };
  let questions = 0;
  for await (const sample of measured.samples) {
    questions++;
    const keys = textKeys(sample);
    const own = await hashesOf(sample);
    if (own.some((hash) => has(hashes, hash))) found.pictures.push(sample.id);
    if (keys.some((key) => has(texts, key))) found.questionAnswers.push(sample.id);
    if (own.some((hash) => keys.some((key) => has(pairs, `${hash} ${key}`)))) found.both.push(sample.id);
  }
  const overlap = (ids: string[]): Overlap => ({ count: ids.length, ids });
  return {
    questions,
    pictures: overlap(found.pictures),
    questionAnswers: overlap(found.questionAnswers),
    both: overlap(found.both),
    unread: [...unread],
  };
}

/** A key for each accepted answer of a question. A question without answers has none, since nothing could leak. */
function textKeys({ instruction, answers, response }: Sample): string[] {
  const accepted = [...(answers ?? []), ...(response === undefined ? [] : [response])];
  const question = normaliseAnswer(instruction.replace(/[?!\s]+$/, ""));
  return [...new Set(accepted.map((answer) => JSON.stringify([question, normaliseAnswer(answer)])))];
}

/** Questions about one picture mostly stand together. */
const rememberedPictures = 10_000;

/** Makes the function that gives the content addresses of a Sample's pictures; a picture seen lately is not read again. */
function pictureHashes(baseDir: string, unread: Set<string>, options: ContaminationOptions) {
  const known = new Map<string, Promise<string | undefined>>();
  const hashOf = (image: ImagePart): Promise<string | undefined> => {
    if (image.hash !== undefined) return Promise.resolve(image.hash);
    const hashing =
      known.get(image.source) ??
      loadMedia(image, { baseDir, allowUrls: false, ...options }).then(
        ({ hash }) => hash,
        (error: unknown) => {
          if (options.signal?.aborted) throw error;
          unread.add(image.source);
          return undefined;
        },
      );
    known.set(image.source, hashing);
    if (known.size > rememberedPictures) known.delete(known.keys().next().value!);
    return hashing;
  };
  return async ({ input }: Sample): Promise<string[]> => {
    options.signal?.throwIfAborted();
    const images = input.filter((part): part is ImagePart => part.type === "image");
    const hashes = await Promise.all(images.map(hashOf));
    return hashes.filter((hash): hash is string => hash !== undefined);
  };
}

/** Says in one sentence what was found. */
export function contaminationNote({
  questions,
  pictures,
  questionAnswers,
  both,
  unread,
}: Contamination): string {
  const share = ({ count }: Overlap) => `${count} of ${questions}`;
  const missing = unread.length > 0 ? `; ${unread.length} pictures could not be read` : "";
  return `In the training data: ${share(both)} questions with picture, words and answer, ${share(pictures)} with the picture, ${share(questionAnswers)} with words and answer${missing}.`;
}
