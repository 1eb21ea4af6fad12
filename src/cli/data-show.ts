import { Command, Option } from "commander";
import { wholeNumber } from "./option-values.ts";

interface ShowCommandOptions {
  limit: number;
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
    .option("-n, --limit <n>", "samples to show, the first ones", wholeNumber(1), 3)
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
    .action(showData);
}

async function showData(file: string, options: ShowCommandOptions): Promise<void> {
  const { show } = await import("../data/show.ts");
  const colour = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
  for await (const text of show(file, { ...options, colour })) console.log(`${text}\n`);
}
