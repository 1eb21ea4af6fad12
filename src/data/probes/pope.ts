// POPE's polling for object hallucination (Li et al., arXiv 2305.10355), built as the authors' code does it: the first n
// objects of a picture are asked for, and after each one an object that is not there. How that one is chosen is the
// sampling: at random; the most frequent over all pictures asked; or the one that most often occurs together with the
// object just asked for. A picture never gets the same absent object twice. Where no rule finds one, chance decides.
// Unlike the authors' code, a pair for which no absent object is left is not asked, so yes and no stay equal.
import { InputError } from "../../errors/index.ts";
import type { Sample } from "../../spec/index.ts";
import { createRng } from "../../util/rng.ts";
import type { AnnotatedPicture } from "./annotated-picture.ts";
import { choosePictures } from "./choose-pictures.ts";

export const popeSamplings = ["random", "popular", "adversarial"] as const;

/** How absent objects are chosen. */
export type PopeSampling = (typeof popeSamplings)[number];

export interface PopeOptions {
  /** One or several. @default all three */
  sampling?: PopeSampling | readonly PopeSampling[];
  /** Objects of a picture that are asked for, and as many absent ones. @default 3 */
  perPicture?: number;
  /** @default 0 */
  seed?: number;
  /** Pictures with fewer objects are not asked about. @default perPicture */
  minObjects?: number;
  /** Asks about so many pictures, chosen by the seed. @default all */
  pictures?: number;
}

/** Makes yes/no questions about objects that are and are not in pictures. */
export function popeProbes(
  annotated: readonly AnnotatedPicture[],
  {
    sampling = popeSamplings,
    perPicture = 3,
    seed = 0,
    minObjects = perPicture,
    pictures: limit,
  }: PopeOptions = {},
): Sample[] {
  const rich = annotated.filter(({ objects }) => objects.length >= Math.max(1, minObjects));
  const pictures = limit === undefined ? rich : choosePictures(rich, limit, seed);
  if (pictures.length === 0) {
    const most = Math.max(0, ...annotated.map(({ objects }) => objects.length));
    throw new InputError({
      where: "pope",
      rule: `needs pictures with at least ${Math.max(1, minObjects)} objects`,
      got: `${annotated.length} pictures with at most ${most}`,
      hint: "Ask for fewer objects of a picture (--per-picture).",
    });
  }
  const counts = countObjects(pictures);
  const samplings = typeof sampling === "string" ? [sampling] : sampling;
  const probes = samplings.flatMap((one) => {
    const absentObjects = absentChooser(one, counts);
    return pictures.flatMap((picture) => {
      const rng = createRng("pope", one, seed, picture.name);
      const absent = absentObjects(picture, rng.int);
      return picture.objects.slice(0, perPicture).flatMap((object, i) => {
        const other = absent(object);
        if (other === undefined) return [];
        const make = (name: string, answer: "yes" | "no") =>
          probe(picture, { object: name, answer, place: i + 1, sampling: one, seed });
        return [make(object, "yes"), make(other, "no")];
      });
    });
  });
  if (probes.length > 0) return probes;
  throw new InputError({
    where: "pope",
    rule: "needs objects that are in some pictures and not in others",
    got: `the same ${counts.frequency.size} in every picture`,
  });
}

interface Counts {
  /** Pictures that hold an object. */
  frequency: Map<string, number>;
  /** Pictures that hold an object together with another one. */
  together: Map<string, Map<string, number>>;
}

function countObjects(pictures: readonly AnnotatedPicture[]): Counts {
  const frequency = new Map<string, number>();
  const together = new Map<string, Map<string, number>>();
  const count = (map: Map<string, number>, object: string) => map.set(object, (map.get(object) ?? 0) + 1);
  for (const { objects } of pictures) {
    for (const object of objects) {
      count(frequency, object);
      const others = together.get(object) ?? new Map<string, number>();
      together.set(object, others);
      for (const other of objects) if (other !== object) count(others, other);
    }
  }
  return { frequency, together };
}

/** Makes, for a picture, the function from an object just asked for to the absent one that follows it. */
function absentChooser(sampling: PopeSampling, { frequency, together }: Counts) {
  const pool = [...frequency.keys()];
  const popular = byCount(frequency);
  const neighbours = new Map([...together].map(([object, others]) => [object, byCount(others)]));
  return ({ objects }: AnnotatedPicture, int: (n: number) => number) => {
    const taken = new Set(objects);
    return (object: string): string | undefined => {
      const ranked =
        sampling === "random" ? [] : sampling === "popular" ? popular : (neighbours.get(object) ?? []);
      let absent = ranked.find((name) => !taken.has(name));
      if (absent === undefined) {
        const left = pool.filter((name) => !taken.has(name));
        absent = left[int(left.length)];
      }
      if (absent !== undefined) taken.add(absent);
      return absent;
    };
  };
}

/** Names from the most to the least counted; equal ones in the order in which they came. */
function byCount(counts: Map<string, number>): string[] {
  return [...counts].sort(([, a], [, b]) => b - a).map(([name]) => name);
}

interface Probe {
  object: string;
  answer: "yes" | "no";
  place: number;
  sampling: PopeSampling;
  seed: number;
}

function probe(picture: AnnotatedPicture, { object, answer, place, sampling, seed }: Probe): Sample {
  const { name, source, hash, width, height } = picture;
  const size = width && height ? { width, height } : {};
  return {
    id: `${name}:${sampling}:${place}-${answer}`,
    group: name,
    instruction: popeQuestion(object),
    input: [{ type: "image", source, ...(hash ? { hash } : {}), ...size }],
    response: answer,
    answers: [answer],
    answerType: "yes-no",
    type: sampling,
    provenance: { dataset: "pope", seed },
    extra: { object, split: sampling },
  };
}

/** POPE's question: "an" before the letters a, e, i, o and u. */
export function popeQuestion(object: string): string {
  return `Is there ${/^[aeiou]/i.test(object) ? "an" : "a"} ${object} in the image?`;
}
