import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { InputError } from "../errors/index.ts";
import {
  agreementWithPeople,
  type ImportedRatings,
  importRatings,
  type OtherScore,
  parseManifest,
  parseRatingKey,
} from "../eval/index.ts";
import { findRun, readJudgements, type Store } from "../store/index.ts";
import { measure } from "./measure.ts";
import { type MeasureOptions, withMeasureOptions } from "./measure-options.ts";
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
  if (options.key === undefined)
    throw new InputError({
      where: "--import-ratings",
      rule: "needs the key of the page",
      hint: "Add --key.",
    });
  const key = parseRatingKey(await readFileOr(options.key), options.key);
  const texts = await Promise.all(files.map(async (name) => ({ name, text: await readFileOr(name) })));
  const imported = importRatings(texts, key);
  const agreement = await withStore(options, (store) => agreements(store, options.run, imported));
  const result = { ...imported, agreementWith: agreement };
  process.stdout.write(options.json ? `${JSON.stringify(result, undefined, 2)}\n` : formatRatings(result));
}

type Agreements = Record<string, ReturnType<typeof agreementWithPeople>>;

/** How the rules, and every judge of the run, agree with the people. */
async function agreements(store: Store, id: string, imported: ImportedRatings): Promise<Agreements> {
  const run = await findRun(store, id);
  const rules: OtherScore[] = [];
  const judges = new Map<string, OtherScore[]>();
  for (const { name, rows } of storedColumns(store, run)) {
    for await (const { id: item, repeat, score, error } of rows)
      if (repeat === 0 && error === undefined) rules.push({ item, column: name, score });
    for (const { question, kind, score } of await readJudgements(store, run.id, { column: name })) {
      if (score === null || kind.startsWith("pair")) continue;
      judges.set(kind, [...(judges.get(kind) ?? []), { item: question, column: name, score }]);
    }
  }
  const all = new Map([[`rules (${parseManifest(run.manifest).scorer})`, rules], ...judges]);
  return Object.fromEntries([...all].map(([name, scores]) => [name, agreementWithPeople(imported, scores)]));
}

function formatRatings({
  raters,
  columns,
  agreement,
  agreementWith,
}: ImportedRatings & { agreementWith: Agreements }): string {
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

async function readFileOr(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new InputError({ where: `"${file}"`, rule: "must be a readable file", cause });
  }
}
