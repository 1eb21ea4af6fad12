export {
  type BenchmarkDataset,
  type BenchmarkName,
  benchmarkNames,
  isBenchmarkSpec,
  type OpenBenchmarkOptions,
  openBenchmark,
  openBenchmarkSpec,
} from "./open-benchmark.ts";
