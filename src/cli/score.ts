import { Command } from "commander";
import { metricDescriptions, scoreFile } from "../eval/index.ts";
import { formatScoreTable } from "../eval/scoring/score-table.ts";

interface ScoreOptions {
  metric: string;
  synonyms?: string;
  json?: boolean;
}

/** Defines `sightline score`. */
export function scoreCommand(): Command {
  const list = Object.entries(metricDescriptions).map(([name, text]) => `  ${name.padEnd(16)} ${text}`);
  return new Command("score")
    .summary("score predictions made anywhere")
    .description(
      "Scores predictions with the rules of a benchmark. The file is JSON Lines, one object a line with id, prediction " +
        "and answers (the accepted ones); type groups the figures, and some metrics need more fields.",
    )
    .argument("<file>", "the predictions")
    .requiredOption("-m, --metric <name>", "what to compute, see below")
    .option("--synonyms <file>", 'chair: other words for objects, JSON such as {"dog": ["puppy"]}')
    .option("--json", "print one JSON object with every item: fractions, CIDEr-D from 0 to 10")
    .addHelpText("after", `\nMetrics:\n${list.join("\n")}`)
    .action(score);
}

async function score(file: string, { metric, synonyms, json }: ScoreOptions): Promise<void> {
  const output = await scoreFile(file, metric, { synonyms });
  process.stdout.write(json ? `${JSON.stringify(output, undefined, 2)}\n` : formatScoreTable(output, file));
}
