export { chosenOption } from "../util/chosen-option.ts";
export { normaliseAnswer } from "../util/normalise-answer.ts";
export {
  type Agreement,
  type AlphaLevel,
  cohenKappa,
  type KappaOptions,
  krippendorffAlpha,
  percentAgreement,
} from "./agreement/index.ts";
export { type AnswerVerdict, type FindVerdicts, storedVerdicts } from "./answer-verdicts.ts";
export { type Answer, type CallModelOptions, callModel } from "./call-model.ts";
export { captionF1, namesF1, objectNames } from "./caption.ts";
export { type Column, type ModelColumnOptions, majorityColumn, modelColumn } from "./column.ts";
export type { ColumnRows } from "./column-rows.ts";
export type { Comparison, Paired } from "./compare-columns.ts";
export {
  type Contamination,
  type ContaminationOptions,
  contamination,
  contaminationNote,
  type Overlap,
  type ReadableSamples,
} from "./contamination.ts";
export { type ColumnDiff, diffRuns, type Flip, type RunDiff } from "./diff-runs.ts";
export { formatCsv, formatJunit, runJson } from "./exports.ts";
export {
  type Faithfulness,
  faithfulnessOf,
  formatFaithfulness,
  otherPictures,
  type ProbeFigure,
} from "./faithfulness.ts";
export { figuresOf, formatFigures } from "./figures.ts";
export { formatDiff } from "./format-diff.ts";
export { formatPercent } from "./format-numbers.ts";
export {
  type CaseColumn,
  type CaseGalleryOptions,
  type ColumnGallery,
  caseGallery,
  type GalleryCase,
} from "./gallery/index.ts";
export { type GalleryQuestion, type GallerySource, galleryOf, galleryQuestion } from "./gallery-question.ts";
export { type AssertHeldOutOptions, assertHeldOut } from "./held-out.ts";
export { createImageLoader, type ImageLoaderOptions, type LoadedImage } from "./image-loader.ts";
export { type CompareJson, toJsonOutput } from "./json-output.ts";
export {
  type Judgement,
  type JudgeOptions,
  judgementFigures,
  judgePair,
  judgeReference,
  judgeRubric,
  type PairJudgement,
  pairFigures,
  type ReferenceJudgement,
  type RubricJudgement,
  referenceFigures,
} from "./judge/index.ts";
export {
  formatJudge,
  type JudgeFigures,
  type JudgeMode,
  type JudgeRunOptions,
  judgeModes,
  judgeRun,
} from "./judge-run.ts";
export { type LearnDemonstrationsOptions, learnDemonstrations } from "./learn-demonstrations.ts";
export { majorityAnswers, majorityName } from "./majority.ts";
export {
  type Difference,
  type ManifestParts,
  makeManifest,
  manifestDifferences,
  parseManifest,
  type RunManifest,
  sampleHash,
  samplesHash,
} from "./manifest.ts";
export { match } from "./match.ts";
export {
  type MeasureColumnsOptions,
  type MeasuredColumns,
  measureColumns,
} from "./measure-columns.ts";
export { orderFigures, orderNote } from "./order-figures.ts";
export { createPacer, fixedPace, type Pacer } from "./pacer.ts";
export { heldAgainstPeople, type PeopleFigures } from "./people.ts";
export { costOf, loadPrices, type Prices } from "./prices.ts";
export { problemFigures, problemNote } from "./problem-figures.ts";
export {
  agreementWithPeople,
  type ImportedRatings,
  importRatings,
  type OtherScore,
  parseRatingKey,
  type RatingItem,
  type RatingKey,
  ratingItems,
  ratingPage,
} from "./ratings/index.ts";
export { memoryRecorder, type Recorder, storedColumn, storedRows, storeRecorder } from "./recorder.ts";
export { references } from "./references.ts";
export { flipCases, formatReport, type ReportData, type ReportOptions, reportData } from "./report/index.ts";
export type { Row } from "./row.ts";
export {
  type ColumnRun,
  type CompareRun,
  type RunEnd,
  type RunOptions,
  runColumns,
  runCompare,
} from "./run-compare.ts";
export { type RunJudgements, runJudgements } from "./run-judgements.ts";
export { createScorer } from "./scorer.ts";
export { metricDescriptions, type ScoredItem, type ScoreOutput, scoreFile } from "./scoring/score-file.ts";
export { parseShots, shotsOf, withShots } from "./shots.ts";
export { shuffledColumn, shuffledName } from "./shuffled.ts";
export {
  benjaminiHochberg,
  bootstrapInterval,
  clusteredError,
  holm,
  minimumDetectableDifference,
  type PairedT,
  type PowerOptions,
  pairedT,
  pairsNeeded,
  permutationP,
} from "./significance/index.ts";
export { type Interval, mcnemarP, meanInterval, quantile, wilsonInterval } from "./statistics.ts";
export { storedGallery, storedPictures } from "./stored-gallery.ts";
export { type OpenRun, resumeRun, startRun } from "./stored-run.ts";
export {
  type ColumnSummary,
  type Summary,
  summarise,
  type Tally,
} from "./summary.ts";
export { formatTable, notes } from "./table.ts";
export { type Figure, heldInNote, type Task, type TaskRow, taskFor } from "./tasks/index.ts";
export { createResources, type TechniqueResources } from "./technique-resources.ts";
export { parseTechnique, type TechniqueSpec, techniqueNames } from "./techniques.ts";
export {
  createRecorder,
  createTrace,
  diffTraces,
  readTrace,
  replayModel,
  replayTools,
  stepText,
  type TraceDifference,
  type TraceFile,
  type TraceStep,
  traceHtml,
  traceSteps,
  writeTrace,
} from "./trace/index.ts";
