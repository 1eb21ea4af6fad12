// How close a training step comes to plain matrix products: all weights, the bridge alone, or LoRA adapters, in models of three
// sizes.
//   npm run bench:train-step             one thread
//   npm run bench:train-step -- two      two workers at once, as the trainer runs them, beside two plain products at once
//   … [-- one|two [part of a case's name] [rounds]]
// One thread is timed by process CPU time, step and product interleaved, so a busy machine slows both. Two workers are timed by
// the clock: that needs an idle machine. FLOPs are those of the step's matrix products.
import { once } from "node:events";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { plainMatMul } from "./lib/plain-matmul.ts";
import { stepCases, type Way, ways } from "./lib/step-cases.ts";

type Opened = Awaited<ReturnType<typeof open>>;

if (isMainThread) {
  const [mode = "one", part = "", rounds = "5"] = process.argv.slice(2);
  const chosen = stepCases.flatMap((one, at) => (one.name.includes(part) ? [at] : []));
  if (mode === "one") await oneThread(chosen, Number(rounds));
  else await twoWorkers(chosen, Number(rounds));
} else await serve();

/** A step and the product that it is compared with. */
async function open(at: number, way: Way) {
  const step = await stepCases[at]!.open(way);
  const plain = await plainMatMul(step.typical, step.flops);
  const work = {
    step: () => step.session.run(step.inputs, { into: step.into }) as Promise<unknown>,
    plain: () => plain.run() as Promise<unknown>,
  };
  for (const run of Object.values(work)) await run();
  const dispose = async () => {
    await step.session.dispose();
    await plain.dispose();
  };
  return { step, plain, work, dispose };
}

async function oneThread(chosen: readonly number[], rounds: number): Promise<void> {
  console.log(
    "| model | learns | of parameters | GFLOP a step | step GFLOP/s | MatMul GFLOP/s | ratio (range) | memory in use |",
  );
  console.log("|---|---|---|---|---|---|---|---|");
  for (const at of chosen)
    for (const way of ways) {
      const { step, plain, work, dispose } = await open(at, way);
      const steps: number[] = [];
      const products: number[] = [];
      for (let round = 0; round < rounds; round++) {
        steps.push(step.flops / (await cpuMs(work.step)) / 1e6);
        products.push(plain.flops / (await cpuMs(work.plain)) / 1e6);
      }
      const ratios = steps.map((speed, i) => speed / products[i]!);
      const millions = (n: number) => (n / 1e6).toFixed(n < 1e6 ? 2 : 1);
      const cells = [
        ...[stepCases[at]!.name, way, `${millions(step.trained)} of ${millions(step.parameters)} M`],
        ...[step.flops / 1e9, median(steps), median(products)].map((value) => value.toFixed(1)),
        `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`,
        `${(process.memoryUsage.rss() / 2 ** 30).toFixed(2)} GiB`,
      ];
      console.log(`| ${cells.join(" | ")} |`);
      await dispose();
    }
}

/** How much more two workers do than one, of steps and of products. */
async function twoWorkers(chosen: readonly number[], rounds: number): Promise<void> {
  console.log("| model | learns | two steps at once | two products at once | ratio |");
  console.log("|---|---|---|---|---|");
  for (const at of chosen)
    for (const way of ways) {
      const workers = [0, 1].map(() => new Worker(new URL(import.meta.url), { workerData: { at, way } }));
      await Promise.all(workers.map((worker) => once(worker, "message")));
      const time = async (wanted: readonly Worker[], kind: keyof Opened["work"]) => {
        const started = performance.now();
        await Promise.all(
          wanted.map((worker) => {
            worker.postMessage(kind);
            return once(worker, "message");
          }),
        );
        return performance.now() - started;
      };
      const scales = { step: [] as number[], plain: [] as number[] };
      for (let round = 0; round < rounds; round++)
        for (const kind of ["step", "plain"] as const) {
          const alone = await time(workers.slice(0, 1), kind);
          scales[kind].push((2 * alone) / (await time(workers, kind)));
        }
      const [step, plain] = [median(scales.step), median(scales.plain)];
      console.log(
        `| ${[stepCases[at]!.name, way, step.toFixed(2), plain.toFixed(2), (step / plain).toFixed(2)].join(" | ")} |`,
      );
      await Promise.all(workers.map((worker) => worker.terminate()));
    }
}

/** A worker: does what it is told to, once. */
async function serve(): Promise<void> {
  const { at, way } = workerData as { at: number; way: Way };
  const { work } = await open(at, way);
  parentPort!.on("message", async (kind: keyof Opened["work"]) => {
    await work[kind]();
    parentPort!.postMessage("done");
  });
  parentPort!.postMessage("ready");
}

async function cpuMs(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
