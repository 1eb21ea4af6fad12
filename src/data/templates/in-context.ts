// The in-context template of the survey (arXiv 2306.13549, Table 3): the instruction once, demonstrations with a
// picture each, then the query. The table's image is not public text; the body is a reconstruction. The dashed line
// and the last `<EOS>` of the table are typographic: they are printed for people and never reach the model.
import type { Sample } from "../../spec/index.ts";
import { inputSegments, response, type Segment, text } from "./segments.ts";

export const inContextPreamble =
  "Below are some examples and an instruction that describes a task. Write a response that appropriately completes " +
  "the request";

const dashes = "- ".repeat(29).trim();

/**
 * Renders demonstrations and a query that share the query's instruction. The demonstrations are context, not learned;
 * with `train` the query's own response is appended and learned.
 */
export function inContextTemplate(
  demonstrations: readonly Sample[],
  query: Sample,
  { train = false }: { train?: boolean } = {},
): Segment[] {
  const segments: Segment[] = [
    { type: "bos" },
    text(` ${inContextPreamble}\n### Instruction: ${query.instruction}\n`),
  ];
  for (const [i, demonstration] of demonstrations.entries()) {
    segments.push(...block(demonstration), text(` ${demonstration.response ?? ""}\n`));
    if (i === demonstrations.length - 1) segments.push({ type: "print", text: dashes });
    segments.push(text("\n"));
  }
  segments.push(...block(query));
  if (train && query.response !== undefined) segments.push(...response(` ${query.response}`));
  else segments.push({ type: "print", text: " <EOS>" });
  return segments;
}

/** A text-only example, such as one of tool use, has no Image line. */
function block(sample: Sample): Segment[] {
  const input = inputSegments(sample.input, `sample ${sample.id}`);
  return [...(input.length > 0 ? [text("### Image: "), ...input, text("\n")] : []), text("### Response:")];
}
