import { InputError } from "../../errors/index.ts";
import { nearest } from "../../util/text.ts";
import type { Planner } from "../planner.ts";
import { dialogue } from "./dialogue.ts";
import { plan } from "./plan.ts";
import { program } from "./program.ts";
import { rounds } from "./rounds.ts";
import { script } from "./script.ts";

const factories = { rounds, plan, program, script, dialogue };

/** Name of a planner. */
export type PlannerName = keyof typeof factories;

/** Names of the planners. */
export const plannerNames = Object.keys(factories) as PlannerName[];

/** The planner of this name. */
export function findPlanner(name: string): Planner {
  if (Object.hasOwn(factories, name)) return factories[name as PlannerName]();
  const slip = nearest(name, plannerNames);
  throw new InputError({
    where: "equip",
    rule: "there is no such planner",
    got: `"${name}"`,
    hint: `${slip ? `Did you mean ${slip}? ` : ""}Known: ${plannerNames.join(", ")}.`,
  });
}
