// What the data as a whole teaches: which short answers are how frequent, and how long questions and responses are. A
// model that learns from nine "yes" in ten answers learns to say yes.
import type { Check } from "./row-view.ts";

/** Bars of a histogram of lengths in words: from 2^k words on. */
export const lengthBars = 12;

export interface Histograms {
  responses: number;
  /** Number of responses of 0, 1, 2-3, 4-7, … words. */
  responseWords: number[];
  questionWords: number[];
  /** Frequent short answers; counts are exact up to `maxAnswers` different ones, and lower bounds beyond. */
  answers: { answer: string; count: number }[];
  yes: number;
  no: number;
}

/** Fewer responses than this say nothing about a balance. */
export const minResponses = 50;
/** One answer more frequent than this share of all responses is reported. */
export const maxAnswerShare = 0.5;
/** Among yes and no, neither may be more frequent than this. */
export const maxYesNoShare = 0.7;
const maxAnswers = 1000;

/** Counts answers and lengths, and reports answers that are too frequent. */
export function histogramCheck(): Check & { result(): Histograms } {
  const answers = new Map<string, number>();
  const lengths = {
    user: new Array<number>(lengthBars).fill(0),
    assistant: new Array<number>(lengthBars).fill(0),
  };
  let responses = 0;
  let yes = 0;
  let no = 0;
  let file = "";
  const result = (): Histograms => ({
    responses,
    responseWords: lengths.assistant,
    questionWords: lengths.user,
    answers: [...answers]
      .map(([answer, count]) => ({ answer, count }))
      .sort((a, b) => b.count - a.count || (a.answer < b.answer ? -1 : 1))
      .slice(0, 20),
    yes,
    no,
  });
  return {
    name: "histogram",
    result,
    row({ file: name, view }) {
      file ||= name;
      for (const { role, text } of view.turns) {
        if (role !== "user" && role !== "assistant") continue;
        const words = countWords(text);
        const bar = Math.min(words === 0 ? 0 : 1 + Math.floor(Math.log2(words)), lengthBars - 1);
        lengths[role][bar]!++;
        if (role === "user") continue;
        responses++;
        if (words === 0 || words > 4 || text.length > 64) continue;
        const answer = text.trim().toLowerCase().replace(/[.!]$/, "");
        if (answer === "yes") yes++;
        else if (answer === "no") no++;
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
        if (answers.size > maxAnswers) forgetRare(answers);
      }
    },
    end(report) {
      const warn = (message: string) =>
        report({ check: "answer-balance", severity: "warning", where: file, message });
      const percent = (share: number) => `${(100 * share).toFixed(0)}%`;
      if (yes + no >= minResponses) {
        const share = Math.max(yes, no) / (yes + no);
        const word = yes > no ? "yes" : "no";
        if (share > maxYesNoShare) warn(`${percent(share)} of ${yes + no} yes/no answers are "${word}"`);
      }
      const top = result().answers.find(({ answer }) => answer !== "yes" && answer !== "no");
      if (top && responses >= minResponses && top.count / responses > maxAnswerShare) {
        warn(`${percent(top.count / responses)} of ${responses} responses are "${top.answer}"`);
      }
    },
  };
}

/** Misra and Gries (1982): all counts go down by one, so that any answer above 1 in `maxAnswers` stays. */
function forgetRare(answers: Map<string, number>): void {
  for (const [answer, count] of answers) {
    if (count === 1) answers.delete(answer);
    else answers.set(answer, count - 1);
  }
}

function countWords(text: string): number {
  let words = 0;
  let inWord = false;
  for (let i = 0; i < text.length; i++) {
    const isSpace = text.charCodeAt(i) <= 32;
    if (!isSpace && !inWord) words++;
    inWord = !isSpace;
  }
  return words;
}
