// A dialogue of three parts (IdealGPT, You et al., arXiv 2305.14985): the model asks short questions about the picture, each
// of which can be answered by looking; an expert that sees the picture answers them (the tool `ask`); then the model says
// what follows, or that it is not sure and what else it must know.
import { InputError } from "../../errors/index.ts";
import type { Observation } from "../observation.ts";
import type { Move, Planner } from "../planner.ts";
import { answerRule, splitAnswer } from "../read-reply.ts";

const most = 4;

/** Makes the planner that asks until it is sure. The tools must hold `ask`, with the arguments `image` and `question`. */
export function dialogue(): Planner {
  return {
    name: "dialogue",
    offersTools: false,
    instructions({ tools, images }) {
      if (!tools.some(({ name }) => name === "ask"))
        throw new InputError({
          where: "equip",
          rule: 'the planner dialogue needs the tool "ask"',
          got: tools.map(({ name }) => name).join(", ") || "no tools",
        });
      return [
        "Somebody who sees the picture answers your questions about it, without knowing what they are for.",
        `Ask at most ${most} at a time, one a line, each a short question that stands for itself and begins with "Question:".`,
        `Pictures: ${images.handles().join(", ")}. To ask about another than the first, write "Question (image_2): …".`,
        'When you have their answers, write "Analysis:" and what follows from them.',
        `Then ask further questions if you are not sure. ${answerRule}`,
      ].join("\n");
    },
    start(session) {
      const asked = new Set<string>();
      return async ({ text }): Promise<Move> => {
        const { thought, answer } = splitAnswer(text);
        const isSure =
          answer !== undefined && !/^\W*(?:i am |i'm )?(?:not sure|unsure|unknown)\b/i.test(answer);
        if (isSure) return { type: "answer", answer, thought: thought.replace(/^\s*Analysis:\s*/i, "") };
        const questions = [
          ...text.matchAll(/^[\s\d.*-]*Question(?:\s*\(([\w/-]+)\))?\s*\d*\s*:\s*(.+)$/gim),
        ].slice(0, most);
        if (questions.length === 0)
          return {
            type: "mistake",
            problem: "unreadable",
            ask: `Write lines that begin with "Question:". ${answerRule}`,
          };
        const observations = await Promise.all(
          questions.map(
            async ([, image = session.images.handles()[0] ?? "", question = ""]): Promise<Observation> => {
              const key = `${image} ${question.trim().toLowerCase()}`;
              const input = { image, question: question.trim() };
              if (asked.has(key))
                return {
                  tool: "ask",
                  input,
                  text: `"${question.trim()}" was asked before.`,
                  pictures: [],
                  shown: [],
                  problem: "repeated-call",
                };
              asked.add(key);
              const observation = await session.use("ask", input);
              return { ...observation, text: `${question.trim()} ${observation.text}` };
            },
          ),
        );
        return {
          type: "observed",
          observations,
          ask: `Write "Analysis:" and, if you are sure, the answer; else ask further questions. ${answerRule}`,
          thought: text,
        };
      };
    },
  };
}
