// A gold program of `scenes` as the JavaScript that a model would write for the script planner: what the tools find goes
// through the program's steps inside the sandbox.
import { concepts, type ProgramStep } from "../src/data/scenes/index.ts";

/** Of every name: its category and its plural. */
const facts = Object.fromEntries(
  concepts.map(({ name, category, plural }) => [name, { category, plural: plural ?? `${name}s` }]),
);

/** Helpers that the steps call; the rules of scenes about what lies in a direction are in it (see position.ts). */
const prelude = (size: number) => `
const facts = ${JSON.stringify(facts)};
const center = ({ box: [a, b, c, d] }) => [(a + c) / 2, (b + d) / 2];
const side = ({ box: [a, b, c, d] }) => Math.sqrt((c - a) * (d - b));
const along = (from, to, way) => {
  const axis = way === "left" || way === "right" ? 0 : 1;
  const far = center(to)[axis] - center(from)[axis];
  return way === "left" || way === "above" ? -far : far;
};
const across = (from, to, way) => Math.abs(center(to)[way === "left" || way === "right" ? 1 : 0] -
  center(from)[way === "left" || way === "right" ? 1 : 0]);
const beside = (all, from, way) => {
  let found;
  for (const to of all) {
    const [far, off] = to === from ? [0, 1] : [along(from, to, way), across(from, to, way)];
    if (far <= 0 || far < 0.75 * off) continue;
    if (far < 1.2 * off || far < ${(12 * size) / 112} || found) return undefined;
    found = to;
  }
  return found;
};
const r = [];
`;

/** Writes the program as the body of an async function. */
export function goldScript(program: readonly ProgramStep[], size: number): string {
  if (program[0]!.op === "read") return "return (await ocr({ image: images[0] })).text;";
  const goesOn = program.some(({ op }) => op === "exists" || op === "add" || op === "subtract");
  const lines = program.map((step, i) => line(step, i, goesOn));
  return `${prelude(size)}const { objects: all } = await detect({ image: images[0] });\n${lines.join("\n")}`;
}

function line(step: ProgramStep, i: number, goesOn: boolean): string {
  const text = JSON.stringify;
  switch (step.op) {
    case "find": {
      const stop = goesOn ? "" : `\nif (r[${i}].length === 0) return ${text(`I see no ${step.name}.`)};`;
      return `r[${i}] = all.filter(({ name }) => name === ${text(step.name)});${stop}`;
    }
    case "list":
      return step.category === undefined
        ? `r[${i}] = all;`
        : `r[${i}] = all.filter(({ name }) => facts[name]?.category === ${text(step.category)});`;
    case "beside":
      return `r[${i}] = [beside(all, r[${step.of}][0], ${text(step.direction)})];\nif (!r[${i}][0]) return "nothing";`;
    case "farther":
      return `r[${i}] = all.filter((to) => along(r[${step.of}][0], to, ${text(step.direction)}) > 0);`;
    case "exists":
      return `return r[${step.of}].length > 0 ? "yes" : "no";`;
    case "count":
      return `return r[${step.of}].length;`;
    case "name":
      return `return r[${step.of}][0]?.name ?? "nothing";`;
    case "category":
      return `return facts[r[${step.of}][0]?.name]?.category ?? "nothing";`;
    case "more":
      return `return facts[(r[${step.of[0]}].length >= r[${step.of[1]}].length ? r[${step.of[0]}] : r[${step.of[1]}])[0].name].plural;`;
    case "bigger":
      return `return side(r[${step.of[0]}][0]) >= side(r[${step.of[1]}][0]) ? r[${step.of[0]}][0].name : r[${step.of[1]}][0].name;`;
    case "add":
      return `return r[${step.of[0]}].length + r[${step.of[1]}].length;`;
    case "subtract":
      return `return r[${step.of[0]}].length - r[${step.of[1]}].length;`;
    default:
      throw new Error(`no script for a step "${step.op}"`);
  }
}
