// The bundled model thinks before it answers, three times, and the majority decides. What it thought is reasoning, what
// happened on the way is in the trace, and the answer is the only text. Then it thinks only if it is not sure of a direct
// answer. At last an answer is probed: does it change when the picture turns grey or the rationale is spoilt?
//   node examples/04-think.ts
import { readFile } from "node:fs/promises";
import { callOf, type LanguageModel, probe, reason, resolveModel, traceEvents, vote } from "../src/index.ts";

const tiny = await resolveModel("tiny");
const call = await callOf(
  {
    id: "picnic",
    instruction: "How many apples are there?",
    input: [{ type: "image", source: "picnic.png" }],
    answerType: "number",
  },
  {
    loadImage: async ({ source }) => ({
      bytes: await readFile(new URL(source, import.meta.url)),
      mediaType: "image/png",
    }),
  },
);

async function show(model: LanguageModel) {
  const { content } = await model.doGenerate({ ...call, maxOutputTokens: 64, seed: 0 });
  for (const part of content) {
    if (part.type === "reasoning") console.log(`thought: ${part.text}`);
    if (part.type === "text") console.log(`answer: ${part.text}`);
  }
  for (const { type, data } of traceEvents(content))
    if (/^(votes-counted|answered-directly|answer-probed|probe-skipped|problem-found)$/.test(type))
      console.log(type, JSON.stringify(data));
}

await show(vote(3)(reason()(tiny)));
await show(reason({ unsure: 0.7 })(tiny));
await show(probe()(reason({ stages: 2 })(tiny)));
