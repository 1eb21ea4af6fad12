export { bootstrapInterval, clusteredError, clusteredErrorOfSums, groupBy } from "./clustered.ts";
export { benjaminiHochberg, holm } from "./corrections.ts";
export { normalCdf, normalQuantile, studentCdf, studentQuantile } from "./distributions.ts";
export { type PairedT, pairedT, permutationP } from "./paired.ts";
export { minimumDetectableDifference, type PowerOptions, pairsNeeded } from "./power.ts";
export { type PairedCounts, type Verdict, verdictOf } from "./verdict.ts";
