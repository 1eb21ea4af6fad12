// What looking at parts is worth: scenes of scenes:val placed somewhere on a plain picture three times as wide and high,
// so that the model's one look shrinks them to a ninth of their pixels.
// Usage: node bench/look.ts [pictures] [model]

import { look } from "../src/agent/index.ts";
import { concepts, loadWorld, makeScene, stylesOf } from "../src/data/scenes/index.ts";
import { encodePng } from "../src/media/index.ts";
import { direct, resolveModel, textOf } from "../src/model/index.ts";
import type { LanguageModel } from "../src/spec/index.ts";
import { normaliseAnswer } from "../src/util/normalise-answer.ts";
import { createRng } from "../src/util/rng.ts";

const [pictures = "60", spec = "tiny"] = process.argv.slice(2);
const model = await resolveModel(spec);
const world = await loadWorld({ styles: stylesOf("val") });
const side = 336;
const columns: Record<string, LanguageModel> = {
  direct: direct()(model),
  "look(parts=2)": look({ parts: 2 })(direct()(model)),
  "look(parts=3)": look({ parts: 3 })(direct()(model)),
  "look(parts=4)": look({ parts: 4 })(direct()(model)),
};
const right: Record<string, Record<string, number>> = {};
const milliseconds: Record<string, number> = {};

for (let index = 0; index < Number(pictures); index++) {
  const kind = index % 2 === 0 ? "word" : "single";
  const scene = makeScene(world, { split: "val", seed: 7, index, kind });
  const rng = createRng("bench-look", index);
  const [left, top] = [rng.int(side - 112), rng.int(side - 112)];
  const pixels = new Uint8Array(side * side * 3).fill(120);
  for (let y = 0; y < 112; y++)
    pixels.set(scene.pixels.subarray(y * 336, (y + 1) * 336), ((top + y) * side + left) * 3);
  const data = await encodePng(pixels, side, side);
  const question = kind === "word" ? "Which word is in the picture?" : "What is in the picture?";
  const answer = kind === "word" ? scene.word!.text : concepts[scene.objects[0]!.concept]!.name;
  for (const [name, column] of Object.entries(columns)) {
    const start = performance.now();
    const { content } = await column.doGenerate({
      prompt: [
        {
          role: "user",
          content: [
            { type: "file", mediaType: "image/png", data: { type: "data", data } },
            { type: "text", text: question },
          ],
        },
      ],
      temperature: 0,
    });
    milliseconds[name] = (milliseconds[name] ?? 0) + performance.now() - start;
    const said = normaliseAnswer(textOf(content)).replace(/^(a|an) /, "");
    right[name] ??= { word: 0, single: 0 };
    if (said === normaliseAnswer(answer)) right[name][kind]!++;
  }
}
const half = Number(pictures) / 2;
for (const [name, { word, single }] of Object.entries(right)) {
  const time = (milliseconds[name]! / Number(pictures)).toFixed(0);
  console.log(
    `${name.padEnd(14)} words ${word} of ${half}, things ${single} of ${half}, ${time} ms a question`,
  );
}
