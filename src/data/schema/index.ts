export { issueText } from "./issue-text.ts";
export { partSchema } from "./part-schema.ts";
export { querySchema } from "./query-schema.ts";
export { answerTypeSchema, sampleSchema } from "./sample-schema.ts";
