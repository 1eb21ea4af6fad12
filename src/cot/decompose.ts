// A question taken apart into smaller ones. In order (least-to-most, Zhou et al., arXiv 2205.10625) each is answered with
// the picture and with what is known so far. As a tree (DDCoT, Zheng et al., arXiv 2310.16436) the model first says without
// the picture which parts it knows, which need a look and which nobody can answer; the looks go to a vision expert, and all
// of it is merged with the warning that some of it may be wrong. What nobody answered stays marked as unanswered.
import {
  answerParts,
  appendToQuestion,
  createThoughts,
  type TechniqueContext,
  technique,
} from "../model/index.ts";
import { splitReasoning } from "../model/split-reasoning.ts";
import type { Technique } from "../spec/index.ts";
import { answerStage } from "./answer-stage.ts";
import { askAgain } from "./ask-again.ts";
import { askInstead, lastLine, optionLines, withoutPictures } from "./ask-for.ts";
import { askOther, type OtherModel } from "./other-model.ts";
import { endOf, withRationale } from "./parts.ts";
import { judgeRationale, type Reply } from "./problem.ts";
import { readRationale, readWhole } from "./read-reply.ts";
import { splitSteps } from "./steps.ts";

const briefly = "Answer in a few words.";

/** Answers a question about the pictures of a call; an empty answer means that it cannot. */
export type Look = (
  question: string,
  context: Pick<TechniqueContext, "emit" | "signal" | "options" | "query">,
) => Promise<string>;

/** Makes a Look of a vision model. */
export function lookBy(model: OtherModel): Look {
  return async (question, { emit, signal, options }) => {
    const prompt = askInstead(options.prompt, `Question: ${question}\n${briefly}`);
    return (await askOther(model, { prompt }, { label: "look", emit, signal, options })).text;
  };
}

export interface DecomposeOptions {
  /** @default "least-to-most" */
  style?: "least-to-most" | "ddcot";
  /** The vision expert of `ddcot`. @default the wrapped model, with the pictures */
  look?: Look;
  /** Most sub-questions; further ones are dropped, and the trace says so. @default 6 */
  most?: number;
  /** Calls that may be repeated for one question because of a problem. @default 1 */
  retries?: number;
}

interface Part {
  question: string;
  answer: string;
  by: "model" | "expert" | "nobody";
}

/** Makes the technique that answers sub-questions first. */
export function decompose({
  style = "least-to-most",
  look,
  most = 6,
  retries = 1,
}: DecomposeOptions = {}): Technique {
  return technique("decompose", { style, most, retries }, async function* (context) {
    const { options, query, call, emit } = context;
    const think = createThoughts("decompose");
    const budget = { left: retries };
    const isTree = style === "ddcot";
    const split = await askAgain(context, {
      label: "split",
      overrides: {
        prompt: isTree
          ? appendToQuestion(withoutPictures(options.prompt), treeRequest(optionLines(query), most))
          : appendToQuestion(options.prompt, orderRequest(optionLines(query), most)),
        responseFormat: undefined,
        stopSequences: undefined,
      },
      read(result) {
        const reply = readRationale(result);
        const lines = splitReasoning(result.content).text;
        return reply.problem
          ? reply
          : judgeRationale({ ...reply, reasoning: readParts(lines).length > 0 ? reply.reasoning : "" });
      },
      budget,
    });
    if (split.problem) {
      yield* think(split.reasoning);
      return endOf(split);
    }
    const asked = readParts(splitReasoning(split.result.content).text);
    const root = emit("question-split", {
      questions: asked.map(({ question }) => question),
      dropped: Math.max(0, asked.length - most),
    });

    const known: Part[] = [];
    const ask = async (question: string) => {
      const facts = known.map(({ question, answer }) => `${question} ${answer}`);
      const lines = [
        ...(facts.length > 0 && !isTree ? ["Known so far:", ...facts] : []),
        `Question: ${question}`,
        briefly,
      ];
      const asking = {
        prompt: askInstead(options.prompt, lines.join("\n")),
        responseFormat: undefined,
        stopSequences: undefined,
      };
      return splitReasoning((await call(asking, "sub-question")).content).text;
    };
    for (const part of asked.slice(0, most)) {
      if (part.by === "expert" || !isTree)
        part.answer = (isTree && look ? await look(part.question, context) : await ask(part.question)).trim();
      if (!isTree) part.by = "model";
      if (isUnknown(part.answer)) Object.assign(part, { answer: "", by: "nobody" });
      known.push(part);
      emit("question-answered", { ...part }, root);
      yield* think(lineOf(part));
    }
    const reply = isTree
      ? await merge(context, known, budget)
      : await answerStage(context, { rationale: known.map(lineOf).join("\n"), budget });
    yield* think(reply.reasoning);
    yield* answerParts(reply.answer ?? "");
    return endOf(reply);
  });
}

/** Writes the rationale of the whole from its parts, and the answer. */
function merge(context: TechniqueContext, known: readonly Part[], budget: { left: number }): Promise<Reply> {
  const { options, query } = context;
  const lines = [
    ...optionLines(query),
    "What is known of its parts; some of it may be wrong, so use only what fits the picture:",
    ...known.map(lineOf),
    `Write the reasoning that follows. ${lastLine(query)}`,
  ];
  return askAgain(context, {
    label: "merge",
    overrides: {
      prompt: appendToQuestion(options.prompt, lines.join("\n")),
      providerOptions: withRationale(options.providerOptions, true),
      responseFormat: undefined,
      stopSequences: undefined,
    },
    read: (result) => readWhole(result, query),
    budget,
  });
}

const orderRequest = (options: string[], most: number) =>
  [
    ...options,
    `Which simpler questions must be answered first? List at most ${most}, one a line, in the order in which they build on each other. Do not answer them.`,
  ].join("\n");

const treeRequest = (options: string[], most: number) =>
  [
    ...options,
    `You cannot see the picture. Take the question apart into at most ${most} simpler ones, one a line, each with what you know: "question | answer", "question | look" when the picture must be seen, "question | unknown" when nobody can say.`,
  ].join("\n");

/** Sub-questions of a reply: lines that end in a question mark, with what stands behind a bar. */
function readParts(text: string): Part[] {
  return splitSteps(text.includes("\n") ? text : `${text}\n.`).flatMap((line): Part[] => {
    const [question = "", state = ""] = line.split("|").map((piece) => piece.trim());
    if (!/\w.*\?$/.test(question)) return [];
    if (state === "" || /^look\b/i.test(state)) return [{ question, answer: "", by: "expert" }];
    return [{ question, answer: isUnknown(state) ? "" : state, by: isUnknown(state) ? "nobody" : "model" }];
  });
}

const unknown =
  /^\W*(?:unknown|unanswerable|uncertain|(?:i\s+|it\s+|this\s+)?(?:cannot|can't)\s+(?:be\s+)?(?:say|said|tell|told|see|seen|answer|answered|know|known)|i\s+(?:do\s+not|don't)\s+know)\b/i;

function isUnknown(answer: string): boolean {
  return answer === "" || unknown.test(answer);
}

function lineOf({ question, answer, by }: Part): string {
  return `${question} ${by === "nobody" ? "(unanswered)" : answer}`;
}
