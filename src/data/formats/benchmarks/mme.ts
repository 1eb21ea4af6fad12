// MME (MME_Benchmark_release_version): a folder for each of the 14 subtasks. Both layouts of the release are read, also
// mixed: `images/NAME.jpg` with `questions_answers_YN/NAME.txt`, and NAME.txt beside NAME.jpg. A text file has two lines
// `question TAB answer`, one answered yes and one no; the question already ends in "Please answer yes or no.".
import { readdir } from "node:fs/promises";
import path from "node:path";
import { InputError } from "../../../errors/index.ts";
import type { Sample } from "../../../spec/index.ts";
import { nearest } from "../../../util/text.ts";
import { type OnBadRow, RowProblems } from "../row-problems.ts";
import type { BenchmarkReader } from "./benchmark-reader.ts";
import { readExisting, whatToDo } from "./records.ts";

const subtasks = [
  ...[
    "existence",
    "count",
    "position",
    "color",
    "posters",
    "celebrity",
    "scene",
    "landmark",
    "artwork",
    "OCR",
  ],
  ...["commonsense_reasoning", "numerical_calculation", "text_translation", "code_reasoning"],
];
const picture = /\.(jpe?g|png|webp|gif|bmp|tiff?)$/i;

/** Reads MME. */
export const mme: BenchmarkReader = {
  title: "MME",
  splits: ["test"],
  async read({ folder, file, onBadRow }) {
    if (file !== undefined) {
      throw new InputError({ where: `"${file}"`, rule: "must be the folder of MME", got: "a file" });
    }
    const root = await subtaskRoot(folder);
    const samples: Sample[] = [];
    for (const name of root.names) {
      samples.push(...(await readSubtask(path.join(folder, root.place), root.place, name, onBadRow)));
    }
    return samples;
  },
};

/** Where the subtask folders are: the folder itself, or the one that the release unpacks to. */
async function subtaskRoot(folder: string): Promise<{ place: string; names: string[] }> {
  for (const place of ["", "MME_Benchmark_release_version", "MME_Benchmark"]) {
    const entries = await readdir(path.join(folder, place), { withFileTypes: true }).catch(() => []);
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    const names = folders.filter((name) => isSubtask(name)).sort();
    if (names.length === 0) continue;
    for (const name of folders) {
      const meant = isSubtask(name) ? undefined : nearest(name, subtasks);
      if (meant === undefined) continue;
      throw new InputError({
        where: `"${path.join(folder, place)}"`,
        rule: `must hold folders named like the subtasks (${subtasks.join(", ")})`,
        got: `"${name}"`,
        hint: `Did you mean ${meant}?`,
      });
    }
    return { place, names };
  }
  throw new InputError({
    where: `"${folder}"`,
    rule: `must hold the subtask folders of MME (${subtasks.join(", ")})`,
    got: "none of them",
    hint: "Give the folder MME_Benchmark_release_version.",
  });
}

function isSubtask(name: string): boolean {
  return subtasks.some((subtask) => subtask.toLowerCase() === name.toLowerCase());
}

async function readSubtask(
  root: string,
  place: string,
  subtask: string,
  onBadRow: OnBadRow | undefined,
): Promise<Sample[]> {
  const folder = path.join(root, subtask);
  const pictures = new Map<string, string>();
  const texts = new Map<string, string>();
  for (const inner of ["", "images", "questions_answers_YN"]) {
    for (const name of await readdir(path.join(folder, inner)).catch(() => [])) {
      if (picture.test(name)) pictures.set(name.replace(picture, ""), path.posix.join(inner, name));
      else if (name.endsWith(".txt")) texts.set(name.slice(0, -".txt".length), path.join(inner, name));
    }
  }
  const lone = [...pictures].find(([stem]) => !texts.has(stem)) ?? [...texts].find(([s]) => !pictures.has(s));
  if (lone || texts.size === 0) {
    throw new InputError({
      where: `"${folder}"`,
      rule: "must hold a picture and a .txt file of the same name for every pair of questions",
      got: lone ? `"${lone[1]}" alone` : "none",
      hint: "Put what is missing beside it, or leave out the other one.",
    });
  }
  const samples: Sample[] = [];
  for (const [stem, text] of [...texts].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const source = path.posix.join(place, subtask, pictures.get(stem)!);
    const about = { id: `${subtask}/${stem}`, subtask, source };
    samples.push(...(await readPair(path.join(folder, text), about, onBadRow)));
  }
  return samples;
}

async function readPair(
  file: string,
  { id, subtask, source }: { id: string; subtask: string; source: string },
  onBadRow: OnBadRow | undefined,
): Promise<Sample[]> {
  const problems = new RowProblems(file, "line", onBadRow);
  const samples: Sample[] = [];
  const lines = (await readExisting(file)).replace(/^\uFEFF/, "").split(/\r?\n/);
  for (const [i, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const [question, answer, ...rest] = line.split("\t");
    const truth = answer?.trim().toLowerCase();
    if (rest.length > 0 || !question?.trim() || (truth !== "yes" && truth !== "no")) {
      problems.add(
        i + 1,
        `must be a question, a tab and Yes or No, got ${JSON.stringify(line.slice(0, 60))}`,
      );
      continue;
    }
    samples.push({
      id: `${id} ${samples.length + 1}`,
      group: source,
      instruction: question.trim(),
      input: [{ type: "image", source }],
      response: truth,
      answerType: "yes-no",
      type: subtask,
      provenance: { dataset: "MME", split: "test" },
    });
  }
  // Without its other question a pair is no test, but still something to learn.
  if (problems.throwIfAny(whatToDo(problems)) || samples.length === 2) return samples;
  throw new InputError({
    where: file,
    rule: "must hold two questions about its picture",
    got: String(samples.length),
    hint: "acc+ counts pictures with both right.",
  });
}
