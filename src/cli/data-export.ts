import { Argument, Command } from "commander";
import type { MaxRejects, Trainer } from "../data/formats/index.ts";
import { printReport, rowOptions, withRows } from "./data-adapt.ts";

interface ExportCommandOptions {
  out: string;
  limit?: number;
  keepExtra?: boolean;
  strict?: boolean;
  maxRejects?: MaxRejects;
  trustDataset?: boolean;
}

/** Defines `sightline data export`. */
export function exportCommand(): Command {
  const command = new Command("export")
    .summary("a folder that a trainer for larger machines takes: rows, pictures and config")
    .description(
      "Writes rows, pictures and, for LLaMA-Factory, dataset_info.json into a new folder, and prints the command that " +
        "trains on it. Reads what `sightline data adapt` reads.",
    )
    .addArgument(new Argument("<trainer>").choices(["llama-factory", "ms-swift", "trl"]))
    .argument("<input>", "file, folder or name of a dataset")
    .requiredOption("--out <dir>", "new folder to write");
  return rowOptions(command).action(exportData);
}

async function exportData(trainer: Trainer, input: string, options: ExportCommandOptions): Promise<void> {
  const { exportForTrainer } = await import("../data/formats/index.ts");
  const { trustDataset: trust, ...others } = options;
  const report = await withRows((running) =>
    exportForTrainer(trainer, input, { ...others, trust, ...running }),
  );
  if (!report) return;
  printReport(report, report.files[0]!);
  console.log(`train: ${report.command}`);
}
