export { type PictureContext, pictureContexts, type SeenObject } from "./context.ts";
export { type GenerateOptions, type GenerateReport, generate } from "./generate.ts";
export { type InstructionKind, instructionKinds, type SeedExample, type ToolName } from "./kinds.ts";
export { type BadPictureRow, type OpenedPictures, openPictures } from "./open-pictures.ts";
export { answerUntruth, untruth } from "./truth.ts";
export { createVocabulary, type Vocabulary } from "./vocabulary.ts";
