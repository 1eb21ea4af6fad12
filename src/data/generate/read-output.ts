// What a writer gave back, made into Samples, or turned down with a reason. Nothing is repaired: a reply that is not the
// JSON that was asked for is worth one more picture, not a guess.
import type { Part, Provenance, Sample, Turn } from "../../spec/index.ts";
import { issueText } from "../schema/index.ts";
import { readClaims } from "./claims.ts";
import { isAnnotated, type PictureContext } from "./context.ts";
import { type InstructionKind, outputSchemas, type ToolName } from "./kinds.ts";
import { answerUntruth, sentencesOf, untruth } from "./truth.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** A piece of a reply that was not taken. */
export interface Reject {
  reason: "not-json" | "wrong-shape" | "forbidden-words" | "untrue" | "leak" | "not-denied" | "unknown-tool";
  detail: string;
  text: string;
}

export interface Reading {
  kind: InstructionKind;
  picture: PictureContext;
  vocabulary: Vocabulary;
  provenance: Provenance;
  tools: readonly ToolName[];
}

type Pair = { question: string; answer: string };

/** LLaVA's rule: nothing shows that the writer read a text, and no coordinates. */
const forbidden =
  /\b(?:captions?|bounding box(?:es)?|coordinates?|(?:provided|given) (?:description|information|context|list)|as an ai)\b|\[\s*\d*\.\d+\s*,|\b0\.\d{2,}\b/i;

/** Reads a reply into Samples and rejects. */
export function readOutput(reply: string, reading: Reading): { samples: Sample[]; rejects: Reject[] } {
  const rejects: Reject[] = [];
  const reject = (reason: Reject["reason"], detail: string, text: string) =>
    void rejects.push({ reason, detail, text: text.slice(0, 500) });
  let value: unknown;
  try {
    value = JSON.parse(reply.trim().replace(/^```(?:json)?\s*\n([\s\S]*)\n```$/, "$1"));
  } catch (error) {
    reject("not-json", (error as Error).message, reply);
    return { samples: [], rejects };
  }
  const { kind, picture, vocabulary, tools } = reading;
  const parsed = outputSchemas[kind].safeParse(value);
  if (!parsed.success) {
    reject("wrong-shape", issueText(parsed.error), reply);
    return { samples: [], rejects };
  }
  const keep = (pair: Pair, problem: [Reject["reason"], string] | undefined): boolean => {
    const words = forbidden.exec(`${pair.question}\n${pair.answer}`)?.[0];
    const found = words ? (["forbidden-words", words] as const) : problem;
    if (found) reject(found[0], found[1], `${pair.question}\n${pair.answer}`);
    return !found;
  };
  const untrue = (reason: string | undefined): [Reject["reason"], string] | undefined =>
    reason && isAnnotated(picture) ? ["untrue", reason] : undefined;
  const data = parsed.data;
  if (kind === "description") {
    const { question, answer } = data as Pair;
    // A description is kept without its false sentences when most of it stands.
    const sentences = sentencesOf(answer);
    const kept = sentences.filter((answer) =>
      keep({ question, answer }, untrue(untruth(answer, picture, vocabulary))),
    );
    if (kept.length * 2 < sentences.length || kept.length === 0) return { samples: [], rejects };
    return { samples: [sampleOf([{ question, answer: kept.join(" ") }], reading, 0)], rejects };
  }
  if (kind === "conversation") {
    const pairs = (data as Pair[]).filter((pair) =>
      keep(pair, untrue(answerUntruth(pair, picture, vocabulary))),
    );
    return { samples: pairs.length > 0 ? [sampleOf(pairs, reading, 0)] : [], rejects };
  }
  if (kind === "reasoning") {
    const pairs = (data as Pair[]).filter((pair) => {
      const { mentions, cues } = readClaims(pair.question, vocabulary);
      const leaks = mentions.some(({ count }) => count) || (mentions.length > 0 && cues.length > 0);
      if (leaks) return keep(pair, ["leak", "the question gives away what is seen"]);
      return keep(pair, untrue(untruth(pair.answer, picture, vocabulary)));
    });
    return { samples: pairs.map((pair, i) => sampleOf([pair], reading, i)), rejects };
  }
  if (kind === "negative") {
    const items = data as (Pair & { manipulation: string; about: string })[];
    const kept = items.filter((item) => keep(item, negativeProblem(item, reading)));
    return {
      samples: kept.map((item, i) => ({
        ...sampleOf([item], reading, i),
        extra: { manipulation: item.manipulation, about: item.about },
      })),
      rejects,
    };
  }
  const items = data as {
    question: string;
    action: { tool: string; input: string } | null;
    reply?: string;
  }[];
  const pairs = items.flatMap(({ question, action, reply = "" }) => {
    const answer = action
      ? `Thought: Do I need to use a tool? Yes\nAction: ${action.tool}\nAction Input: ${action.input}`
      : `Thought: Do I need to use a tool? No\nAI: ${reply.trim()}`;
    const isKnown = !action || tools.some(({ name }) => name === action.tool);
    const problem: [Reject["reason"], string] | undefined = !isKnown
      ? ["unknown-tool", action!.tool]
      : action && !/^<image>(?:,|$)/.test(action.input)
        ? ["wrong-shape", "the input of a tool must start with <image>"]
        : !action && !reply.trim()
          ? ["wrong-shape", "reply: missing where no tool is used"]
          : untrue(reply ? answerUntruth({ question, answer: reply }, picture, vocabulary) : undefined);
    return keep({ question, answer }, problem) ? [{ question, answer }] : [];
  });
  return { samples: pairs.map((pair, i) => sampleOf([pair], reading, i)), rejects };
}

function negativeProblem(
  item: Pair & { manipulation: string; about: string },
  { picture, vocabulary }: Reading,
): [Reject["reason"], string] | undefined {
  const { manipulation, about, question, answer } = item;
  const { words } = readClaims(about, vocabulary);
  const thing = vocabulary.at(words, 0);
  if (!thing || thing.length !== words.length)
    return ["wrong-shape", `about: unknown thing "${about.slice(0, 60)}"`];
  const isThere = picture.objects.some(({ label }) => label.toLowerCase() === thing.named.name);
  if (isThere !== (manipulation !== "nonexistent-object"))
    return ["untrue", `${about} is ${isThere ? "" : "not "}in the picture`];
  if (!readClaims(question, vocabulary).mentions.some(({ name }) => name === thing.named.name))
    return ["wrong-shape", `question: must speak of ${about}`];
  const first = readClaims(answer, vocabulary);
  const isDenial = first.isDenied || first.words.some((word) => /^(?:no|without|actually)$/.test(word));
  if (!isDenial) return ["not-denied", "the answer must say that the instruction is wrong"];
  const reason = untruth(answer.replace(/^\s*no[,.!;]\s*/i, ""), picture, vocabulary);
  return reason ? ["untrue", reason] : undefined;
}

function sampleOf(pairs: readonly Pair[], { kind, picture, provenance }: Reading, index: number): Sample {
  const last = pairs.at(-1)!;
  const content = (text: string): Part[] => [{ type: "text", text }];
  // The picture stands where it is first spoken of.
  const turns: Turn[] = pairs.slice(0, -1).flatMap(({ question, answer }, i) => [
    { role: "user", content: i === 0 ? [picture.image, ...content(question)] : content(question) },
    { role: "assistant", content: content(answer) },
  ]);
  return {
    id: `${picture.id}-${kind}-${index}`,
    group: picture.id,
    ...(turns.length > 0 ? { turns } : {}),
    instruction: last.question,
    input: turns.length > 0 ? [] : [picture.image],
    response: last.answer,
    answerType: "free",
    type: kind,
    provenance,
  };
}
