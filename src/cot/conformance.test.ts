// Every technique of this room, alone and around another, against the checks that all techniques must pass.
import { capabilities, declareCapabilities } from "../model/index.ts";
import type { LanguageModel } from "../spec/index.ts";
import { scriptedMock, scriptedServer } from "../testing/conformance-models.ts";
import { describeTechnique } from "../testing/technique-conformance.ts";
import { bestOf, chain, check, decompose, expert, infill, probe, reason, vote } from "./index.ts";

const models = [scriptedMock, scriptedServer];
// A sub-question, a step and a marked answer: something to read for every technique.
const answer = () => "What is round?\nAnswer: a red ball";
const options = { models, answer };

describeTechnique("reason", reason(), options);
describeTechnique("reason in two stages", reason({ stages: 2 }), options);
describeTechnique("reason, multimodal-cot", reason({ format: "multimodal-cot" }), options);
describeTechnique("expert", expert(), options);
describeTechnique("vote", vote(3), options);
describeTechnique("best-of", bestOf(2), options);
describeTechnique("check over reason", (model) => check()(reason()(model)), options);
describeTechnique("chain", chain(), options);
describeTechnique("chain of two steps", chain({ steps: 2, retries: 0 }), {
  models,
  answer: (index) => ["It is round.", "It is red.", "a red ball"][index % 3]!,
});
describeTechnique("decompose", decompose(), options);
describeTechnique("decompose, ddcot", decompose({ style: "ddcot" }), options);
describeTechnique("infill", infill(), options);
describeTechnique("probe over reason", (model) => probe()(reason()(model)), options);
describeTechnique("vote over check over reason", (model) => vote(2)(check()(reason()(model))), options);

/** A scripted model, said to write rationales; it says its answer and nothing before it. */
const trained = (model: LanguageModel) =>
  declareCapabilities(model, { ...capabilities(model), rationales: true, plainQuestions: true });
describeTechnique("reason on a model trained for it", (model) => reason()(trained(model)), { models });
describeTechnique(
  "reason where it is unsure",
  (model) => reason({ unsure: 1 })(declareCapabilities(model, { ...capabilities(model), logprobs: true })),
  options,
);
