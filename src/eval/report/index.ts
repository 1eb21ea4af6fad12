export { flipCases } from "./diff-tables.ts";
export { formatReport, type ReportOptions } from "./report.ts";
export {
  type ReportAnswer,
  type ReportCases,
  type ReportData,
  type ReportQuestion,
  reportData,
} from "./report-data.ts";
export type { ReportStep, StepRegion } from "./report-steps.ts";
