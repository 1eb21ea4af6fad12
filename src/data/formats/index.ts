export { type AdaptOptions, type AdaptReport, adapt } from "./adapt.ts";
export {
  type BenchmarkDataset,
  type BenchmarkName,
  benchmarkNames,
  type OpenBenchmarkOptions,
  openBenchmark,
} from "./benchmarks/index.ts";
export {
  type ExportOptions,
  type ExportReport,
  exportForTrainer,
  type Trainer,
  trainers,
} from "./export-trainer.ts";
export { limitSamples } from "./limit-samples.ts";
export { createMediaStore, type MediaStore } from "./media-store.ts";
export {
  bundledDatasets,
  type Dataset,
  type DatasetStream,
  openDataset,
  openDatasetStream,
} from "./open-dataset.ts";
export { readDatasetFile } from "./read-file.ts";
export {
  goodSamples,
  type InstructionData,
  type InstructionRow,
  openInstructions,
} from "./read-instructions.ts";
export type { MaxRejects, RejectOptions } from "./rejects.ts";
export { formatSampleJsonl } from "./sample-jsonl.ts";
export { flatMapSamples, limitStream, type Samples } from "./samples.ts";
export {
  createInstructionWriter,
  type InstructionFormat,
  type InstructionWriter,
  type InstructionWriterOptions,
  instructionFormats,
} from "./write-instructions.ts";
