import { pipeline } from "node:stream/promises";
import { Command } from "commander";
import { type DatasetStream, flatMapSamples, openDatasetStream } from "../data/formats/index.ts";
import {
  type ColumnRows,
  createImageLoader,
  faithfulnessOf,
  figuresOf,
  formatCsv,
  formatFaithfulness,
  formatJunit,
  formatReport,
  formatTable,
  heldAgainstPeople,
  loadPrices,
  orderFigures,
  orderNote,
  parseManifest,
  problemFigures,
  problemNote,
  reportData,
  runJson,
  runJudgements,
  storedColumn,
  storedGallery,
  storedPictures,
  storedVerdicts,
  summarise,
  taskFor,
} from "../eval/index.ts";
import { findRun, listRuns, type Store, type StoredRun } from "../store/index.ts";
import { writeFileAtomic } from "../util/files.ts";
import { remarksOf } from "./measure-output.ts";
import { packageVersion } from "./package-version.ts";
import { readRatings } from "./read-ratings.ts";
import { withStore, withStoreOption } from "./store-option.ts";

interface ReportOptions {
  list?: boolean;
  html?: string;
  json?: string | true;
  csv?: string;
  junit?: string;
  prices?: string;
  trustDataset?: boolean;
  importRatings?: string[];
  key?: string;
  store?: string;
}

/** Defines `sightline report`. */
export function reportCommand(): Command {
  const command = new Command("report")
    .summary("show a run that was kept, or write it as a file")
    .description(
      "Prints the table of a run and writes it as HTML, JSON, CSV or JUnit. Pictures come from the dataset, which is " +
        "opened again; without it the report says what is missing.",
    )
    .argument("[run]", "id of the run, or the start of it", "latest")
    .option("--list", "list the runs of the store instead")
    .option("--html <file>", "write a self-contained page")
    .option("--json [file]", "write manifest, figures and all answers; without a file to standard output")
    .option("--csv <file>", "write one line per answer")
    .option("--junit <file>", "write one test case per question, for CI")
    .option("--prices <file>", "JSON file with prices per million tokens, for the cost column")
    .option(
      "--import-ratings <files...>",
      "exported ratings for the page, one file for each rater; needs --key",
    )
    .option("--key <file>", "the key that was written beside the rating page")
    .option("--trust-dataset", "let pictures lie outside the dataset's folder and in private networks");
  return withStoreOption(command).action((run: string, options: ReportOptions) =>
    withStore(options, (store) => (options.list ? list(store) : report(store, run, options))),
  );
}

async function list(store: Store): Promise<void> {
  const runs = await listRuns(store);
  if (runs.length === 0) process.stdout.write(`${store.address} holds no runs.\n`);
  for (const { id, created, dataset, state, manifest } of runs) {
    const { columns, dataset: asked } = parseManifest(manifest);
    const names = columns.map(({ name }) => name).join(", ");
    process.stdout.write(
      `${id}  ${created.slice(0, 16).replace("T", " ")}  ${state.padEnd(4)}  ${dataset}, ${asked.questions} question${asked.questions === 1 ? "" : "s"}: ${names}\n`,
    );
  }
}

async function report(store: Store, id: string, options: ReportOptions): Promise<void> {
  const prices = options.prices === undefined ? {} : await loadPrices(options.prices);
  const run = await findRun(store, id);
  const manifest = parseManifest(run.manifest);
  const { scorer } = manifest;
  const imported = options.importRatings && (await readRatings(options.importRatings, options.key));
  const columns = storedColumns(store, run);
  const summary = await summarise(
    { columns, aborted: run.state !== "done" },
    { dataset: run.dataset, n: manifest.dataset.questions, repeats: manifest.repeats, prices },
  );
  const isJsonOut = options.json === true;
  if (!isJsonOut)
    process.stdout.write(`Run ${run.id} of ${run.created.slice(0, 16).replace("T", " ")} UTC\n\n`);
  const faithfulness = await faithfulnessOf(columns);
  const found = [
    ...Object.entries(await problemFigures(columns)).map(problemNote),
    ...Object.entries(await orderFigures(columns)).map(orderNote),
  ];
  if (!isJsonOut)
    process.stdout.write(
      formatTable(summary) + formatFaithfulness(faithfulness) + found.map((line) => `\n${line}\n`).join(""),
    );
  const written = async (file: string, text: string | AsyncIterable<string>) => {
    await writeFileAtomic(file, text);
    if (!isJsonOut) process.stdout.write(`\nWritten: ${file}\n`);
  };
  if (options.html !== undefined) {
    const { gallery, loadImage, task, samples } = await reopen(store, run, options);
    const data = await reportData(columns, gallery, {
      loadImage,
      verdicts: storedVerdicts(store, run.id, columns),
    });
    const page = await formatReport(summary, data, {
      version: packageVersion(),
      ...(task ? { figures: await figuresOf(task, columns, samples) } : {}),
      remarks: [...(task ? remarksOf(task) : []), ...found],
      faithfulness,
      judgements: await runJudgements(store, run.id, columns),
      people: imported && (await heldAgainstPeople(imported, { store, run: run.id, columns, scorer })),
    });
    await written(options.html, page);
  }
  if (options.json !== undefined) {
    const pieces = runJson(store, run, summary, columns);
    if (options.json === true) await pipeline(pieces, process.stdout, { end: false });
    else await written(options.json, pieces);
  }
  if (options.csv !== undefined) await written(options.csv, formatCsv(store, run.id, columns));
  if (options.junit !== undefined) await written(options.junit, formatJunit(store, run, columns));
}

/** The columns of a stored run; their rows can be read again and again. */
export function storedColumns(store: Store, run: StoredRun): ColumnRows[] {
  return parseManifest(run.manifest).columns.map(({ name, model, technique }) =>
    storedColumn(store, run.id, { name, model, technique }),
  );
}

/** The questions of a run with their pictures, where the dataset still is what it was. */
export async function reopen(store: Store, run: StoredRun, { trustDataset }: { trustDataset?: boolean }) {
  let dataset: DatasetStream | undefined;
  let problem = "";
  try {
    dataset = await openDatasetStream(run.dataset);
  } catch (error) {
    problem = (error as Error).message;
  }
  const task = dataset && (await taskFor(dataset));
  const read = dataset?.samples ?? [];
  const samples = task?.expand ? flatMapSamples(read, task.expand) : read;
  const load = createImageLoader({
    baseDir: dataset?.baseDir ?? ".",
    ...{ allowOutside: trustDataset, allowPrivate: trustDataset },
  });
  return {
    gallery: storedGallery(store, run.id, samples),
    loadImage: storedPictures(load, problem),
    ...{ task, samples },
  };
}
