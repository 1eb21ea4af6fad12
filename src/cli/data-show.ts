import { Command, Option } from "commander";
import { wholeNumber } from "./option-values.ts";

interface ShowOptions {
  n: number;
  as: "chat" | "instruction";
  model: string;
}

/** Defines `sightline data show`. */
export function showCommand(): Command {
  return new Command("show")
    .summary("samples as a model is trained on them, with what it learns marked")
    .description(
      "Prints samples of any dataset as token text. What the loss is taken on is green in a terminal and between « and » " +
        "elsewhere; a picture is <image×k>, k being its visual tokens.",
    )
    .argument("<file>", "file, folder or name of a dataset")
    .option("--n <count>", "samples to show", wholeNumber(1), 3)
    .addOption(
      new Option("--as <template>", "the model's own chat template, or the instruction template")
        .choices(["chat", "instruction"])
        .default("chat"),
    )
    .option(
      "--model <dir>",
      "folder of the model whose tokenizer is used (default: the bundled model)",
      "tiny",
    )
    .action(show);
}

async function show(file: string, { n, as, model }: ShowOptions): Promise<void> {
  const { openInstructions } = await import("../data/formats/index.ts");
  const templates = await import("../data/templates/index.ts");
  const { bundledModel } = await import("../model/index.ts");
  const tokenizer = await templates.loadChatTokenizer(model === "tiny" ? bundledModel("tiny") : model);
  const { rows } = await openInstructions(file);
  const colour = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
  let shown = 0;
  for await (const row of rows()) {
    const place = `${row.file}:${row.line}`;
    if ("problem" in row) {
      const { path, rule } = row.problem;
      console.log(`${place}: ${templates.visible(`${path ? `${path}: ` : ""}${rule}`)}\n`);
    } else {
      const { sample } = row;
      const segments =
        as === "chat" ? templates.chatTemplate(sample, tokenizer) : templates.instructionTemplate(sample);
      const rendered = templates.render(segments, { tokenizer, imageTokens: tokenizer.imageTokens ?? 1 });
      const learned = rendered.mask.reduce((sum, bit) => sum + bit, 0);
      console.log(
        `${place}  ${templates.visible(sample.id)}  ${rendered.ids.length} tokens, ${learned} learned`,
      );
      console.log(`${templates.printMask(rendered, { ...tokenizer, colour })}\n`);
    }
    if (++shown >= n) break;
  }
}
