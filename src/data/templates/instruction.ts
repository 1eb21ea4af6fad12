// The instruction template of the survey (arXiv 2306.13549, Table 1). The table's image is not public text: the body
// follows Multimodal-GPT, which the table is adapted from. Where it says `{<image>, <text>}`, the parts of the input
// stand one after the other; a part that is missing is left out, and so is the Input line when there is no input.
// Later turns of a conversation append their own blocks.
import type { Sample } from "../../spec/index.ts";
import { messagesOf } from "../formats/messages.ts";
import { inputSegments, response, type Segment, text } from "./segments.ts";

export const instructionPreamble =
  "Below is an instruction that describes a task. Write a response that appropriately completes the request";

/**
 * Renders a Sample, or the whole conversation that it ends, to the instruction template. A system message takes the
 * place of the preamble. Without a response the text ends at `### Response:`, where a model continues.
 */
export function instructionTemplate(sample: Sample): Segment[] {
  const messages = messagesOf(sample);
  const [first] = messages;
  const system = first?.role === "system" ? first.content : undefined;
  const segments: Segment[] = [{ type: "bos" }, text(" ")];
  if (system) segments.push(...inputSegments(system, `sample ${sample.id}, turns[0]`));
  else segments.push(text(instructionPreamble));
  for (const [i, { role, content, loss }] of messages.entries()) {
    if (role === "system") continue;
    if (role === "assistant") {
      const words = content.map((part) => (part.type === "text" ? part.text : "")).join("");
      segments.push(text("\n### Response:"), ...response(` ${words}`, loss));
      continue;
    }
    // The last text of a message is its instruction; what else it holds is input.
    const isLast = messages.slice(i + 1).every((later) => later.role === "assistant");
    const at = content.findLastIndex((part) => part.type === "text");
    const words = isLast ? sample.instruction : at < 0 ? "" : (content[at] as { text: string }).text;
    const others = isLast ? sample.input : content.filter((_, index) => index !== at);
    const input = inputSegments(others, `sample ${sample.id}`);
    segments.push(text(`\n### Instruction: ${words}`));
    if (input.length > 0) segments.push(text("\n### Input: "), ...input);
  }
  if (messages.at(-1)?.role !== "assistant") segments.push(text("\n### Response:"));
  return segments;
}
