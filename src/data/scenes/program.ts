// The gold program of a question: the few steps that lead from the picture to the answer. Run on the ground truth it
// gives the reference answer; run on what a detector and a reader found, it gives the best that those tools allow. What
// its steps observe, in words, is the rationale that training teaches.
import { assert } from "../../errors/index.ts";
import type { Box } from "../../spec/index.ts";
import { formatBox, overlap } from "./box.ts";
import { sceneSize } from "./canvas.ts";
import type { ChartMark } from "./chart.ts";
import { type ChartStep, runChartProgram } from "./chart-program.ts";
import { conceptIndex, concepts } from "./concepts.ts";
import { cellsPerRow } from "./ground-truth.ts";
import { minOffset, position } from "./position.ts";
import type { SceneQuestion } from "./questions.ts";
import type { Scene } from "./scene.ts";
import { type Direction, numberWords } from "./wordings.ts";

/** A program is about things and words, or about a chart. */
export type ProgramStep = SceneStep | ChartStep;

/** One step. `of` counts into the results of the steps before it, from 0. */
type SceneStep =
  /** The things of this name, from left to right. */
  | { op: "find"; name: string }
  /** All things, or all of a category, from left to right. */
  | { op: "list"; category?: string }
  /** The only thing that is clearly in this direction of the one thing found. */
  | { op: "beside"; of: number; direction: Direction }
  /** All things whose centre lies farther in this direction than that of the one thing found. */
  | { op: "farther"; of: number; direction: Direction }
  | { op: "read" }
  /** The thing whose box is most like this one, as shares of the picture's sides. */
  | { op: "at"; box: Box }
  /** Where the one thing found is, as shares of the picture's sides. */
  | { op: "box"; of: number }
  | { op: "exists" | "count" | "name" | "category" | "caption"; of: number }
  | { op: "more" | "bigger" | "add" | "subtract"; of: [number, number] };

/** A thing that can be talked about: what it is called, and where it is. */
export interface Thing {
  name: string;
  box: Box;
}

/** What is known of a picture. */
export interface SceneView {
  things: Thing[];
  word?: string;
  /** Bars or points of a chart. */
  marks?: readonly ChartMark[];
  /** Width and height in pixels. @default 112 */
  size?: number;
}

/** What a program found. */
export interface ProgramRun {
  answer: string;
  /** What each step saw, in words, each with the boxes that it speaks of; steps that only conclude say nothing. */
  observations: { text: string; boxes: Box[] }[];
}

/** The part of a scene that is known of it without looking. */
export type SceneTruth = Pick<Scene, "objects" | "word" | "chart" | "size">;

/** What is true of a scene. */
export function viewOf({ objects, word, chart, size }: SceneTruth): SceneView {
  const things = objects.map(({ concept, box }) => ({ name: concepts[concept]!.name, box }));
  return { things, size, ...(word && { word: word.text }), ...(chart && { marks: chart.marks }) };
}

/** What the question's program observes on the truth, as the sentences of a rationale. */
export function rationaleOf(question: SceneQuestion, scene: SceneTruth): string {
  const { observations } = runProgram(programOf(question), viewOf(scene));
  return `${observations.map(({ text }) => text).join(". ")}.`;
}

/** The program of a question. */
export function programOf({ form, topic, program }: SceneQuestion): ProgramStep[] {
  if (program) return program;
  const { one, other, direction, category } = topic;
  const find = (index: number | undefined): ProgramStep => ({ op: "find", name: concepts[index!]!.name });
  switch (form) {
    case "existence":
      return [find(one), { op: "exists", of: 0 }];
    case "counting":
      return [find(one), { op: "count", of: 0 }];
    case "position":
      return [find(one), { op: "beside", of: 0, direction: direction! }, { op: "name", of: 1 }];
    case "where":
      return [find(one), { op: "box", of: 0 }];
    case "kind-beside":
      return [find(one), { op: "beside", of: 0, direction: direction! }, { op: "category", of: 1 }];
    case "naming":
      return [{ op: "list" }, { op: "name", of: 0 }];
    case "category":
      return [{ op: "list" }, { op: "category", of: 0 }];
    case "caption":
      return [{ op: "list" }, { op: "caption", of: 0 }];
    case "reading":
      return [{ op: "read" }];
    case "more":
    case "bigger":
      return [find(one), find(other), { op: form, of: [0, 1] }];
    case "difference":
      return [find(one), find(other), { op: "subtract", of: [0, 1] }];
    case "total":
      return [find(one), find(other), { op: "add", of: [0, 1] }];
    case "all":
      return [{ op: "list" }, { op: "count", of: 0 }];
    case "kind":
      return [
        { op: "list", category: category! },
        { op: "count", of: 0 },
      ];
    case "farther":
      return [find(one), { op: "farther", of: 0, direction: direction! }, { op: "count", of: 1 }];
    default:
      assert(false, "programOf", "this form carries its program", form);
  }
}

/** Runs a program. A step that finds nothing to go on ends it with the answer that says so. */
export function runProgram(program: readonly ProgramStep[], view: SceneView): ProgramRun {
  if (program[0]?.op === "values") return runChartProgram(program as ChartStep[], view.marks ?? []);
  return runSceneProgram(program as SceneStep[], view);
}

