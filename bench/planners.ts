// What the planners can reach with the real tools: a driver that always knows what to do next (the gold program of each
// question of scenes:val) runs through every planner, in the planner's own words, with what the tools found. No model
// that drives the same tools can do better than by luck. `direct` of the same weights stands beside it.
// Usage: node bench/planners.ts [questions] [dataset] [tiny or local:FOLDER]

import { equip, type PlannerName } from "../src/agent/index.ts";
import { type VisionTool, visionTools } from "../src/agent/tools/index.ts";
import { openDataset } from "../src/data/index.ts";
import { type ProgramStep, runProgram } from "../src/data/scenes/index.ts";
import { createImageLoader } from "../src/eval/image-loader.ts";
import { createScorer } from "../src/eval/scorer.ts";
import { callOf, direct, resolveModel, textOf } from "../src/model/index.ts";
import type { Box, LanguageModel, Sample } from "../src/spec/index.ts";
import { mockModel } from "../src/testing/mock-model.ts";
import { goldScript } from "./gold-script.ts";

const [limit = "200", dataset = "scenes:val", spec = "tiny"] = process.argv.slice(2);
const planners: PlannerName[] = ["rounds", "plan", "program", "script"];

/** What the tools returned for the question at hand. */
const seen: { objects: { name: string; box: Box }[]; word: string } = { objects: [], word: "" };

function watched(tool: VisionTool): VisionTool {
  return {
    ...tool,
    async run(input, context) {
      const result = await tool.run(input, context);
      const value = result.value as { objects?: typeof seen.objects; text?: string } | undefined;
      if (tool.name === "detect") seen.objects = value?.objects ?? [];
      if (tool.name === "ocr") seen.word = value?.text ?? "";
      return result;
    },
  };
}

/** The lines of a program whose tools say it all; undefined where the question needs more than they say. */
function lineProgram(program: readonly ProgramStep[]): string | undefined {
  const [first, second] = program as { op: string; name?: string }[];
  if (first!.op === "read") return "T=ocr(image=IMAGE)\nRESULT(var=T.text)";
  if (first!.op === "find" && second?.op === "count")
    return `N=count(image=IMAGE, name='${first!.name}')\nRESULT(var=N.count)`;
  if (first!.op === "list" && second?.op === "name")
    return "D=detect(image=IMAGE)\nRESULT(var=D.objects[0].name)";
  return undefined;
}

/** A model that knows the program of the question and follows it. */
function driver(planner: PlannerName, program: readonly ProgramStep[], size: number): LanguageModel {
  const tool = program[0]!.op === "read" ? "ocr" : "detect";
  const input = { image: "image_1" };
  const answer = () =>
    `Answer: ${runProgram(program, { things: seen.objects, word: seen.word, size }).answer}`;
  switch (planner) {
    case "rounds":
      return mockModel((_, call) =>
        call > 0 ? answer() : `Thought: look first\nAction: ${tool}\nAction Input: ${JSON.stringify(input)}`,
      );
    case "plan":
      return mockModel((_, call) =>
        call > 0 ? answer() : JSON.stringify({ steps: [{ id: "a", tool, input }] }),
      );
    case "program":
      return mockModel(() => lineProgram(program)!);
    default:
      return mockModel(() => `\`\`\`js\n${goldScript(program, size)}\n\`\`\``);
  }
}

const { samples: all, baseDir } = await openDataset(dataset);
const asked = (all as Sample[])
  .filter(({ type, extra }) => type !== "caption" && extra?.program)
  .slice(0, Number(limit));
const loadImage = createImageLoader({ baseDir });
const base = direct()(await resolveModel(spec));
await using tools = visionTools(
  spec.startsWith("local:") ? { model: spec, groundingDir: spec.slice("local:".length) } : { model: spec },
);
const scorer = createScorer();
const rows = new Map<string, Map<string, { asked: number; right: number }>>();
const times = new Map<string, number>();

for (const sample of asked) {
  const program = sample.extra!.program as unknown as ProgramStep[];
  const size = sample.input.find((part) => part.type === "image")?.width ?? 112;
  const models: [string, LanguageModel][] = [["direct", base]];
  for (const planner of planners) {
    // A line program returns a count where nothing is, not the words for it.
    if (planner === "program" && (sample.type === "absent" || lineProgram(program) === undefined)) continue;
    const make = equip(tools.map(watched), { planner });
    models.push([planner, make(driver(planner, program, size))]);
  }
  for (const [name, model] of models) {
    [seen.objects, seen.word] = [[], ""];
    const { prompt, providerOptions } = await callOf(sample, { loadImage });
    const start = performance.now();
    const { content } = await model.doGenerate({ prompt, providerOptions, temperature: 0 });
    times.set(name, (times.get(name) ?? 0) + performance.now() - start);
    const { score } = await scorer.score(textOf(content).trim(), sample);
    const types = rows.get(name) ?? new Map();
    rows.set(name, types);
    for (const type of ["all", sample.type!]) {
      const sum = types.get(type) ?? { asked: 0, right: 0 };
      types.set(type, { asked: sum.asked + 1, right: sum.right + score });
    }
  }
}
for (const [name, types] of rows) {
  const parts = [...types].map(
    ([type, { asked: n, right }]) => `${type} ${((100 * right) / n).toFixed(1)}% of ${n}`,
  );
  const milliseconds = times.get(name)! / types.get("all")!.asked;
  console.log(`${name.padEnd(8)} ${milliseconds.toFixed(0)} ms: ${parts.join(", ")}`);
}
