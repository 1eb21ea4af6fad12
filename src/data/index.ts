export { type Dataset, formatSampleJsonl, limitSamples, openDataset } from "./formats/index.ts";
export { answerTypeSchema, partSchema, querySchema, sampleSchema } from "./schema/index.ts";
