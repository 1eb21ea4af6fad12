export {
  type ApplyTemplateOptions,
  applyTemplate,
  type TemplatePool,
  templatePools,
} from "./apply-template.ts";
export { chatTemplate } from "./chat.ts";
export { type ChatTokenizer, loadChatTokenizer } from "./chat-tokenizer.ts";
export { inContextTemplate } from "./in-context.ts";
export { instructionTemplate } from "./instruction.ts";
export { captionTemplates, shortAnswerSentence, vqaTemplates, vqgTemplates } from "./pools.ts";
export { type PrintMaskOptions, printMask, visible } from "./print-mask.ts";
export { type Rendered, type RenderOptions, render, type TemplateTokenizer } from "./render.ts";
export { type Segment, textOf } from "./segments.ts";
