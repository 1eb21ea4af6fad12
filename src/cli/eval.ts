import { Command } from "commander";
import { InputError } from "../errors/index.ts";
import { heldAgainstPeople, type PeopleFigures, parseManifest } from "../eval/index.ts";
import { findRun } from "../store/index.ts";
import { measure } from "./measure.ts";
import { type MeasureOptions, withMeasureOptions } from "./measure-options.ts";
import { readRatings } from "./read-ratings.ts";
import { storedColumns } from "./report.ts";
import { withStopSignal } from "./stop-signal.ts";
import { withStore } from "./store-option.ts";

interface EvalOptions extends MeasureOptions {
  importRatings?: string[];
  key?: string;
  run: string;
}

/** Defines `sightline eval`. */
export function evalCommand(): Command {
  const command = new Command("eval")
    .summary("measure one model, with judges and people")
    .description(
      "Asks a model the questions of a dataset, as compare does, with direct prompting only unless told otherwise. " +
        "Answers that no rule can score are judged by a model (--judge) or by people: --rating-page writes a page, " +
        "--import-ratings reads what the raters exported.",
    )
    .argument("[dataset]", "what is asked");
  return withMeasureOptions(command)
    .option("--import-ratings <files...>", "exported ratings, one file for each rater; needs --key")
    .option("--key <file>", "the key that was written beside the rating page")
    .option("--run <run>", "run whose scores the ratings are held against", "latest")
    .action((dataset: string | undefined, options: EvalOptions) => {
      if (options.importRatings !== undefined) return compareRatings(options.importRatings, options);
      if (dataset === undefined)
        throw new InputError({ where: "eval", rule: "needs a dataset", hint: "For example: scenes:demo" });
      return withStopSignal((signal) =>
        measure(dataset, options, { defaults: { techniques: ["direct"], controls: [] }, signal }),
      );
    });
}

async function compareRatings(files: readonly string[], options: EvalOptions): Promise<void> {
  const imported = await readRatings(files, options.key);
  const result = await withStore(options, async (store) => {
    const run = await findRun(store, options.run);
    const { scorer } = parseManifest(run.manifest);
    return heldAgainstPeople(imported, { store, run: run.id, columns: storedColumns(store, run), scorer });
  });
  process.stdout.write(options.json ? `${JSON.stringify(result, undefined, 2)}\n` : formatRatings(result));
}

function formatRatings({ raters, columns, agreement, agreementWith }: PeopleFigures): string {
  const share = (value: number | undefined) => (value === undefined ? "–" : `${(100 * value).toFixed(1)}%`);
  const kappa = (value: number | null | undefined) => (value == null ? "–" : value.toFixed(2));
  const lines = [
    `Raters: ${raters.map(({ rater, rated }) => `${rater} (${rated})`).join(", ")}`,
    `Krippendorff's alpha between raters: ${kappa(agreement.alpha)}, over ${agreement.ratedTwice} answers rated at least twice`,
    "",
    ...columns.map(({ column, n, score, interval }) => {
      const range = interval
        ? ` (${(100 * interval[0]).toFixed(1)} – ${(100 * interval[1]).toFixed(1)})`
        : "";
      return `${column}: ${share(score)}${range} of the scale, over ${n} answers`;
    }),
    "",
    ...Object.entries(agreementWith).map(
      ([name, { n, binary, weightedKappa }]) =>
        `People and ${name}: ${n === 0 ? "no answer in common" : `agree on right or wrong for ${share(binary.share)} of ${n}, kappa ${kappa(binary.kappa)}, weighted kappa ${kappa(weightedKappa)}`}`,
    ),
  ];
  return `${lines.join("\n")}\n`;
}
