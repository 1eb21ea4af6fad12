export { limitSamples } from "./limit-samples.ts";
export { bundledDatasets, type Dataset, openDataset } from "./open-dataset.ts";
export { readDatasetFile } from "./read-file.ts";
export { formatSampleJsonl } from "./sample-jsonl.ts";
