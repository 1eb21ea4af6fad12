// The task of a dataset: a benchmark's own, or the scoring of a person's own questions.
import type { BenchmarkName, Samples } from "../../data/formats/index.ts";
import { createScorer } from "../scorer.ts";
import { amberTask } from "./amber.ts";
import { chartQaTask, docVqaTask, textVqaTask, vqaTask } from "./answer-tasks.ts";
import { chairTask } from "./chair.ts";
import { cocoCaptionsTask } from "./coco-captions.ts";
import { hallusionBenchTask } from "./hallusion-bench.ts";
import { heldInMixes } from "./held-in.ts";
import { mmbenchTask } from "./mmbench.ts";
import { mmeTask } from "./mme.ts";
import { popeTask } from "./pope.ts";
import { refCocoTask } from "./ref-coco.ts";
import { scienceQaTask } from "./science-qa.ts";
import type { Task } from "./task.ts";

const tasks: Record<BenchmarkName, () => Task> = {
  ...{ mme: mmeTask, pope: popeTask, mmbench: mmbenchTask, "hallusion-bench": hallusionBenchTask },
  ...{ "science-qa": scienceQaTask, vqa: vqaTask, "text-vqa": textVqaTask, "doc-vqa": docVqaTask },
  ...{ "chart-qa": chartQaTask, "coco-captions": cocoCaptionsTask, "ref-coco": refCocoTask },
  amber: amberTask,
};

/** The task that scores a dataset; one that is no benchmark gets exact match, and object names for captions. */
export async function taskFor({ task, samples = [] }: { task?: string; samples?: Samples }): Promise<Task> {
  if (task === "chair") return chairTask(samples);
  if (task !== undefined && Object.hasOwn(tasks, task)) {
    const made = tasks[task as BenchmarkName]();
    return Object.hasOwn(heldInMixes, task) ? { ...made, heldIn: heldInMixes[task]! } : made;
  }
  const scorer = createScorer();
  return { name: scorer.name, scorer };
}

/** Says in one sentence which training mixes are known to hold a task's training split. */
export function heldInNote({ name, heldIn }: Task): string {
  if (!heldIn) return `${name}: no training mix is known to hold its training split; unknown for others.`;
  return `${name}: known to be in the training of ${heldIn.join("; ")}; unknown for others.`;
}