function runSceneProgram(
  program: readonly SceneStep[],
  { things, word = "", size = sceneSize }: SceneView,
): ProgramRun {
  const results: Thing[][] = [];
  const observations: ProgramRun["observations"] = [];
  const ordered = program.at(-1)!.op === "caption" ? leftToRight(things) : rowByRow(things, size);
  const see = (label: string, found: Thing[], say: (thing: Thing) => string) => {
    const list = found.map((thing, i) => `${i + 1} ${say(thing)}`).join(", ");
    observations.push({ text: `${label}: ${list || "none"}`, boxes: found.map(({ box }) => box) });
    results.push(found);
  };
  const end = (answer: string): ProgramRun => ({ answer, observations });
  const cell = (thing: Thing) => cellName(thing, size);
  const nameAndCell = (thing: Thing) => `${thing.name} ${cell(thing)}`;
  for (const [i, step] of program.entries()) {
    switch (step.op) {
      case "find": {
        const found = ordered.filter(({ name }) => name === step.name);
        see(step.name, found, cell);
        const next = program[i + 1]!;
        // Whether something is there, and how many more or less of it there are, can be said of nothing too.
        const goesOn =
          next.op === "exists" || program.at(-1)!.op === "add" || program.at(-1)!.op === "subtract";
        if (found.length === 0 && !goesOn) return end(`I see no ${step.name}.`);
        break;
      }
      case "list": {
        const { category } = step;
        const found = ordered.filter(({ name }) => !category || categoryOf(name) === category);
        see(category ? `${category}s` : "things", found, nameAndCell);
        break;
      }
      case "beside": {
        const anchor = things.indexOf(results[step.of]![0]!);
        const centers = things.map((thing) => ({ center: centerOf(thing) }));
        const found = position(centers, anchor, step.direction, (minOffset * size) / sceneSize);
        see(step.direction, found === undefined ? [] : [things[found]!], nameAndCell);
        if (found === undefined) return end("nothing");
        break;
      }
      case "farther": {
        const anchor = results[step.of]![0]!;
        const found = ordered.filter((thing) => offset(anchor, thing, step.direction) > 0);
        see(step.direction, found, nameAndCell);
        break;
      }
      case "at": {
        const box = step.box.map((value) => value * size) as Box;
        const [best] = things.toSorted((a, b) => overlap(b.box, box) - overlap(a.box, box));
        see(cell({ name: "", box }), best && overlap(best.box, box) > 0 ? [best] : [], ({ name }) => name);
        break;
      }
      case "box":
        return end(formatBox(results[step.of]![0]!.box, size));
      case "read":
        observations.push({ text: [...word].join(" "), boxes: [] });
        return end(word);
      case "exists":
        return end(results[step.of]!.length > 0 ? "yes" : "no");
      case "count":
        return end(String(results[step.of]!.length));
      case "name":
        return end(results[step.of]![0]?.name ?? "nothing");
      case "category":
        return end(categoryOf(results[step.of]![0]?.name ?? "") ?? "nothing");
      case "caption":
        return end(describe(results[step.of]!.map(({ name }) => name)));
      case "more": {
        const [a, b] = step.of.map((of) => results[of]!) as [Thing[], Thing[]];
        return end(pluralOf((a.length >= b.length ? a : b)[0]!.name));
      }
      case "bigger": {
        const pair = step.of.map((of) => results[of]![0]!);
        // No sizes in numbers: a model that had to write the first one without a look at the second guessed both.
        const [a, b] = pair.map(sideOf) as [number, number];
        return end(pair[a >= b ? 0 : 1]!.name);
      }
      case "add":
      case "subtract": {
        const [a, b] = step.of.map((of) => results[of]!.length) as [number, number];
        const value = step.op === "add" ? a + b : a - b;
        observations.push({ text: `${a} ${step.op === "add" ? "+" : "-"} ${b} = ${value}`, boxes: [] });
        return end(String(value));
      }
    }
  }
  return end("nothing");
}

/** How far `to` lies from `from` along a direction, centre to centre, in pixels. */
export function offset(from: Thing, to: Thing, direction: Direction): number {
  const axis = direction === "left" || direction === "right" ? 0 : 1;
  const along = centerOf(to)[axis] - centerOf(from)[axis];
  return direction === "left" || direction === "above" ? -along : along;
}

/** Column and row of the cell, of seven by seven, that a thing's centre lies in: a1 is the top left, g7 the bottom right. */
export function cellName(thing: Thing, size = sceneSize): string {
  const [x, y] = centerOf(thing).map((value) => Math.floor((value * cellsPerRow) / size)) as [number, number];
  return `${String.fromCharCode(97 + x)}${y + 1}`;
}

/** As captions name things. */
function leftToRight(things: readonly Thing[]): Thing[] {
  return things.toSorted((a, b) => centerOf(a)[0] - centerOf(b)[0]);
}

/** As a reader's eye goes over the cells, which is the order in which a decoder reads the picture's tokens. */
function rowByRow(things: readonly Thing[], size: number): Thing[] {
  const row = (thing: Thing) => Math.floor((centerOf(thing)[1] * cellsPerRow) / size);
  return leftToRight(things).sort((a, b) => row(a) - row(b));
}

/** Names things in the order given: "a dog, two cats and a pear". */
export function describe(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const items = [...counts].map(([name, count]) => {
    const article = concepts[conceptIndex(name) ?? -1]?.article ?? "a";
    return count === 1 ? `${article} ${name}` : `${numberWords[count] ?? count} ${pluralOf(name)}`;
  });
  return items.length > 1 ? `${items.slice(0, -1).join(", ")} and ${items.at(-1)}` : (items[0] ?? "nothing");
}

function centerOf({ box: [x1, y1, x2, y2] }: Thing): [number, number] {
  return [(x1 + x2) / 2, (y1 + y2) / 2];
}

/** Side of the square of the same area, in pixels. */
function sideOf({ box: [x1, y1, x2, y2] }: Thing): number {
  return Math.sqrt((x2 - x1) * (y2 - y1));
}

function categoryOf(name: string): string | undefined {
  return concepts[conceptIndex(name) ?? -1]?.category;
}

function pluralOf(name: string): string {
  return concepts[conceptIndex(name) ?? -1]?.plural ?? `${name}s`;
}
