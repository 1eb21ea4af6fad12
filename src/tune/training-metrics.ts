// A run in numbers, for tables and for other programs: what each stage trained, how long a step took, how good it became and
// how much of that its blind control explains. Written to OUT/metrics.json.
import path from "node:path";
import { writeFileAtomic } from "../util/files.ts";
import type { Evaluation } from "./train.ts";
import type { StagePlan } from "./training-plan.ts";
import type { BestReport, PaceReport } from "./worker.ts";

export interface StageMetrics {
  stage: string;
  parameters: StagePlan["parameters"];
  /** Steps that were made in this process. */
  steps: number;
  /** Median time of a step in seconds; undefined with fewer than two. */
  stepSeconds?: number;
  /** Share of that time that the first worker waited for its data. */
  waitShare?: number;
  /** The evaluation of the weights that the stage ended with. */
  evaluation?: Evaluation;
}

export interface TrainingMetrics {
  recipe: string;
  finished: boolean;
  stages: StageMetrics[];
  /** The most memory that the process had, in bytes, of whatever it was used for. */
  peakMemoryBytes: number;
}

/** Collects what a run tells while it runs. `now` gives milliseconds. */
export function createMetrics(plans: readonly StagePlan[], { now = () => performance.now() } = {}) {
  const times = plans.map((): number[] => []);
  const evaluations = plans.map((): Evaluation[] => []);
  const ends = new Map<number, number>();
  const waits = new Map<number, number>();
  return {
    step({ stage }: { stage: number }) {
      times[stage]!.push(now());
    },
    evaluation(stage: number, evaluation: Evaluation) {
      evaluations[stage]!.push(evaluation);
    },
    best({ stage, best }: BestReport) {
      ends.set(stage, best);
    },
    pace({ stage, waitShare }: PaceReport) {
      waits.set(stage, waitShare);
    },
    /** The run so far. */
    metrics(recipe: string, finished: boolean): TrainingMetrics {
      return {
        recipe,
        finished,
        stages: plans.map(({ stage, parameters }, i) => {
          const own = evaluations[i]!;
          const evaluation = own.find(({ step }) => step === ends.get(i)) ?? own.at(-1);
          const gaps = times[i]!.slice(1).map((time, at) => time - times[i]![at]!);
          const median = gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)];
          return {
            stage,
            parameters,
            steps: times[i]!.length,
            ...(median !== undefined && { stepSeconds: median / 1000 }),
            ...(waits.has(i) && { waitShare: waits.get(i)! }),
            ...(evaluation && { evaluation }),
          };
        }),
        peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
      };
    },
  };
}

/** Writes `OUT/metrics.json`. */
export async function writeMetrics(out: string, metrics: TrainingMetrics): Promise<void> {
  await writeFileAtomic(path.join(out, "metrics.json"), `${JSON.stringify(metrics, null, 2)}\n`);
}
