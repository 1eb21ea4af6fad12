// How well a model calls tools, by the four rates of GPT4Tools (arXiv 2305.18752): does it see whether a tool is needed
// (thought), which one (action), with what (arguments), and all of it (success)? The first call for questions of scenes:val
// is compared with the call that answers it. "seen" offers the tools that the model was taught; "unseen" the same tools
// under names that it never met, in a copy of the model that says it knows them.
// Usage: node bench/tool-use.ts [questions] [model folder]
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { visionTools } from "../src/agent/tools/index.ts";
import { chooseQuestions } from "../src/data/scenes/choose-questions.ts";
import { encodeScene, loadWorldOf } from "../src/data/scenes/dataset.ts";
import { taughtTools, toolStepOf } from "../src/data/scenes/tool-trace.ts";
import { type Gpt4ToolsScore, gpt4Tools } from "../src/eval/metrics/gpt4tools.ts";
import { bundledModel, resolveModel, textOf } from "../src/model/index.ts";

const [limit = "300", folder = bundledModel("tiny")] = process.argv.slice(2);
const unseen: Record<string, string> = {
  detect: "find_things",
  count: "number_of",
  ocr: "read_text",
  ask: "consult",
};

const copy = await mkdtemp(path.join(os.tmpdir(), "sightline-tool-use-"));
await cp(folder, copy, { recursive: true });
const configFile = path.join(copy, "config.json");
const config = JSON.parse(await readFile(configFile, "utf8"));
config.sightline.tools.names = taughtTools.map((name) => unseen[name]);
await writeFile(configFile, JSON.stringify(config));

const set = { split: "val", seed: 3, count: Number(limit) } as const;
const world = await loadWorldOf(set);
await using tools = visionTools();
const rates = ["thought", "action", "args", "success"] as const;
for (const [kind, spec, rename] of [
  ["seen", `local:${path.resolve(folder)}`, (name: string) => name],
  ["unseen", `local:${copy}`, (name: string) => unseen[name]!],
] as const) {
  const model = await resolveModel(spec);
  const offered = tools
    .filter(({ name }) => (taughtTools as readonly string[]).includes(name))
    .map(({ name, inputSchema }) => ({
      type: "function" as const,
      name: rename(name),
      inputSchema: inputSchema as object,
    }));
  const scores: (Gpt4ToolsScore & { needsTool: boolean })[] = [];
  for (const { scene, questions } of chooseQuestions(world, set)) {
    const data = await encodeScene(scene);
    for (const question of questions) {
      if (scores.length >= Number(limit)) break;
      const { content } = await model.doGenerate({
        prompt: [
          {
            role: "user",
            content: [
              { type: "file", mediaType: "image/png", data: { type: "data", data } },
              { type: "text", text: question.question },
            ],
          },
        ],
        tools: offered,
        temperature: 0,
        maxOutputTokens: 64,
      });
      const call = content.find((part) => part.type === "tool-call");
      const step = toolStepOf(question, scene, taughtTools);
      const given = call
        ? traceOf({ name: call.toolName, input: JSON.parse(call.input) })
        : traceOf(undefined, textOf(content));
      const wanted = step
        ? traceOf({ name: rename(step.name), input: step.input })
        : traceOf(undefined, question.answer);
      scores.push({ ...gpt4Tools(given, wanted), needsTool: step !== undefined });
    }
  }
  for (const [which, list] of [
    ["a tool is needed", scores.filter(({ needsTool }) => needsTool)],
    ["no tool is needed", scores.filter(({ needsTool }) => !needsTool)],
    ["all", scores],
  ] as const) {
    const shares = rates.map((rate) => {
      const mean = list.reduce((sum, score) => sum + score[rate], 0) / list.length;
      return `${rate} ${(100 * mean).toFixed(1)}%`;
    });
    console.log(`${kind} tools, ${which} (${list.length} questions): ${shares.join(", ")}`);
  }
  if (typeof (model as Partial<AsyncDisposable>)[Symbol.asyncDispose] === "function")
    await (model as unknown as AsyncDisposable)[Symbol.asyncDispose]();
}
await rm(copy, { recursive: true });

/** A trace in the lines of GPT4Tools, as far as its first call. */
function traceOf(call: { name: string; input: Record<string, unknown> } | undefined, answer = ""): string {
  if (!call) return `Thought: Do I need to use a tool? No\nAI: ${answer}`;
  const values = Object.entries(call.input).map(([key, value]) =>
    key === "image" ? `${value}.png` : String(value).trim(),
  );
  return `Thought: Do I need to use a tool? Yes\nAction: ${call.name}\nAction Input: ${values.join(", ")}`;
}
