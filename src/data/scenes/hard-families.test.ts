import { expect, test } from "vitest";
import { createRng } from "../../util/rng.ts";
import { drawChart } from "./chart.ts";
import { askChart } from "./chart-questions.ts";
import { chooseQuestions, type SceneFamily } from "./choose-questions.ts";
import { conceptIndex, concepts } from "./concepts.ts";
import { drawContent } from "./content.ts";
import { askCrowd } from "./crowd.ts";
import { loadWorld } from "./load-world.ts";
import { longWords, longWordsOf } from "./long-words.ts";
import type { LookName } from "./looks.ts";
import { makeChart } from "./make-chart.ts";
import { programOf, rationaleOf, runProgram, viewOf } from "./program.ts";
import { askScene } from "./questions.ts";
import { makeScene } from "./scene.ts";
import { pairSplit, wordSplit } from "./splits.ts";

const world = await loadWorld({ styles: ["noto", "twemoji", "fluent-emoji-flat"] });
const make = (look: LookName, count: number) =>
  Array.from({ length: count }, (_, index) => makeScene(world, { split: "val", seed: 5, index, look }));
const charts = Array.from({ length: 200 }, (_, index) => makeChart({ split: "val", seed: 5, index }));

test("crowds are of seven to twelve things; small things are 12 to 20 pixels wide in 448, give or take", () => {
  const crowds = make("crowded", 100);
  expect(new Set(crowds.map(({ objects }) => objects.length))).toEqual(new Set([7, 8, 9, 10, 11, 12]));
  expect(new Set(crowds.map(({ size }) => size))).toEqual(new Set([112]));
  const small = make("small", 60);
  const widths = small
    .flatMap(({ objects }) => objects.map(({ box }) => box[2] - box[0]))
    .sort((a, b) => a - b);
  const share = widths.filter((width) => width >= 12 && width <= 20).length / widths.length;
  expect(share).toBeGreaterThan(0.75);
  expect(widths.at(-1)).toBeLessThanOrEqual(26);
  for (const { size, pixels, word } of small) {
    expect([size, pixels.length]).toEqual([448, 448 * 448 * 3]);
    for (const { box } of word?.letters ?? []) expect(box[3] - box[1]).toBeLessThanOrEqual(16);
  }
  for (const { word, size } of make("words", 30)) {
    expect(size).toBe(224);
    expect(word!.text.length).toBeGreaterThanOrEqual(7);
    expect(word!.text.length).toBeLessThanOrEqual(12);
    expect(longWordsOf("val")).toContain(word!.text);
  }
});

test("every program gives the answer of its question, and its rationale ends in it", () => {
  const asked = [
    ...make("crowded", 60).map((scene) => ({ scene, questions: askCrowd(scene, createRng(scene.index)) })),
    ...make("small", 30).map((scene) => ({ scene, questions: askScene(scene, createRng(scene.index)) })),
    ...charts.map((scene) => ({ scene, questions: askChart(scene, createRng(scene.index)) })),
  ];
  const forms = new Set<string>();
  for (const { scene, questions } of asked)
    for (const question of questions) {
      forms.add(question.form);
      const { answer } = runProgram(programOf(question), viewOf(scene));
      if (answer !== question.answer)
        expect.fail(`${scene.look} ${scene.index}: ${question.question} gives ${answer}`);
      expect(rationaleOf(question, scene)).toMatch(/\.$/);
      if (/difference|total/.test(question.type))
        expect(rationaleOf(question, scene)).toMatch(new RegExp(`= ${question.answer}\\.$`));
    }
  expect(forms.size).toBe(16);
});

test("what kind of thing is beside another is that of the thing that the position question names", () => {
  const kinds = make("crowded", 60).flatMap((scene) => {
    const questions = askCrowd(scene, createRng(scene.index));
    return questions.flatMap(({ form, topic, answer }) => {
      const named = questions.find(
        (other) =>
          other.type === "position" &&
          other.topic.one === topic.one &&
          other.topic.direction === topic.direction,
      );
      return form === "kind-beside" ? [[answer, concepts[conceptIndex(named!.answer)!]!.category]] : [];
    });
  });
  expect(kinds.length).toBeGreaterThan(100);
  for (const [answer, category] of kinds) expect(answer).toBe(category);
});

