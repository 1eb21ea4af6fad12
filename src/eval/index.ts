export { type Answer, type CallModelOptions, callModel } from "./call-model.ts";
export { captionF1, namesF1, objectNames } from "./caption.ts";
export { type Column, type ModelColumnOptions, majorityColumn, modelColumn } from "./column.ts";
export { formatPercent } from "./format-numbers.ts";
export { createImageLoader, type ImageLoaderOptions, type LoadedImage } from "./image-loader.ts";
export { type CompareJson, toJsonOutput } from "./json-output.ts";
export { majorityAnswers, majorityName } from "./majority.ts";
export { chosenOption, match } from "./match.ts";
export { normaliseAnswer } from "./normalise.ts";
export { costOf, loadPrices, type Prices } from "./prices.ts";
export { references } from "./references.ts";
export { formatReport, type ReportData, reportData } from "./report/index.ts";
export {
  type ColumnRun,
  type CompareRun,
  type Row,
  type RunCompareOptions,
  runCompare,
} from "./run-compare.ts";
export { createScorer } from "./scorer.ts";
export { metricDescriptions, type ScoredItem, type ScoreOutput, scoreFile } from "./scoring/score-file.ts";
export { type Interval, mcnemarP, meanInterval, quantile, wilsonInterval } from "./statistics.ts";
export { type ColumnSummary, type Comparison, type Summary, summarise, type Tally } from "./summary.ts";
export { formatTable, notes } from "./table.ts";
export { parseTechnique, type TechniqueSpec, techniqueNames } from "./techniques.ts";
