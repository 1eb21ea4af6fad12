// A prompt of the AI SDK as the Sample that a chat template renders: messages in turn, the last one a question without an answer.
import { sampleOfMessages } from "../../data/formats/messages.ts";
import { InputError } from "../../errors/index.ts";
import type { ChatMessage } from "../../model/local/tokenizer.ts";
import type { Part, Sample, Turn } from "../../spec/index.ts";

/**
 * Messages as a Sample; the source of a picture is its number in the prompt. Messages of one side that follow each other become
 * one, results of tools are the user's, and empty messages are left out. Throws InputError for a prompt that is no conversation.
 * @param options.plainText the model's template takes a message as one text
 */
export function promptSample(
  messages: readonly ChatMessage[],
  { plainText }: { plainText: boolean },
): Sample {
  let pictures = 0;
  const turns: Turn[] = [];
  for (const { role: said, content } of messages) {
    const role = said === "tool" ? "user" : said;
    const parts = content.map(
      (part): Part =>
        part.type === "image"
          ? { type: "image", source: `${pictures++}` }
          : { type: "text", text: part.text },
    );
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...parts);
    else if (parts.length > 0) turns.push({ role, content: parts });
  }
  const ends = turns.at(-1)?.role;
  if (ends !== "user") {
    const got = ends ? `the ${ends}'s` : "no messages";
    throw new InputError({ where: "prompt", rule: "the last message must be the user's", got });
  }
  const read = sampleOfMessages(plainText ? turns.map(joined) : turns, "prompt");
  if ("sample" in read) return { id: "prompt", ...read.sample };
  const { path: where, rule } = read.problem;
  throw new InputError({ where, rule });
}

/** The turn with its texts as one. */
function joined({ role, content }: Turn): Turn {
  const text = content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
  return { role, content: [{ type: "text", text }] };
}
