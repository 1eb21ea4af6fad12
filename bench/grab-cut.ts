// How well GrabCut finds the pixels of a thing in a picture of scenes:val, from its true box widened by three pixels.
// Usage: node bench/grab-cut.ts [pictures] [folder whose node_modules has @techstark/opencv-js]
import path from "node:path";
import { pathToFileURL } from "node:url";
import { grabCut } from "../src/agent/tools/index.ts";
import { loadWorld, makeScene, sceneSize, stylesOf } from "../src/data/scenes/index.ts";
import type { Box } from "../src/spec/index.ts";

const [pictures = "30", folder = "."] = process.argv.slice(2);
const segmenter = grabCut({ from: pathToFileURL(path.resolve(folder, "file.js")).href });
const world = await loadWorld({ styles: stylesOf("val") });
const sums = { mask: 0, box: 0, milliseconds: 0 };

for (let index = 0; index < Number(pictures); index++) {
  const scene = makeScene(world, { split: "val", seed: 9, index, kind: "several" });
  const [x1, y1, x2, y2] = scene.objects[0]!.box;
  const box: Box = [
    Math.max(0, x1 - 3),
    Math.max(0, y1 - 3),
    Math.min(sceneSize, x2 + 3),
    Math.min(sceneSize, y2 + 3),
  ];
  const picture = { width: sceneSize, height: sceneSize, channels: 3, pixels: scene.pixels } as const;
  const start = performance.now();
  const mask = await segmenter.segment(picture, { box }, {});
  sums.milliseconds += performance.now() - start;
  const overlap = (found: (i: number) => boolean) => {
    let [both, either] = [0, 0];
    scene.owner.forEach((owner, i) => {
      if (owner === 0 && found(i)) both++;
      if (owner === 0 || found(i)) either++;
    });
    return both / either;
  };
  sums.mask += overlap((i) => mask[i] === 1);
  sums.box += overlap((i) => {
    const [x, y] = [i % sceneSize, Math.floor(i / sceneSize)];
    return x >= box[0] && x < box[2] && y >= box[1] && y < box[3];
  });
}
const mean = (sum: number) => (sum / Number(pictures)).toFixed(2);
console.log(`mean IoU with the truth: mask ${mean(sums.mask)}, box ${mean(sums.box)}`);
console.log(`${(sums.milliseconds / Number(pictures)).toFixed(0)} ms a picture, starting OpenCV included`);
