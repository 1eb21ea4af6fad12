// The success rates of GPT4Tools (AILab-CVC/GPT4Tools, eval/evaluate_result.py). A trace is text with lines "Thought: Do I
// need to use a tool? …", "Action: …" and "Action Input: …". SR_t and SR_act are the shares of thoughts and actions that
// are equal position by position, over the longer of the two lists; SR_args compares arguments between commas: where a
// picture (.png) is expected any picture will do, other text is scored by BLEU-1. SR is 1 when thoughts and actions are
// all right and the arguments reach 0.5 (the paper writes > 0.5). Where no tool is needed, the trace must think "No"
// and answer with "AI: …"; then all four are 1, otherwise all are 0, except that SR_t is a share where only further
// thoughts differ.
// Traps: one "No" thought after the last action is forgiven; a comma inside an argument splits it; an argument list of
// another length scores 0 as a whole.
import { InputError } from "../../errors/index.ts";
import { bleu } from "./bleu.ts";

/** The rates of one trace, each from 0 to 1: SR_t, SR_act, SR_args and SR. */
export interface Gpt4ToolsScore {
  thought: number;
  action: number;
  args: number;
  success: number;
}

/** Scores one trace against the expected one. */
export function gpt4Tools(prediction: string, expected: string): Gpt4ToolsScore {
  const thoughts = linesAfter(prediction, "Thought: Do I need to use a tool? ");
  const expectedThoughts = linesAfter(expected, "Thought: Do I need to use a tool? ");
  if (!expected.includes("Action:") || !expected.includes("Action Input:")) {
    const isReply = thoughts[0] === "No" && linesAfter(prediction, "AI: ").length > 0;
    const thought = isReply ? mean(equalAt(expectedThoughts, thoughts)) : 0;
    const rest = thought === 1 ? 1 : 0;
    return { thought, action: rest, args: rest, success: rest };
  }
  const actions = linesAfter(prediction, "Action: ");
  const expectedActions = linesAfter(expected, "Action: ");
  const expectedInputs = linesAfter(expected, "Action Input: ");
  if (expectedActions.length !== expectedInputs.length) {
    throw new InputError({
      where: "gpt4tools",
      rule: "the expected trace must have one Action Input for each Action",
      got: `${expectedActions.length} and ${expectedInputs.length}`,
    });
  }
  if (thoughts.length === actions.length + 1 && thoughts.at(-1) === "No") thoughts.pop();
  const thought = mean(equalAt(expectedThoughts.slice(0, expectedActions.length), thoughts));
  const action = mean(equalAt(expectedActions, actions));
  const args = mean(argumentScores(expectedInputs, linesAfter(prediction, "Action Input: ")));
  return { thought, action, args, success: thought === 1 && action === 1 && args >= 0.5 ? 1 : 0 };
}

/** What follows a label on the same line, wherever the label stands. */
function linesAfter(text: string, label: string): string[] {
  return text
    .split("\n")
    .filter((line) => line.includes(label))
    .map((line) => line.slice(line.indexOf(label) + label.length).trim());
}

function equalAt(expected: readonly string[], given: readonly string[]): number[] {
  const length = Math.max(expected.length, given.length);
  return Array.from({ length }, (_, i) => (i in expected && expected[i] === given[i] ? 1 : 0));
}

function argumentScores(expected: readonly string[], given: readonly string[]): number[] {
  const length = Math.max(expected.length, given.length);
  return Array.from({ length }, (_, i) => {
    if (i >= expected.length || i >= given.length) return 0;
    const wanted = expected[i]!.split(",");
    const got = given[i]!.split(",");
    if (wanted.length !== got.length) return 0;
    const scores = wanted.map((item, j) => argumentScore(item, got[j]!));
    return scores.includes(undefined) ? 0 : mean(scores as number[]);
  });
}

/** Undefined where a picture is missing, which spoils the whole input. */
function argumentScore(expected: string, given: string): number | undefined {
  if (expected.includes(".png")) return given.includes(".png") ? 1 : undefined;
  const words = (text: string) => text.split(/\s+/).filter((word) => word !== "");
  return bleu([{ prediction: words(given), references: [words(expected)] }])[0];
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((a, b) => a + b, 0) / values.length;
}
