// One call, made again while its reply has a problem and the budget lasts. A second try of the same words with the same
// seed would give the same reply, so it is drawn with a temperature and a seed of its own; a model that takes instructions
// is also told what was wrong.
import { appendToQuestion, type InnerResult, type TechniqueContext } from "../model/index.ts";
import { hash32 } from "../util/rng.ts";
import { hints, type Reply } from "./problem.ts";

/** Temperature of draws that must differ. */
export const drawTemperature = 0.7;

export interface AskAgainOptions {
  label: string;
  overrides: Parameters<TechniqueContext["call"]>[0];
  read(result: InnerResult): Reply;
  /** Tries left for the whole technique; each one made is taken off. */
  budget: { left: number };
  /** False leaves a reply with a problem to the caller, who can make more of it. @default () => true */
  worthIt?(reply: Reply): boolean;
}

/** Makes a call until its reply can be used. Every problem on the way becomes an event with what was thought. */
export async function askAgain(
  context: TechniqueContext,
  { label, overrides = {}, read, budget, worthIt = () => true }: AskAgainOptions,
): Promise<Reply> {
  const { options, capabilities } = context;
  let changes: typeof overrides = {};
  for (let attempt = 1; ; attempt++) {
    const reply = read(await context.call({ ...overrides, ...changes }, label));
    const { problem, reasoning, answer } = reply;
    if (!problem) return reply;
    const again = budget.left > 0 && worthIt(reply);
    context.emit("problem-found", { label, problem, attempt, again, reasoning, answer });
    if (!again) return reply;
    budget.left--;
    const prompt = overrides.prompt ?? options.prompt;
    const hint = capabilities.plainQuestions ? undefined : hints[problem];
    changes = {
      ...(hint ? { prompt: appendToQuestion(prompt, hint) } : {}),
      temperature: Math.max(options.temperature ?? 0, drawTemperature),
      seed: hash32("again", options.seed ?? 0, attempt) >>> 1,
    };
  }
}
