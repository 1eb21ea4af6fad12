// The options of every command that asks models the questions of a dataset.
import { type Command, Option } from "commander";
import { type JudgeMode, judgeModes } from "../eval/index.ts";
import { collect, numberBetween, wholeNumber } from "./option-values.ts";
import { withStoreOption } from "./store-option.ts";

export interface MeasureOptions {
  model?: string[];
  technique?: string[];
  controls?: string;
  shots?: string;
  limit?: number;
  seed: number;
  temperature: number;
  repeat: number;
  json?: boolean;
  report?: string;
  prices?: string;
  concurrency?: number;
  minAccuracy?: number;
  download?: boolean;
  timeout: number;
  maxTokens: number;
  maxPixels: number;
  maxCost?: number;
  maxTotalTokens?: number;
  trustDataset?: boolean;
  allowTrain?: boolean;
  trainData?: string[];
  cache?: boolean;
  resume?: string | true;
  retryFailed?: boolean;
  faithfulness?: boolean;
  judge?: string;
  judgeMode: JudgeMode;
  ratingPage?: string;
  ratingQuestions: number;
  store?: string;
}

/** Adds the options. */
export function withMeasureOptions(command: Command): Command {
  command
    .option("-m, --model <name>", "a model; may be repeated (default: tiny)", collect)
    .option("-t, --technique <spec>", "a technique, outermost first; may be repeated", collect)
    .option(
      "--controls <names>",
      "columns that show what a score is worth: blind, shuffled, caption-only, majority",
    )
    .option(
      "--shots <list>",
      "ask every technique with show(…) in it with each of these numbers of demonstrations, such as 0,1,2,4,8",
    )
    .option("-n, --limit <n>", "ask only n questions, chosen by a seeded hash of their ids", wholeNumber(1))
    .option("--seed <n>", "seed of everything random", wholeNumber(0), 0)
    .option("--temperature <x>", "sampling temperature", numberBetween(0, 2), 0)
    .option("--repeat <n>", "ask every question n times, each time with the next seed", wholeNumber(1), 1)
    .option("--json", "print one JSON object on standard output, nothing else")
    .option("--report <file>", "write a self-contained HTML report")
    .option("--prices <file>", "JSON file with prices per million tokens, for the cost column")
    .option("--max-cost <x>", "stop when the answers have cost x (needs --prices)", numberBetween(0, 1e9))
    .option("--max-total-tokens <n>", "stop when the answers have taken n tokens", wholeNumber(1))
    .option(
      "--concurrency <n>",
      "questions at once (default: found out for hosted models, 1 for local ones)",
      wholeNumber(1),
    )
    .option(
      "--min-accuracy <x>",
      "exit with 1 when the first column's accuracy is below x",
      numberBetween(0, 1),
    )
    .option("--download", "fetch missing weights of local: models")
    .option("--timeout <seconds>", "longest time for one question", numberBetween(0.001, 86_400), 120)
    .option("--max-tokens <n>", "longest answer", wholeNumber(1), 512)
    .option("--max-pixels <n>", "pictures with more pixels are refused", wholeNumber(1), 40e6)
    .option("--trust-dataset", "let pictures lie outside the dataset's folder and in private networks")
    .option("--cache", "also reuse answers of hosted models, whose weights nobody can check")
    .option("--no-cache", "ask again even what a local model was asked before")
    .option("--resume [run]", "go on with a run: its id, the start of it, or the latest")
    .option("--allow-train", "measure on a training split all the same")
    .option(
      "--train-data <dataset>",
      "say how many questions are in this training data too; may be repeated",
      collect,
    )
    .option(
      "--faithfulness",
      "change picture and rationale of every answer and say how often it changes (default technique: reason)",
    )
    .option("--judge <model>", "a model that sees the picture and judges every answer")
    .addOption(
      new Option(
        "--judge-mode <mode>",
        "grade by levels, rate beside the reference, or compare with the first column",
      )
        .choices([...judgeModes])
        .default("rubric"),
    )
    .option(
      "--rating-page <file>",
      "write a page on which people rate answers blindly, and its key beside it",
    )
    .option("--rating-questions <n>", "questions on that page", wholeNumber(1), 50)
    .option("--retry-failed", "with --resume: ask failed questions again");
  return withStoreOption(command);
}
