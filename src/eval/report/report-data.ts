// What the gallery of the report shows: every question with its pictures, its reference and what each column made of
// it. A picture that several questions share is stored once, and large ones are reduced. Of a large run the gallery
// holds a sample, drawn by a hash of the ids: the page must stay loadable, and two reports show the same questions.
import { thumbnail, toDataUrl } from "../../media/index.ts";
import type { MediaSource, TraceEvent } from "../../spec/index.ts";
import { GrowingArray } from "../../util/growing-array.ts";
import { hash32 } from "../../util/rng.ts";
import type { AnswerVerdict, FindVerdicts } from "../answer-verdicts.ts";
import { type ColumnRows, firstRows } from "../column-rows.ts";
import { caseGallery } from "../gallery/index.ts";
import type { GalleryQuestion, GallerySource } from "../gallery-question.ts";
import type { LoadedImage } from "../image-loader.ts";
import type { Row } from "../row.ts";
import { type ReportStep, reportSteps } from "./report-steps.ts";

/** One column's answer in the report. */
export interface ReportAnswer {
  text: string;
  score: number;
  latencyMs?: number;
  /** What was thought before the answer. Regions count into `pictures` of the data. */
  steps?: ReportStep[];
  reason?: string;
  /** What was wrong with the answer, by its technique. */
  problem?: string;
  error?: string;
  /** Lines that say what the technique did on the way. */
  trace?: string[];
  /** What judges said of it. */
  verdicts?: AnswerVerdict[];
}

/** Some questions that are worth a look, such as the best ones of a column. */
export interface ReportCases {
  name: string;
  /** Positions in `questions`, the clearest case first. */
  questions: number[];
}

export interface ReportQuestion extends Omit<GalleryQuestion, "images"> {
  /** Positions in `pictures`. */
  pictures: number[];
  /** Why a picture is missing. */
  problem?: string;
  /** One per column; null when the column was not asked. */
  answers: (ReportAnswer | null)[];
}

export interface ReportData {
  columns: string[];
  /** Data URLs. */
  pictures: string[];
  questions: ReportQuestion[];
  cases: ReportCases[];
  /** Questions of the run; more than `questions` when those are a sample. */
  total: number;
}

export interface ReportDataOptions {
  loadImage(image: MediaSource): Promise<LoadedImage>;
  /** Answers (questions times columns) that the gallery holds. @default 5000 */
  most?: number;
  /** @default nobody has judged */
  verdicts?: FindVerdicts;
}

/** Cases of each kind. */
const casesShown = 6;

/** Collects the gallery of a run. */
export async function reportData(
  columns: readonly ColumnRows[],
  source: GallerySource,
  { loadImage, most = 5000, verdicts = async () => new Map() }: ReportDataOptions,
): Promise<ReportData> {
  const limit = Math.max(1, Math.floor(most / Math.max(1, columns.length)));
  const { ids, total } = await sampleOf(source, limit);
  const shown = await source.find(ids);
  const pictures: string[] = [];
  const known = new Map<string, number>();
  const sources = new Set(shown.flatMap(({ images }) => images.map(({ source }) => source)));
  const size = sources.size > 300 ? { maxSide: 384, maxBytes: 30_000 } : { maxSide: 768, maxBytes: 100_000 };
  const add = async (image: MediaSource): Promise<number> => {
    const { bytes, hash } = await loadImage(image);
    const at = known.get(hash);
    if (at !== undefined) return at;
    const small = await thumbnail(bytes, size);
    known.set(hash, pictures.length);
    return pictures.push(toDataUrl(small.bytes, small.mediaType)) - 1;
  };
  const answers: Map<string, Row>[] = [];
  const judged: Awaited<ReturnType<FindVerdicts>>[] = [];
  for (const column of columns) {
    const rows = await firstRows(column, ids);
    answers.push(rows);
    judged.push(await verdicts(column, rows));
  }
  const blocks: ReportQuestion[] = [];
  for (const { images, ...question } of shown) {
    const positions: (number | undefined)[] = [];
    let problem: string | undefined;
    for (const image of images)
      positions.push(
        await add(image).catch((error: Error) => {
          problem = error.message;
          return undefined;
        }),
      );
    blocks.push({
      ...question,
      pictures: positions.filter((at) => at !== undefined),
      ...(problem ? { problem } : {}),
      answers: answers.map((rows, i) => {
        const row = rows.get(question.id);
        const found = judged[i]!.get(question.id);
        return row ? { ...answerOf(row, positions), ...(found ? { verdicts: found } : {}) } : null;
      }),
    });
  }
  const names = columns.map(({ name }) => name);
  return { columns: names, pictures, questions: blocks, cases: casesOf(names, blocks), total };
}

