export {
  type Act,
  type ConformanceModel,
  liveModel,
  type Opened,
  scriptedMock,
  scriptedServer,
} from "./conformance-models.ts";
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
export { type RecordedModel, recordCalls } from "./record-calls.ts";
export { type Check, type TechniqueChecksOptions, techniqueChecks } from "./technique-checks.ts";
