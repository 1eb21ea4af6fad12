// One plan, then one answer: the model writes all steps at once as a dependency graph, the graph is run, and the model is
// shown what came of it (HuggingGPT, Shen et al., arXiv 2303.17580; Chameleon, Lu et al., arXiv 2304.09842). When steps
// went wrong or something is still missing it may write a further plan.
import { describeTools } from "../describe-tools.ts";
import type { Planner } from "../planner.ts";
import { answerRule, findJson, splitAnswer } from "../read-reply.ts";
import { checkPlan, runPlan } from "./dependency-plan.ts";

/** Makes the planner that plans everything first. */
export function plan(): Planner {
  return {
    name: "plan",
    offersTools: false,
    instructions: ({ tools, images }) =>
      [
        "First write a plan as JSON, and nothing else:",
        '{"steps": [{"id": "a", "tool": "…", "input": {…}}, {"id": "b", "tool": "…", "input": {"argument": {"from": "a", "path": "field[0].name"}}}]}',
        '{"from": id} stands for the picture that a step made, else for its whole result; "path" for a part of the result.',
        "Steps that do not need each other run at the same time. Tools:",
        describeTools(tools),
        `Pictures: ${images.handles().join(", ") || "none"}.`,
        "Then you are told what the steps returned.",
        answerRule,
      ].join("\n"),
    start(session) {
      let hasRun = false;
      return async ({ text }) => {
        const json = findJson(text, "{") ?? findJson(text, "[");
        const { thought, answer } = splitAnswer(text);
        if (answer !== undefined && (hasRun || json === undefined))
          return { type: "answer", answer, thought };
        if (json === undefined && hasRun && text !== "") return { type: "answer", answer: text };
        if (json === undefined)
          return { type: "mistake", problem: "unreadable", ask: 'Write a plan as JSON: {"steps": […]}.' };
        const steps = checkPlan(json, session);
        if ("error" in steps)
          return {
            type: "mistake",
            problem: "bad-plan",
            ask: `The plan cannot be run. ${steps.error} Write it again.`,
          };
        hasRun = true;
        const observations = await runPlan(steps, session.use);
        const ask = observations.some(({ problem }) => problem)
          ? `Answer, or write a further plan for what went wrong. ${answerRule}`
          : `Now answer. ${answerRule}`;
        return { type: "observed", observations, ask, thought: text };
      };
    },
  };
}
