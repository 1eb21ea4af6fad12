// `equip` in a spec string: the tools of this package, the model behind some of them, and demonstrations of tool traces
// from a dataset by name.
import { z } from "zod";
import { type EquipOptions, equip, plannerNames } from "../agent/index.ts";
import { centerNet, visionTools } from "../agent/tools/index.ts";
import { InputError } from "../errors/index.ts";
import { placeNearest } from "../icl/index.ts";
import type { Technique } from "../spec/index.ts";
import { storeAddress } from "./store-address.ts";
import type { TechniqueResources } from "./technique-resources.ts";

const count = z.int().positive().max(100).optional();

export const equipSchema = z.strictObject({
  planner: z.enum(plannerNames).optional(),
  protocol: z.enum(["native", "text"]).optional(),
  /** Names of the tools to give, such as detect+count+ocr. @default all */
  tools: z.string().min(1).optional(),
  /** The vision model behind the tools `ask` and `caption`. @default "tiny" */
  by: z.string().optional(),
  reader: z.enum(["scenes", "pp-ocr"]).optional(),
  /** What finds things: tiny's eye, or CenterNet for photographs. @default "scenes" */
  detector: z.enum(["scenes", "centernet"]).optional(),
  /** Side in pixels of the parts in which tiny's eye looks at larger pictures. */
  partSide: z.int().min(16).max(4096).optional(),
  turns: count,
  calls: count,
  mistakes: count,
  seconds: z.number().positive().max(3600).optional(),
  /** Dataset of tool traces, as `data generate --kind tool-use` writes them. */
  demonstrations: z.string().min(1).optional(),
  /** Traces before each question. @default 4 */
  shots: z.int().min(0).max(64).optional(),
  /** What makes the vectors by which the nearest traces are found. @default "tiny" */
  encoder: z.string().min(1).optional(),
  /** File or PostgreSQL URL with vectors of the dataset that `data index` made. */
  store: storeAddress.optional(),
});

/** Makes the technique that answers with vision tools. */
export function equipDataset(given: z.infer<typeof equipSchema>, resources: TechniqueResources): Technique {
  const {
    planner,
    protocol,
    tools: wanted,
    by = "tiny",
    reader,
    detector,
    partSide,
    demonstrations: from,
    shots,
    ...others
  } = given;
  const { encoder, store, ...budget } = others;
  if (from === undefined && (shots ?? encoder ?? store) !== undefined)
    throw new InputError({
      where: "equip",
      rule: "shots, encoder and store are for demonstrations",
      got: "no demonstrations",
      hint: "Name a dataset of tool traces: demonstrations=FILE.",
    });
  if (from !== undefined) resources.require(open);
  const all = visionTools({
    model: () => resources.openModel(by),
    ...(reader ? { reader } : {}),
    ...(partSide === undefined ? {} : { partSide }),
    ...(detector === "centernet" ? { detector: centerNet() } : {}),
  });
  const tools = resources.useTools(wanted === undefined ? all : pickTools(all, wanted));
  const demonstrations = from === undefined ? undefined : { settings: { from, shots: shots ?? 4 }, open };
  return equip(tools, {
    ...{ planner, protocol, budget },
    ...(demonstrations ? { demonstrations } : {}),
    ...(resources.person ? { person: resources.person } : {}),
  } as EquipOptions);

  async function open() {
    const spec = { from: from!, encoder: encoder ?? "tiny", store, wordsOnly: true };
    const { pool } = await resources.openDemonstrations(spec);
    return placeNearest(pool, {
      ...(shots === undefined ? {} : { k: shots }),
      where: "equip",
      hint: `Write traces with sightline data generate --kind tool-use. Tools: ${tools.map(({ name }) => name).join(", ")}.`,
    });
  }
}

/** The tools of these names, joined by +, in this order. */
function pickTools<T extends { name: string }>(all: readonly T[], names: string): T[] {
  return names.split("+").map((name) => {
    const found = all.find((tool) => tool.name === name.trim());
    if (found) return found;
    const hint = `Known: ${all.map((tool) => tool.name).join(", ")}.`;
    throw new InputError({
      where: "equip",
      rule: "tools must be names joined by +",
      got: JSON.stringify(name),
      hint,
    });
  });
}
