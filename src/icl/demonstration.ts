// A demonstration ready to be shown: what is asked, with which pictures, and the answer.
import { answerSuffix, queryOf } from "../model/index.ts";
import type { Part, Sample } from "../spec/index.ts";

/** A piece of what a demonstration shows. */
export type ShownPart =
  | { type: "text"; text: string }
  | { type: "picture"; bytes: Uint8Array; mediaType: string };

export interface ShownTurn {
  role: "user" | "assistant";
  parts: ShownPart[];
}

/** A demonstration as turns: user and assistant in turn, an assistant last. */
export interface Demonstration {
  id: string;
  /** The task in words, without what asks for a short answer. */
  instruction: string;
  turns: ShownTurn[];
}

/** How the model that will see the demonstration is asked. */
export interface Asking {
  /** The model answers shortly without being told to. */
  plainQuestions: boolean;
  /** A rationale before the answer (true), a rationale given with the question (a text), or none of both. */
  rationale: boolean | string;
  /** The model writes rationales between tokens of its own, which no prompt can spell. */
  rationaleTokens: boolean;
}

/**
 * Makes the turns of a demonstration. Where a rationale is asked for and the Sample has one, it stands where the model is
 * to write its own: before a last line `Answer: …`, or with the question when the model is given its rationale. A model
 * with rationale tokens sees the bare answer, as it did in training.
 * @param pictures one for each image part, earlier turns first; undefined leaves pictures out
 */
export function makeDemonstration(
  sample: Sample,
  answer: string,
  pictures: readonly { bytes: Uint8Array; mediaType: string }[] | undefined,
  { plainQuestions, rationale: asked, rationaleTokens }: Asking,
): Demonstration {
  let next = 0;
  const show = (parts: readonly Part[]): ShownPart[] =>
    parts.flatMap((part): ShownPart[] => {
      if (part.type === "text") return part.text.trim() === "" ? [] : [{ type: "text", text: part.text }];
      const picture = part.type === "image" ? pictures?.[next++] : undefined;
      return picture ? [{ type: "picture", ...picture }] : [];
    });
  const { instruction, rationale } = sample;
  const turns: ShownTurn[] = [];
  for (const { role, content } of sample.turns ?? [])
    if (role !== "system") turns.push({ role, parts: show(content) });
  const isReasoned = rationale !== undefined && asked !== false && !rationaleTokens;
  const given = isReasoned && typeof asked === "string";
  // A conversation says itself how it wants to be answered.
  const suffix =
    plainQuestions || asked !== false || turns.length > 0 ? undefined : answerSuffix(queryOf(sample));
  const question = [instruction, ...(suffix ? [suffix] : []), ...(given ? [`Reasoning: ${rationale}`] : [])];
  const reply = isReasoned && !given ? `${rationale}\nAnswer: ${answer}` : answer;
  turns.push({ role: "user", parts: [...show(sample.input), { type: "text", text: question.join("\n") }] });
  turns.push({ role: "assistant", parts: [{ type: "text", text: reply }] });
  return { id: sample.id, instruction, turns };
}
