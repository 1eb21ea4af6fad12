// Judging the answers of a stored run. Judgements are kept beside the results, so that a stopped judge goes on, and
// each says which judge and which prompt made it.
import PQueue from "p-queue";
import type { Samples } from "../data/formats/index.ts";
import type { ImagePart, LanguageModel, Sample } from "../spec/index.ts";
import { readJudgements, type Store, writeJudgement } from "../store/index.ts";
import { type ColumnRows, withAnswers } from "./column-rows.ts";
import {
  correctnessLevels,
  type Judgement,
  type JudgementFigures,
  judgementFigures,
  judgePair,
  judgeReference,
  judgeRubric,
  type PairFigures,
  type PairJudgement,
  pairFigures,
  pairPrompt,
  type ReferenceFigures,
  type ReferenceJudgement,
  type RubricJudgement,
  referenceFigures,
  referencePrompt,
  rubricPrompt,
} from "./judge/index.ts";
import type { Row } from "./row.ts";

/** `rubric`: graded by levels. `reference`: rated beside the reference. `pair`: against the first column. */
export const judgeModes = ["rubric", "reference", "pair"] as const;
export type JudgeMode = (typeof judgeModes)[number];

export type JudgeFigures =
  | ({ mode: "rubric" } & JudgementFigures)
  | ({ mode: "reference" } & ReferenceFigures)
  | ({ mode: "pair"; against: string } & PairFigures);

export interface JudgeRunOptions {
  mode: JudgeMode;
  model: LanguageModel;
  loadImage(image: ImagePart): Promise<{ bytes: Uint8Array; mediaType: string }>;
  seed: number;
  concurrency: number;
  signal?: AbortSignal;
  onJudged?: (column: string) => void;
}

/** Judges every answer that has no judgement of this kind yet; returns the figures of every judged column. */
export async function judgeRun(
  store: Store,
  run: string,
  { columns, samples }: { columns: readonly ColumnRows[]; samples: Samples },
  options: JudgeRunOptions,
): Promise<Record<string, JudgeFigures>> {
  const { mode, model, signal, concurrency } = options;
  const against = mode === "pair" ? columns[0] : undefined;
  const by = `${model.provider}:${model.modelId}`;
  const kind = kindOf({ mode, judge: by, prompt: promptHashOf(mode), against: against?.name });
  const figures: Record<string, JudgeFigures> = {};
  for (const column of columns) {
    if (column === against) continue;
    const judgements = new Map<string, unknown>();
    for (const { question, data } of await readJudgements(store, run, { column: column.name, kind }))
      judgements.set(question, data);
    const queue = new PQueue({ concurrency });
    let failure: { error: unknown } | undefined;
    const judge = async (sample: Sample, row: Row, other: Row | undefined) => {
      if (signal?.aborted || failure) return;
      try {
        const { score, data } = await judgeOne(sample, { row, other }, options);
        // What changed the answer made the old judgement void: the text that was judged is kept with it.
        await writeJudgement(store, run, { column: column.name, question: sample.id, kind, score, data });
        judgements.set(sample.id, data);
        options.onJudged?.(column.name);
      } catch (error) {
        if (!signal?.aborted) failure ??= { error };
      }
    };
    const asked = against ? [column, against] : [column];
    for await (const { sample, rows } of withAnswers(samples, asked)) {
      const [row, other] = rows;
      if (row?.text === undefined || (against && other?.text === undefined)) continue;
      const known = judgements.get(row.id) as Judged | undefined;
      if (known && isOf(known, row, other)) continue;
      judgements.delete(row.id);
      void queue.add(() => judge(sample, row, other));
      // The judge is slower than the store: no more than a few questions wait in memory.
      await queue.onSizeLessThan(2 * concurrency);
    }
    await queue.onIdle();
    if (failure) throw failure.error;
    figures[column.name] = judgeFiguresOf(mode, [...judgements.values()] as Judged[], against?.name ?? "");
  }
  return figures;
}

/** What judgements are kept under: who judged, how, and for pairs against whom. */
export interface JudgeKind {
  mode: JudgeMode;
  /** Provider and id of the judge. */
  judge: string;
  /** The start of the prompt's hash. */
  prompt: string;
  against?: string;
}

function kindOf({ mode, judge, prompt, against }: JudgeKind): string {
  return `${mode} ${judge} ${prompt}${against === undefined ? "" : ` against ${against}`}`;
}

