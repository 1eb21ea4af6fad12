// Training rows that are also in an evaluation set. Texts: a run of 13 words that both have (the rule of GPT-3's report,
// Brown et al. 2020, appendix C); runs that many evaluation rows share are the wording of a prompt and do not count.
// Pictures: difference hashes that differ in at most 7 of 64 bits, which also finds resized and recompressed copies.
// Either alone is a warning, since many sets share COCO's pictures; picture and question together are a leak, an error.

import { SightlineError } from "../../errors/index.ts";
import { differenceHash, hammingDistance } from "../../media/difference-hash.ts";
import { Hash64Map, hash64 } from "./hash64.ts";
import { type PictureOptions, pictureReader } from "./pictures.ts";
import { readRows } from "./read-rows.ts";
import { type Check, type CheckedRow, rowPlace } from "./row-view.ts";
import { wordsOf } from "./words.ts";

const runWords = 13;
/** Runs of words in more evaluation rows than this are wording of the prompt. */
const maxRowsOfRun = 10;
/** Eight bytes, so hashes that differ in at most seven bits are the same in one byte at least. */
const maxDistance = 7;
/** A count of rows stands above the number of a row in one number of 32 bits; it stops one above the most that matter. */
const countUnit = 2 ** 28;
const maxCount = maxRowsOfRun + 1;

export interface ContaminationOptions extends PictureOptions {
  /** Compares pictures too, which must be opened for it. @default true */
  pictures?: boolean;
}

interface EvaluationIndex {
  /** Run of words to the row that has it, with the number of rows that do above 2^28. */
  runs: Hash64Map;
  /** Question and number of its picture to the row. */
  pairs: Hash64Map;
  pictures: { hash: Uint8Array; row: number }[];
  /** Numbers of pictures by place and value of one byte. */
  byByte: Map<number, number[]>;
  places: string[];
}

/** Checks for rows that are in the evaluation files too. */
export async function contaminationCheck(
  evaluationFiles: readonly string[],
  options: ContaminationOptions = {},
): Promise<Check> {
  const { pictures: comparePictures = true, signal } = options;
  const readHash = pictureReader(({ bytes }) => differenceHash(bytes), options);
  const hashesOf = async (row: CheckedRow): Promise<{ hash: Uint8Array; source: string }[]> => {
    if (!comparePictures) return [];
    const hashes: { hash: Uint8Array; source: string }[] = [];
    for (const picture of row.view.pictures) {
      try {
        const hash = await readHash(row, picture);
        if (hash && !isBlank(hash)) hashes.push({ hash, source: picture.source });
      } catch (error) {
        // What cannot be read is the media check's to report.
        if (signal?.aborted || !SightlineError.isInstance(error)) throw error;
      }
    }
    return hashes;
  };
  const index = await indexRows(evaluationFiles, hashesOf, signal);
  return {
    name: "contamination",
    async row(row, report) {
      const place = rowPlace(row);
      const run = sharedRun(row, index);
      const questions = questionsOf(row);
      for (const { hash, source } of await hashesOf(row)) {
        const near = nearPictures(hash, index);
        if (near.length === 0) continue;
        const pair = near
          .flatMap((number) =>
            questions.map((question) => index.pairs.get(hash64(pairKey(question, number)))),
          )
          .find((found) => found !== undefined);
        if (pair !== undefined) {
          const message = `asks the same question about the same picture as ${index.places[pair]}`;
          report({ check: "contamination", severity: "error", ...place, message, picture: source });
        } else {
          const message = `has a picture that ${index.places[index.pictures[near[0]!]!.row]} has`;
          report({ check: "contamination-picture", severity: "warning", ...place, message, picture: source });
        }
      }
      if (run === undefined) return;
      const message = `shares ${runWords} words in a row with ${index.places[run]}`;
      report({ check: "contamination-text", severity: "warning", ...place, message });
    },
  };
}

async function indexRows(
  files: readonly string[],
  hashesOf: (row: CheckedRow) => Promise<{ hash: Uint8Array }[]>,
  signal?: AbortSignal,
): Promise<EvaluationIndex> {
  const index: EvaluationIndex = {
    runs: new Hash64Map(),
    pairs: new Hash64Map(),
    pictures: [],
    byByte: new Map(),
    places: [],
  };
  for await (const { rows } of readRows(files, { signal })) {
    for (const row of rows) {
      const number = index.places.push(`${row.file}:${row.line}`) - 1;
      for (const run of new Set(runsOf(row))) {
        const key = hash64(run);
        const known = index.runs.get(key);
        if (known === undefined) index.runs.set(key, number + countUnit);
        else if (known < maxCount * countUnit) index.runs.set(key, known + countUnit);
      }
      for (const { hash } of await hashesOf(row)) {
        const same = nearPictures(hash, index, 0)[0];
        const picture = same ?? addPicture(index, hash, number);
        for (const question of questionsOf(row)) {
          index.pairs.getOrSet(hash64(pairKey(question, picture)), number);
        }
      }
    }
  }
  return index;
}

function addPicture(index: EvaluationIndex, hash: Uint8Array, row: number): number {
  const number = index.pictures.push({ hash, row }) - 1;
  for (const [place, byte] of hash.entries()) {
    const key = place * 256 + byte;
    const list = index.byByte.get(key);
    if (list) list.push(number);
    else index.byByte.set(key, [number]);
  }
  return number;
}

/** Numbers of the pictures whose hashes are near this one, nearest first. */
function nearPictures(hash: Uint8Array, index: EvaluationIndex, distance = maxDistance): number[] {
  const found = new Map<number, number>();
  for (const [place, byte] of hash.entries()) {
    for (const number of index.byByte.get(place * 256 + byte) ?? []) {
      if (!found.has(number)) found.set(number, hammingDistance(hash, index.pictures[number]!.hash));
    }
  }
  return [...found]
    .filter(([, bits]) => bits <= distance)
    .sort((a, b) => a[1] - b[1])
    .map(([number]) => number);
}

/** A picture of nearly one colour has nearly no bits, and would be near to every other such picture. */
function isBlank(hash: Uint8Array): boolean {
  return hammingDistance(hash, new Uint8Array(hash.length)) <= maxDistance;
}

function sharedRun(row: CheckedRow, { runs }: EvaluationIndex): number | undefined {
  for (const run of runsOf(row)) {
    const found = runs.get(hash64(run));
    if (found !== undefined && Math.floor(found / countUnit) <= maxRowsOfRun) return found % countUnit;
  }
  return undefined;
}

/** All runs of words of what user and assistant say. */
function* runsOf({ view }: CheckedRow): Generator<string> {
  for (const { role, text } of view.turns) {
    if (role !== "user" && role !== "assistant") continue;
    const words = wordsOf(text.replaceAll("<image>", " "));
    for (let i = 0; i + runWords <= words.length; i++) yield words.slice(i, i + runWords).join(" ");
  }
}

/** What the user says, turn by turn. */
function questionsOf({ view }: CheckedRow): string[] {
  return view.turns.flatMap(({ role, text }) =>
    role === "user" ? [wordsOf(text.replaceAll("<image>", " ")).join(" ")] : [],
  );
}

function pairKey(question: string, picture: number): string {
  return `${picture}\u0000${question}`;
}
