// The "infilling" pattern: what lies between two known neighbours is written, not what comes next. Between the pictures of
// a sequence it is what happened from one to the other (VCoT, Rose et al., arXiv 2305.02317); in a chain of one picture it
// is the step that is missing between two steps. Several candidates are drawn for every gap, and the most consistent one is
// kept: the nearest to both neighbours by an encoder, or without one the nearest to the other candidates by shared words.
import { InputError } from "../errors/index.ts";
import { inlineBytes } from "../model/content-address.ts";
import {
  answerParts,
  appendToQuestion,
  createThoughts,
  type TechniqueContext,
  technique,
} from "../model/index.ts";
import { splitReasoning } from "../model/split-reasoning.ts";
import type { Encoder, Technique } from "../spec/index.ts";
import { answerStage } from "./answer-stage.ts";
import { askAgain, drawTemperature } from "./ask-again.ts";
import { askInstead, isPicture, optionLines } from "./ask-for.ts";
import { mostAgreed, mostSimilar } from "./consistency.ts";
import { endOf, withRationale } from "./parts.ts";
import { readRationale } from "./read-reply.ts";
import { splitSteps } from "./steps.ts";
import { drawOptions } from "./vote.ts";

export interface InfillOptions {
  /** Draws for every gap. @default 3 */
  candidates?: number;
  /** Most gaps that are filled, from the first on. @default 8 */
  most?: number;
  /** Puts candidates and neighbours into one space. @default candidates are compared with each other */
  encoder?: Encoder;
  /** Calls that may be repeated for one question because of a problem. @default 1 */
  retries?: number;
}

/** A known neighbour: a picture or a step. */
type Anchor = { text: string } | { picture: FilePart };
type FilePart = Extract<UserContent, { type: "file" }>;
type UserContent = Extract<
  TechniqueContext["options"]["prompt"][number],
  { role: "user" }
>["content"][number];

/** Makes the technique that fills the gaps of a sequence or of its own chain before it answers. */
export function infill({ candidates = 3, most = 8, encoder, retries = 1 }: InfillOptions = {}): Technique {
  const settings = { candidates, most, ...(encoder ? { encoder: encoder.id } : {}), retries };
  return technique(
    "infill",
    settings,
    async function* (context) {
      const { options, query, emit } = context;
      const think = createThoughts("infill");
      const budget = { left: retries };
      const last = options.prompt.findLast(({ role }) => role === "user");
      const pictures =
        last?.role === "user" ? last.content.filter((part): part is FilePart => isPicture(part)) : [];
      let anchors: Anchor[] = pictures.map((picture) => ({ picture }));
      if (anchors.length < 2) {
        const first = await askAgain(context, {
          label: "rationale",
          overrides: {
            prompt: appendToQuestion(
              options.prompt,
              [...optionLines(query), "Let's think step by step."].join("\n"),
            ),
            providerOptions: withRationale(options.providerOptions, true),
            responseFormat: undefined,
            stopSequences: undefined,
          },
          read: readRationale,
          budget,
        });
        if (first.problem) {
          yield* think(first.reasoning);
          return endOf(first);
        }
        anchors = splitSteps(first.reasoning).map((text) => ({ text }));
      }
      const lines: string[] = [];
      for (const [i, anchor] of anchors.entries()) {
        if ("text" in anchor) lines.push(anchor.text);
        const next = anchors[i + 1];
        if (!next || i >= most) continue;
        const { drawn, chosen } = await fillGap(context, {
          pair: [anchor, next],
          gap: i,
          candidates,
          encoder,
        });
        emit("gap-filled", { gap: i + 1, candidates: drawn, chosen: chosen ?? null });
        if (chosen !== undefined)
          lines.push("text" in anchor ? chosen : `Between picture ${i + 1} and ${i + 2}: ${chosen}`);
      }
      const rationale = lines.join("\n");
      yield* think(rationale);
      const reply = await answerStage(context, { rationale, budget });
      yield* think(reply.reasoning);
      yield* answerParts(reply.answer ?? "");
      return endOf(reply);
    },
    { imageBytes: encoder !== undefined },
  );
}

interface Gap {
  pair: [Anchor, Anchor];
  gap: number;
  candidates: number;
  encoder: Encoder | undefined;
}

/** Draws candidates for one gap; none is chosen when most of them say that nothing is missing. */
async function fillGap(
  { options, query, call, signal }: TechniqueContext,
  { pair, gap, candidates, encoder }: Gap,
): Promise<{ drawn: string[]; chosen: string | undefined }> {
  const prompt =
    "text" in pair[0]
      ? stepsPrompt(options.prompt, pair, query.question)
      : picturesPrompt(options.prompt, pair, query.question);
  const drawn: string[] = [];
  for (let index = 0; index < candidates; index++) {
    const draw = drawOptions(options, { index: gap * candidates + index, temperature: drawTemperature });
    const { content } = await call(
      { prompt, ...draw, responseFormat: undefined, stopSequences: undefined },
      `gap ${gap + 1}`,
    );
    drawn.push(splitSteps(splitReasoning(content).text).join(" "));
  }
  const said = drawn.filter((text) => text !== "" && !/^\W*nothing\b/i.test(text));
  if (said.length * 2 <= drawn.length) return { drawn, chosen: undefined };
  return {
    drawn,
    chosen: encoder
      ? await mostSimilar(said, await embed(encoder, { said, pair, signal }))
      : mostAgreed(said),
  };
}

function picturesPrompt(
  prompt: TechniqueContext["options"]["prompt"],
  pair: [Anchor, Anchor],
  question: string,
) {
  const text = `What happened between these two keyframes? One sentence that helps to answer: ${question}`;
  const at = prompt.findLastIndex(({ role }) => role === "user");
  const pictures = pair.flatMap((anchor) => ("picture" in anchor ? [anchor.picture] : []));
  return prompt.map((message, i) =>
    i === at && message.role === "user"
      ? { ...message, content: [...pictures, { type: "text" as const, text }] }
      : message,
  );
}

function stepsPrompt(
  prompt: TechniqueContext["options"]["prompt"],
  pair: [Anchor, Anchor],
  question: string,
) {
  const [before, after] = pair.map((anchor) => ("text" in anchor ? anchor.text : ""));
  const lines = [
    `Question: ${question}`,
    `One step of the answer: ${before}`,
    `The next step: ${after}`,
    'What must be seen or known between these two steps? Write it in one sentence, or "nothing" when nothing is missing.',
  ];
  return askInstead(prompt, lines.join("\n"));
}

async function embed(
  encoder: Encoder,
  { said, pair, signal }: { said: string[]; pair: [Anchor, Anchor]; signal: AbortSignal },
) {
  const texts = pair.flatMap((anchor) => ("text" in anchor ? [anchor.text] : []));
  const images = pair.flatMap((anchor) => ("picture" in anchor ? [bytesOf(anchor.picture)] : []));
  const vectors = await encoder.embed({
    texts: [...said, ...texts],
    ...(images.length > 0 ? { images } : {}),
    signal,
  });
  return { candidates: vectors.slice(0, said.length), neighbours: vectors.slice(said.length) };
}

function bytesOf({ data }: FilePart): Uint8Array {
  const bytes = inlineBytes(data);
  if (bytes) return bytes;
  throw new InputError({
    where: "infill",
    rule: "pictures must be in the prompt as bytes",
    got: data.type,
    hint: "Load the picture first.",
  });
}
