export { isLlavaFolder } from "./check-folder.ts";
export { type LocalModel, type LocalModelOptions, loadLocalModel } from "./local-model.ts";
