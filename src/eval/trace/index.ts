export { diffTraces, type TraceDifference } from "./diff-traces.ts";
export { createRecorder, createTrace, type TraceRecorder } from "./record.ts";
export { replayModel, replayTools } from "./replay.ts";
export { readTrace, type TraceFile, writeTrace } from "./trace-file.ts";
export { traceHtml } from "./trace-html.ts";
export { stepText, type TraceStep, traceSteps } from "./trace-steps.ts";