test("a chart's marks stand as high as their values say, and in colours that differ from the paper", () => {
  for (const { chart, pixels, size } of charts) {
    const { marks, axis, form } = chart!;
    const at = (x: number, y: number) => [...pixels.subarray((y * size + x) * 3, (y * size + x) * 3 + 3)];
    const paper = at(1, 1);
    const heights = marks.map(({ box, value }) => ({
      y: form === "bars" ? box[1] : (box[1] + box[3]) / 2,
      value,
    }));
    // Two marks give the scale of the axis; all others lie on it.
    const [low, high] = [...heights]
      .sort((a, b) => a.value - b.value)
      .filter((_, i, all) => i === 0 || i === all.length - 1);
    const unit = (low!.y - high!.y) / (high!.value - low!.value);
    for (const { y, value } of heights)
      expect(Math.abs(low!.y - (value - low!.value) * unit - y)).toBeLessThan(2);
    for (const { box, value } of marks) {
      expect(value % axis.grain).toBe(0);
      expect(value).toBeLessThanOrEqual(axis.max);
      const middle = at(Math.floor((box[0] + box[2]) / 2), Math.floor((box[1] + box[3]) / 2));
      expect(Math.max(...middle.map((c, i) => Math.abs(c - paper[i]!)))).toBeGreaterThan(40);
    }
  }
});

test("answers about charts, read back from the words of the question alone", () => {
  let checked = 0;
  for (const scene of charts)
    for (const { question, answer } of askChart(scene, createRng("words", scene.index))) {
      const { marks, labels } = scene.chart!;
      const value = (series: string | undefined, label: string) =>
        marks.find((mark) => mark.series === series && mark.label === label)?.value;
      const sum = (series: string) =>
        marks.filter((mark) => mark.series === series).reduce((total, mark) => total + mark.value, 0);
      const what = /^What is the value of (.+?)(?: (?:on|in) (.+))?\?$/.exec(question);
      const total = /^What is the total of ([^?]+?)\?$/.exec(question);
      const more = /^How many more (.+) were .+ (?:on|in) (.+) than (?:on|in) (.+)\?$/.exec(question);
      const most = /^Which (?:day|month|year|quarter|room) has the (most|fewest) (.+)\?$/.exec(question);
      if (what) expect(Number(answer)).toBe(what[2] ? value(what[1], what[2]) : value(undefined, what[1]!));
      else if (more) expect(Number(answer)).toBe(value(more[1], more[2]!)! - value(more[1], more[3]!)!);
      else if (total && scene.chart!.series.includes(total[1]!)) expect(Number(answer)).toBe(sum(total[1]!));
      else if (most) {
        const values = labels.names.map((label) => value(most[2], label)!);
        const best = most[1] === "most" ? Math.max(...values) : Math.min(...values);
        expect(values.filter((each) => each === best)).toHaveLength(1);
        expect(answer).toBe(labels.names[values.indexOf(best)]);
      } else continue;
      checked++;
    }
  expect(checked).toBeGreaterThan(400);
});

test("what training may not see it does not: held-out pairs in crowds and charts, held-out long words", () => {
  const splitsOf = (names: string[]) =>
    names.flatMap((a, i) => names.slice(i + 1).flatMap((b) => (a === b ? [] : [pairSplit(a, b)])));
  for (let index = 0; index < 1500; index++)
    for (const split of ["train", "val", "test"] as const) {
      const crowd = drawContent(split, createRng("crowd", split, index), undefined, "crowded");
      const chart = drawChart(split, createRng("chart", split, index));
      const plural = (name: string) => concepts.find((concept) => concept.plural === name)!.name;
      const shown = chart.series.length > 0 ? chart.series : chart.labels.names;
      const pairs = [splitsOf(crowd.concepts.map((one) => concepts[one]!.name)), splitsOf(shown.map(plural))];
      for (const list of pairs) {
        if (split === "train" && list.some((owner) => owner !== "train")) expect.fail(`train ${index}`);
        if (split === "val" && list.includes("test")) expect.fail(`val ${index}`);
        if (split !== "train" && list.length > 0) expect(list).toContain(split);
      }
      const { word } = drawContent(split, createRng("word", split, index), undefined, "words");
      if (split !== "train") expect(longWordsOf(split)).toContain(word);
      else if (longWords.includes(word!)) expect(wordSplit(word!)).toBe("train");
    }
});

test("no answer of a family is so common that guessing it pays", { timeout: 120_000 }, () => {
  const limits: Record<string, number> = {
    ...{ existence: 0.52, naming: 0.03, counting: 0.3, position: 0.1, category: 0.1, reading: 0.05 },
    ...{ "chart-value": 0.1, "chart-difference": 0.1, "chart-total": 0.1, "chart-above": 0.3 },
    ...{ "chart-extreme": 0.1, "chart-higher": 0.1 },
  };
  for (const family of ["crowded", "small", "words", "charts"] as SceneFamily[]) {
    const set = { split: "val" as const, family, count: 300 };
    const questions = [...chooseQuestions(world, set)].flatMap((asked) => asked.questions);
    expect(questions).toHaveLength(300);
    for (const [type, list] of Object.entries(Object.groupBy(questions, (question) => question.type))) {
      const answers = Object.values(Object.groupBy(list!, ({ answer }) => answer));
      const most = Math.max(...answers.map((same) => same!.length)) / list!.length;
      expect(most, `${family} ${type}`).toBeLessThanOrEqual(limits[type]!);
    }
  }
});
