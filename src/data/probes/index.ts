export type { AnnotatedPicture } from "./annotated-picture.ts";
export { type ChairOptions, chairProbes } from "./chair.ts";
export { type PopeOptions, type PopeSampling, popeProbes, popeQuestion, popeSamplings } from "./pope.ts";
export { type ReadDetectionsOptions, readDetections } from "./read-detections.ts";
