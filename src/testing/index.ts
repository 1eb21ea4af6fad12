export {
  type MockAnswer,
  type MockModel,
  type MockModelOptions,
  type MockScript,
  mockModel,
} from "./mock-model.ts";
export {
  type OpenAiServer,
  type ServerReply,
  type ServerRequest,
  startOpenAiServer,
} from "./openai-server.ts";
