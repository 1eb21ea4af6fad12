// The real command in its own process on a tiny checkpoint: killed, stopped with Ctrl-C and gone on with, it leaves the files of a
// run that nobody touched.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkpointFolder } from "../../test/fixtures/checkpoint-folder.ts";
import { encodePng } from "../media/index.ts";

const program = path.resolve(import.meta.dirname, "../../bin/sightline.js");
let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "sightline-cli-tune-"));
  const checkpoint = await checkpointFolder("smolvlm", root);
  const lines: string[] = [];
  for (let i = 0; i < 12; i++) {
    const pixels = new Uint8Array(6 * 5 * 3).fill(20 * i);
    await writeFile(path.join(root, `${i}.png`), await encodePng(pixels, 6, 5));
    const response = i < 6 ? "red" : "car";
    lines.push(
      JSON.stringify({
        id: `${i}`,
        instruction: "a",
        input: [{ type: "image", source: `${i}.png` }],
        response,
      }),
    );
  }
  await writeFile(path.join(root, "data.jsonl"), lines.join("\n"));
  const recipe = {
    name: "cli",
    seed: 1,
    checkpoint: path.basename(checkpoint),
    data: { dataset: "data.jsonl", validation: 0.3 },
    length: 40,
    threads: 1,
    lora: { rank: 2, alpha: 4, dropout: 0.1, targets: ["model.text_model.*"] },
    evaluation: { every: 50 },
    checkpointEvery: 7,
    stages: [
      { name: "align", steps: 60, batch: 2, learningRate: 0.01, parts: { bridge: 1, adapters: 0 } },
      { name: "instruct", steps: 60, batch: 2, learningRate: 0.01, parts: { bridge: 1 } },
    ],
  };
  await writeFile(path.join(root, "recipe.yaml"), JSON.stringify(recipe));
});
afterAll(() => rm(root, { recursive: true }));

/** Runs the command; sends a signal as soon as its log has so many lines. */
async function tune(args: string[], end?: { signal: NodeJS.Signals; lines: number }) {
  const child = spawn(process.execPath, [program, "tune", "recipe.yaml", ...args], { cwd: root });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (text) => {
    stdout += text;
  });
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  const log = path.join(root, args[1]!, "log.jsonl");
  let isSent = false;
  const watch = setInterval(async () => {
    const text = await readFile(log, "utf8").catch(() => "");
    if (!end || isSent || text.split("\n").length <= end.lines) return;
    isSent = true;
    child.kill(end.signal);
  }, 20);
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.on("close", (...ended) => resolve(ended)),
  );
  clearInterval(watch);
  return { code, signal, stdout, stderr };
}

test("killed in one stage, stopped in the next, and resumed", async () => {
  const whole = await tune(["--out", "whole"]);
  expect(whole).toMatchObject({ code: 0, stdout: "trained; exported to whole/adapter and whole/model\n" });
  expect(whole.stderr).toContain("data.jsonl: ");
  expect(whole.stderr).toMatch(
    /^align: trains 0\.003 of 0\.\d+ M parameters \(bridge 0\.003 M\); .* GFLOP a step; about /m,
  );

  const killed = await tune(["--out", "run"], { signal: "SIGKILL", lines: 20 });
  expect(killed.signal).toBe("SIGKILL");
  const stopped = await tune(["--out", "run", "--resume"], { signal: "SIGINT", lines: 75 });
  expect(stopped.code).toBe(130);
  expect(stopped.stderr).toContain("stopping after this step, with a checkpoint");
  expect(stopped.stderr).toContain("stopped; go on with: sightline tune recipe.yaml --out run --resume");
  const ended = await tune(["--out", "run", "--resume"]);
  expect(ended).toMatchObject({ code: 0, stdout: "trained; exported to run/adapter and run/model\n" });
  for (const file of [
    "model/model.safetensors",
    "adapter/adapter_model.safetensors",
    "checkpoint.safetensors",
  ]) {
    const [a, b] = await Promise.all(["whole", "run"].map((out) => readFile(path.join(root, out, file))));
    expect([file, a!.equals(b!)]).toEqual([file, true]);
  }
  const again = await tune(["--out", "run", "--export-only"]);
  expect(again).toMatchObject({ code: 0, stdout: "exported to run/adapter and run/model\n", stderr: "" });
  const refused = await tune(["--out", "run"]);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain("run: folder must not hold another run's checkpoint. Use --resume");
}, 240_000);
