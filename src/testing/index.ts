export {
  type MockAnswer,
  type MockModel,
  type MockModelOptions,
  type MockScript,
  mockModel,
} from "./mock-model.ts";
