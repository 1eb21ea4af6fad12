import { Command } from "commander";
import {
  diffRuns,
  flipCases,
  formatDiff,
  formatReport,
  parseManifest,
  reportData,
  summarise,
} from "../eval/index.ts";
import { findRun } from "../store/index.ts";
import { writeFileAtomic } from "../util/files.ts";
import { packageVersion } from "./package-version.ts";
import { reopen, storedColumns } from "./report.ts";
import { withStore, withStoreOption } from "./store-option.ts";

interface DiffOptions {
  html?: string;
  json?: boolean;
  flips: string;
  trustDataset?: boolean;
  store?: string;
}

/** Defines `sightline diff`. */
export function diffCommand(): Command {
  const command = new Command("diff")
    .summary("say why two runs differ")
    .description(
      "Compares two runs that were kept: settings, weights, questions, prompts, and the questions whose verdict flipped.",
    )
    .argument("<a>", "id of the earlier run, or the start of it")
    .argument("[b]", "id of the later run", "latest")
    .option("--flips <n>", "flipped questions to list per column", "10")
    .option("--json", "print one JSON object on standard output, nothing else")
    .option("--html <file>", "write a page with both runs side by side")
    .option("--trust-dataset", "let pictures lie outside the dataset's folder and in private networks");
  return withStoreOption(command).action((a: string, b: string, options: DiffOptions) =>
    withStore(options, async (store) => {
      const [first, second] = [await findRun(store, a), await findRun(store, b)];
      const diff = await diffRuns(store, first, second);
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ a: first.id, b: second.id, ...diff }, undefined, 2)}\n`
          : formatDiff(diff, { a: first.id, b: second.id, flips: Number(options.flips) || 0 }),
      );
      if (options.html === undefined) return;
      const runs = { a: first, b: second };
      const columns = Object.entries(runs).flatMap(([name, run]) =>
        storedColumns(store, run).map((column) => ({ ...column, name: `${name}: ${column.name}` })),
      );
      const { gallery, loadImage } = await reopen(store, second, options);
      const { dataset, repeats } = parseManifest(second.manifest);
      const summary = await summarise(
        { columns, aborted: false },
        {
          dataset: `${second.dataset}: runs a ${first.id} and b ${second.id}`,
          n: dataset.questions,
          repeats,
        },
      );
      const data = await reportData(columns, gallery, { loadImage });
      const cases = [...flipCases(diff, data), ...data.cases];
      const page = await formatReport(summary, { ...data, cases }, { version: packageVersion(), diff });
      await writeFileAtomic(options.html, page);
      if (!options.json) process.stdout.write(`\nWritten: ${options.html}\n`);
    }),
  );
}
