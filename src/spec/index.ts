export type { Capabilities } from "./capabilities.ts";
export type { Encoder } from "./encoder.ts";
export type { AudioPart, ImagePart, MediaSource, Part, TextPart, VideoPart } from "./part.ts";
export type { Query } from "./query.ts";
export type { AnswerType, Box, Provenance, Region, Sample, Turn } from "./sample.ts";
export type { Score, Scorer } from "./scorer.ts";
export type { LanguageModel, Technique } from "./technique.ts";
export type { Tool, ToolContext, ToolImage, ToolResult } from "./tool.ts";
export type { TraceEvent } from "./trace-event.ts";
