import path from "node:path";
import { Command, Option } from "commander";

/** `sightline quantize MODEL --out DIR`: the same model with its weights in fewer bits. */
export function quantizeCommand(): Command {
  return new Command("quantize")
    .description("write a model folder again with its weights in fewer bits")
    .argument("<model>", "folder in the LLaVA layout, as tune exports it")
    .requiredOption("--out <dir>", "folder to write")
    .addOption(
      new Option(
        "--dtype <type>",
        "fp16: halves; q8: int8 with a scale for each output channel (names as in transformers.js)",
      )
        .choices(["fp16", "q8"])
        .default("q8"),
    )
    .action(run);
}

async function run(model: string, { out, dtype }: { out: string; dtype: "fp16" | "q8" }): Promise<void> {
  const { quantizeModel } = await import("../tune/index.ts");
  const files = await quantizeModel(model, out, dtype);
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(2);
  for (const { file, before, after } of files)
    console.log(`${path.join(out, file)}: ${megabytes(before)} MB to ${megabytes(after)} MB`);
  const total = (key: "before" | "after") => files.reduce((sum, file) => sum + file[key], 0);
  console.log(`together: ${megabytes(total("before"))} MB to ${megabytes(total("after"))} MB`);
  console.log(`measure it: sightline compare scenes:val --model local:${path.resolve(out)}`);
}
