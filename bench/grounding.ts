// How well the vision encoder of a model folder finds things and reads words in pictures of scenes:val, and how many
// questions the right program answers with what it found: no planner can do better with these tools.
// Usage: node bench/grounding.ts [pictures] [folder] [seed]
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import {
  askScene,
  concepts,
  encodeScene,
  loadWorld,
  makeScene,
  programOf,
  runProgram,
  stylesOf,
} from "../src/data/scenes/index.ts";
import { iou } from "../src/eval/metrics/iou.ts";
import { findLetters, findThings, loadGrounder } from "../src/model/local/index.ts";
import { groundingFolder } from "../src/testing/grounding-folder.ts";
import { createRng } from "../src/util/rng.ts";

const [pictures = "200", folder, seed = "2"] = process.argv.slice(2);
const dir = await mkdtemp(path.join(os.tmpdir(), "sightline-grounding-"));
const grounder = await loadGrounder(folder ?? (await groundingFolder(dir)));
const world = await loadWorld({ styles: stylesOf("val") });
const sums = {
  found: 0,
  things: 0,
  named: 0,
  at30: 0,
  at50: 0,
  kinds: 0,
  counted: 0,
  many: 0,
  manyCounted: 0,
};
const words = { shown: 0, read: 0, none: 0, falselyRead: 0 };
const answered: Record<string, { asked: number; right: number }> = {};
/** Counts right where the things of the first so many looks are taken, by number of looks. */
const countedBy: Record<number, number> = {};
const numberOf = (things: readonly { name: string }[], wanted: string) =>
  things.filter(({ name }) => name === wanted).length;
let milliseconds = 0;

for (let index = 0; index < Number(pictures); index++) {
  const scene = makeScene(world, { split: "val", seed: Number(seed), index });
  const bytes = await encodeScene(scene);
  const start = performance.now();
  const grounding = await grounder.ground(bytes);
  milliseconds += performance.now() - start;
  const found = findThings(grounding);
  const truth = scene.objects.map(({ concept, box }) => ({ name: concepts[concept]!.name, box }));
  sums.found += found.length;
  sums.things += truth.length;
  const left = new Set(found);
  for (const { name, box } of truth) {
    const [best] = [...left]
      .filter((thing) => thing.name === name)
      .map((thing) => ({ thing, overlap: iou(thing.box, box) }))
      .sort((a, b) => b.overlap - a.overlap);
    if (!best || best.overlap < 0.3) continue;
    left.delete(best.thing);
    sums.at30++;
    if (best.overlap >= 0.5) sums.at50++;
  }
  for (const looks of [1, 2, 4]) {
    const middles = grounding.middles.filter(({ look }) => look < looks);
    const seen = findThings({ ...grounding, middles, looks });
    for (const name of new Set(truth.map((thing) => thing.name)))
      if (numberOf(truth, name) === numberOf(seen, name)) countedBy[looks] = (countedBy[looks] ?? 0) + 1;
  }
  for (const name of new Set(truth.map((thing) => thing.name))) {
    const count = numberOf(truth, name);
    const counted = numberOf(found, name);
    sums.kinds++;
    sums.named += Math.min(count, counted);
    if (count === counted) sums.counted++;
    if (count > 1) sums.many++;
    if (count > 1 && count === counted) sums.manyCounted++;
  }
  const read = findLetters(grounding)
    .map(({ name }) => name)
    .join("");
  if (scene.word) words.shown++;
  else words.none++;
  if (scene.word?.text === read) words.read++;
  if (!scene.word && read !== "") words.falselyRead++;
  for (const asked of askScene(scene, createRng("bench-grounding", index))) {
    if (asked.type === "caption") continue;
    const { answer } = runProgram(programOf(asked), { things: found, word: read });
    answered[asked.type] ??= { asked: 0, right: 0 };
    answered[asked.type]!.asked++;
    if ((asked.answers ?? [asked.answer]).includes(answer)) answered[asked.type]!.right++;
  }
}
await grounder.dispose();
await rm(dir, { recursive: true, force: true });

const share = (part: number, whole: number) => `${((100 * part) / whole).toFixed(1)}% (${part} of ${whole})`;
console.log(
  `things found by name: precision ${share(sums.named, sums.found)}, recall ${share(sums.named, sums.things)}`,
);
console.log(
  `and IoU from 0.3: precision ${share(sums.at30, sums.found)}, recall ${share(sums.at30, sums.things)}`,
);
console.log(
  `and IoU from 0.5: precision ${share(sums.at50, sums.found)}, recall ${share(sums.at50, sums.things)}`,
);
console.log(
  `counts right: ${share(sums.counted, sums.kinds)}; of two or more: ${share(sums.manyCounted, sums.many)}`,
);
for (const [looks, right] of Object.entries(countedBy))
  console.log(`counts right with the things of ${looks} looks: ${share(right, sums.kinds)}`);
console.log(
  `words read whole: ${share(words.read, words.shown)}; read where there is none: ${share(words.falselyRead, words.none)}`,
);
for (const [type, { asked, right }] of Object.entries(answered))
  console.log(`right program, ${type}: ${share(right, asked)}`);
console.log(`${(milliseconds / Number(pictures)).toFixed(0)} ms a picture, one thread`);
