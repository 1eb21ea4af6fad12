// A language model with eyes: it plans, tools look, and it answers from what they saw. Here the model is scripted, so that
// the example needs no key; the tools are the real ones, offline. The same question goes to two planners: a program of
// lines (VisProg), and JavaScript in the sandbox (ViperGPT). Any model works in its place: resolveModel("openai:gpt-5").
//   node examples/05-equip.ts
import { readFile } from "node:fs/promises";
import { equip, type PlannerName, traceEvents, visionTools } from "../src/index.ts";
import { mockModel } from "../src/testing/index.ts";

const programs: Partial<Record<PlannerName, string>> = {
  program: "SEEN=ask(image=IMAGE, question='How many apples are there?')\nRESULT(var=SEEN.answer)",
  script: `\`\`\`js
const left = await crop({ image: image_1, box: [0, 0, 240, 400] });
const { answer } = await ask({ image: left.image, question: "How many apples are there?" });
return answer + " in the left half";
\`\`\``,
};
await using tools = visionTools();
const picture = await readFile(new URL("./picnic.png", import.meta.url));

for (const [planner, program] of Object.entries(programs) as [PlannerName, string][]) {
  const agent = equip(tools, { planner })(mockModel(program));
  const { content } = await agent.doGenerate({
    prompt: [
      {
        role: "user",
        content: [
          { type: "file", mediaType: "image/png", data: { type: "data", data: picture } },
          { type: "text", text: "How many apples are there?" },
        ],
      },
    ],
  });
  for (const { type, data } of traceEvents(content))
    if (type === "tool-returned")
      console.log(planner, "saw", JSON.stringify(data?.value), "by", data?.backend);
  for (const part of content) if (part.type === "text") console.log(planner, "answers", part.text);
}
