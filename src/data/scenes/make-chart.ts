// A chart as a picture of the generated world.
import { createRng } from "../../util/rng.ts";
import { nobody } from "./canvas.ts";
import { drawChart } from "./chart.ts";
import { cellsPerRow } from "./ground-truth.ts";
import { chartSize, paintChart } from "./paint-chart.ts";
import type { Scene, SceneAddress } from "./scene.ts";

/** Makes the chart at an address: the same address gives the same chart. It shows no things and no word. */
export function makeChart({ split, seed, index }: SceneAddress): Scene {
  const chart = drawChart(split, createRng("chart-content", split, seed, index));
  const pixels = paintChart(chart, createRng("chart-look", split, seed, index));
  return {
    ...{ split, seed, index, kind: "chart", look: "charts", size: chartSize, pixels, objects: [], chart },
    cells: new Int16Array(cellsPerRow ** 2).fill(nobody),
    owner: new Int16Array(chartSize ** 2).fill(nobody),
  };
}
