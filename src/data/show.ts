// Rows of a dataset as a model is trained on them.
import { bundledModel } from "../model/index.ts";
import { openInstructions } from "./formats/index.ts";
import {
  chatTemplate,
  instructionTemplate,
  loadChatTokenizer,
  printMask,
  render,
  visible,
} from "./templates/index.ts";

export interface ShowOptions {
  /** Rows to show, the first ones. @default 3 */
  limit?: number;
  /** The model's own chat template, or the instruction template. @default "chat" */
  as?: "chat" | "instruction";
  /** Folder of the model whose tokenizer is used. @default the bundled model */
  model?: string;
  /** What is learned is green; otherwise it is between « and ». @default false */
  colour?: boolean;
}

/** Yields the first rows as token text, with what the loss is taken on marked; of a bad row, what is wrong with it. */
export async function* show(
  spec: string,
  { limit = 3, as = "chat", model = "tiny", colour = false }: ShowOptions = {},
): AsyncGenerator<string> {
  const tokenizer = await loadChatTokenizer(model === "tiny" ? bundledModel("tiny") : model);
  const { rows } = await openInstructions(spec);
  let shown = 0;
  for await (const row of rows()) {
    const place = `${row.file}:${row.line}`;
    if ("problem" in row) {
      const { path, rule } = row.problem;
      yield `${place}: ${visible(`${path ? `${path}: ` : ""}${rule}`)}`;
    } else {
      const { sample } = row;
      const segments = as === "chat" ? chatTemplate(sample, tokenizer) : instructionTemplate(sample);
      const rendered = render(segments, { tokenizer, imageTokens: tokenizer.imageTokens ?? 1 });
      const learned = rendered.mask.reduce((sum, bit) => sum + bit, 0);
      const facts = `${place}  ${visible(sample.id)}  ${rendered.ids.length} tokens, ${learned} learned`;
      yield `${facts}\n${printMask(rendered, { ...tokenizer, colour })}`;
    }
    if (++shown >= limit) return;
  }
}