/** What each column does best and worst, and where others, or the first judge, see it otherwise. */
function casesOf(names: readonly string[], questions: readonly ReportQuestion[]): ReportCases[] {
  const places = new Map(questions.map(({ id }, at) => [id, at]));
  const columns = names.map((name, i) => {
    const secondScores = new Map<string, number>();
    const rows = questions.flatMap(({ id, answers }) => {
      const answer = answers[i];
      const score = answer?.verdicts?.find((verdict) => typeof verdict.score === "number")?.score;
      if (typeof score === "number") secondScores.set(id, score);
      return answer ? [{ id, ...answer }] : [];
    });
    return { name, rows, ...(secondScores.size > 0 ? { secondScores } : {}) };
  });
  const groups = questions.map(({ id, pictures }) => ({
    id,
    ...(pictures.length ? { group: pictures.join() } : {}),
  }));
  return caseGallery(columns, groups, { k: casesShown }).flatMap(({ column, best, worst, disagreed }, i) =>
    [
      { name: `${column}: best`, cases: best },
      { name: `${column}: worst`, cases: worst },
      {
        name: `${column}: ${"secondScores" in columns[i]! ? "judge and rules disagree most" : "columns disagree most"}`,
        cases: disagreed,
      },
    ].flatMap(({ name, cases }) =>
      cases.length > 0 ? [{ name, questions: cases.map(({ id }) => places.get(id)!) }] : [],
    ),
  );
}

/** At most n questions, chosen by a hash of their ids, in their order. */
async function sampleOf({ ids }: GallerySource, n: number): Promise<{ ids: string[]; total: number }> {
  const key = (id: string) => hash32("gallery", id);
  const keys = new GrowingArray(new Uint32Array(0));
  for await (const id of ids) keys.push(key(id));
  const total = keys.values.length;
  const limit = total <= n ? Number.POSITIVE_INFINITY : keys.values.sort()[n]!;
  const chosen: string[] = [];
  for await (const id of ids) if (key(id) < limit) chosen.push(id);
  return { ids: chosen, total };
}

/** @param positions of the question's pictures among those of the report; undefined for one that is missing */
function answerOf(row: Row, positions: readonly (number | undefined)[]): ReportAnswer {
  const { text = "", score, latencyMs, reasoning, reason, problem, error, events } = row;
  const trace = events && events.length > 0 ? events.map(traceLine) : undefined;
  return {
    ...{ text, score, latencyMs, reason, problem, error },
    ...(reasoning
      ? { steps: reportSteps(reasoning, positions.length).map((step) => placed(step, positions)) }
      : {}),
    ...(trace ? { trace } : {}),
  };
}

/** A step whose regions count into the pictures of the report; those of a missing picture are left out. */
function placed({ text, regions = [] }: ReportStep, positions: readonly (number | undefined)[]): ReportStep {
  const shown = regions.flatMap(({ picture, box }) => {
    const at = positions[picture];
    return at === undefined ? [] : [{ picture: at, box }];
  });
  return shown.length > 0 ? { text, regions: shown } : { text };
}

function traceLine({ id, parent, technique, type, data }: TraceEvent): string {
  const depth = parent === null ? 0 : parent.split(".").length;
  return `${"  ".repeat(depth)}${id} ${technique} ${type}${data ? ` ${JSON.stringify(data)}` : ""}`;
}
