export { isLlavaFolder } from "./check-folder.ts";
export { findLetters } from "./find-letters.ts";
export { type FoundThing, findThings } from "./find-things.ts";
export { type CellGrid, type Grounder, type Grounding, loadGrounder } from "./grounder.ts";
export { type LocalModel, type LocalModelOptions, loadLocalModel } from "./local-model.ts";
export { escapeRegex } from "./regex.ts";
export { schemaRegex } from "./schema-regex.ts";