/** Reads the kind of a stored judgement; undefined when it is none of a judge's. */
export function parseKind(kind: string): JudgeKind | undefined {
  const found = /^(rubric|reference|pair) (.+?) ([0-9a-f]{12})(?: against (.+))?$/s.exec(kind);
  if (!found) return undefined;
  const [, mode, judge, prompt, against] = found;
  return {
    ...{ mode: mode as JudgeMode, judge: judge!, prompt: prompt! },
    ...(against === undefined ? {} : { against }),
  };
}

/** A judgement with the texts it is about. */
export interface Judged {
  answer: string;
  other?: string;
  judgement: RubricJudgement | ReferenceJudgement | PairJudgement;
}

/** True when the judgement is of these answers, and not of ones that the question had before. */
export function isOf(
  { answer, other }: Judged,
  row: Pick<Row, "text">,
  against: Pick<Row, "text"> | undefined,
): boolean {
  return answer === row.text && other === against?.text;
}

async function judgeOne(
  sample: Sample,
  { row, other }: { row: Row; other: Row | undefined },
  { mode, model, loadImage, seed, signal }: JudgeRunOptions,
): Promise<{ score: number | null; data: Judged }> {
  const judge = { model, loadImage, seed, signal };
  const answer = row.text!;
  if (mode === "rubric") {
    const judgement = await judgeRubric({ sample, answer, ruleScore: row.score }, judge);
    return { score: judgement.score, data: { answer, judgement } };
  }
  if (mode === "reference") {
    const judgement = await judgeReference({ sample, answer, ruleScore: row.score }, judge);
    const rated: Judgement<{ answer: number }> = judgement;
    return { score: rated.score === null ? null : (rated.score.answer - 1) / 9, data: { answer, judgement } };
  }
  const judgement = await judgePair(
    { sample, answers: [answer, other!.text!], ruleScores: [row.score, other!.score] },
    judge,
  );
  const { winner } = judgement;
  const score = winner === null ? null : winner === "tie" ? 0.5 : 1 - winner;
  return { score, data: { answer, other: other!.text!, judgement } };
}

/** Sums up the judgements of one column, of one kind. */
export function judgeFiguresOf(mode: JudgeMode, judged: readonly Judged[], against: string): JudgeFigures {
  const judgements = judged.map(({ judgement }) => judgement);
  if (mode === "rubric") return { mode, ...judgementFigures(judgements as RubricJudgement[]) };
  if (mode === "reference") return { mode, ...referenceFigures(judgements as ReferenceJudgement[]) };
  return { mode, against, ...pairFigures(judgements as PairJudgement[]) };
}

function promptHashOf(mode: JudgeMode): string {
  const prompts = { rubric: rubricPrompt(correctnessLevels), reference: referencePrompt, pair: pairPrompt };
  return prompts[mode].hash.slice(7, 19);
}

/** Writes the figures of a judge as text; empty without any. */
export function formatJudge(figures: Record<string, JudgeFigures>, judge: string): string {
  const percent = (share: number | null) => (share === null ? "–" : `${(100 * share).toFixed(1)}%`);
  const range = (interval: readonly [number, number] | null) =>
    interval ? ` (${(100 * interval[0]).toFixed(1)} – ${(100 * interval[1]).toFixed(1)})` : "";
  const lines = Object.entries(figures).map(([column, one]) => {
    const rules =
      one.ruleCompared > 0
        ? `; disagrees with the rules on ${one.ruleDisagreements} of ${one.ruleCompared}`
        : "";
    const unread = one.failed > 0 ? `; ${one.failed} could not be read and are in no figure` : "";
    if (one.mode === "rubric")
      return `  ${column}: ${percent(one.mean)}${range(one.interval)} over ${one.n} answers${unread}${rules}`;
    if (one.mode === "reference")
      return `  ${column}: ${percent(one.score)} of the reference's rating over ${one.n} answers${unread}${rules}`;
    return `  ${column} against ${one.against}: ${one.wins[0]} won, ${one.wins[1]} lost, ${one.ties} ties, win rate ${percent(one.winRate)}${range(one.interval)}; the place decided ${one.orderDependent}${unread}${rules}`;
  });
  return lines.length > 0 ? `\nJudged by ${judge}:\n${lines.join("\n")}\n` : "";
}
