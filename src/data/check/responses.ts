// What the model is taught to say: nothing at all, one word where sentences are wanted, or a letter that is no option.
import type { Check, CheckedRow, RowView, Turn } from "./row-view.ts";
import { rowPlace } from "./row-view.ts";

/** Checks for responses that are empty, or one word to a question that does not ask for one. */
export function responses(): Check {
  return {
    name: "responses",
    row(row, report) {
      const { turns } = row.view;
      for (const [i, turn] of turns.entries()) {
        if (turn.role !== "assistant") continue;
        const text = turn.text.trim();
        const place = { ...rowPlace(row), field: turn.field };
        if (text === "") {
          report({
            check: "empty-response",
            severity: "error",
            ...place,
            message: "the response must not be empty",
          });
        } else if (!/\s/.test(text) && wantsSentences(row, turns[i - 1], i === turns.length - 1)) {
          const message = `one word, ${JSON.stringify(text.slice(0, 40))}, to a question that asks for more`;
          report({ check: "one-word-response", severity: "warning", ...place, message });
        }
      }
    },
  };
}

const askedShort =
  /\b(one|single) (word|phrase|letter|number)|\bshort(ly)?\b|\bbrief(ly)?\b|\bconcise|\bone-word|\boption's letter|\bletter\b|\byes or no\b|\btrue or false\b/i;
const closed =
  /(^|[.!\n]\s*)(is|are|was|were|do|does|did|can|could|has|have|will|would|should|how many|how much|how old|what (colou?r|number|year|time|letter|word|is the (name|number|colou?r))|which|who|where|when)\b/i;

function wantsSentences({ view, format }: CheckedRow, question: Turn | undefined, isLast: boolean): boolean {
  if (view.answerType !== undefined && isLast)
    return view.answerType === "free" || view.answerType === "caption";
  if (format.name === "short" || view.choices) return false;
  const asked = question?.text.replaceAll("<image>", "").trim() ?? "";
  return !askedShort.test(asked) && !closed.test(asked);
}

/** Checks that the answer to a multiple-choice question is one of its choices. */
export function answerChoices(): Check {
  return {
    name: "choices",
    row(row, report) {
      const { view } = row;
      for (const { text, field, options } of choiceAnswers(view)) {
        if (options.has(text)) continue;
        const message = `must be one of the choices, got ${JSON.stringify(text.slice(0, 80))}`;
        report({ check: "choices", severity: "error", ...rowPlace(row), field, message });
      }
    },
  };
}

/** Answers, in lower case, with the answers that would be right. */
function choiceAnswers({
  choices,
  answers,
  turns,
}: RowView): { text: string; field: string; options: Set<string> }[] {
  if (choices) {
    const options = new Set(choices.flatMap((choice, i) => [plain(choice), String.fromCharCode(97 + i)]));
    return (answers ?? []).map(({ text, field }) => ({ text: plain(text), field, options }));
  }
  return turns.flatMap(({ role, text, field }, i) => {
    if (role !== "assistant" || text.length > 4) return [];
    const letter = /^\(?([A-Za-z])[).]?$/.exec(text.trim())?.[1];
    if (!letter) return [];
    const lines = [...(turns[i - 1]?.text ?? "").matchAll(/^\s*\(?([A-Z])[.):]\s*\S/gm)];
    if (lines.length < 2) return [];
    return [
      { text: letter.toLowerCase(), field, options: new Set(lines.map((line) => line[1]!.toLowerCase())) },
    ];
  });
}

/** In lower case, and a letter such as "(B)." without its marks. */
function plain(text: string): string {
  const trimmed = text.trim().toLowerCase();
  return /^\(?([a-z])[).]?$/.exec(trimmed)?.[1] ?? trimmed;
}
