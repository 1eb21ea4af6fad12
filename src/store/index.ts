export {
  type DemonstrationSet,
  findDemonstrationSet,
  readDemonstrations,
  type StoredDemonstration,
  writeDemonstrations,
} from "./demonstrations.ts";
export { createGroupWriter, type GroupWriter } from "./group-writer.ts";
export { readJudgements, type StoredJudgement, writeJudgement } from "./judgements.ts";
export { openStore, type Store } from "./open-store.ts";
export {
  findQuestions,
  readQuestionIds,
  readQuestions,
  type StoredQuestion,
  writeQuestions,
} from "./questions.ts";
export { createResponseCache, type ResponseCache } from "./response-cache.ts";
export {
  countResults,
  findResults,
  type JoinedResult,
  type ResultRow,
  readResults,
  readScores,
  resultWriter,
  settledSamples,
} from "./results.ts";
export { createRun, findRun, finishRun, listRuns, openRun, type RunLease, type StoredRun } from "./runs.ts";
