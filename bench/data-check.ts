// How fast the checks read instruction data, and in how much memory.
//   node bench/data-check.ts [lines] [pass]     (default: 1,000,000 and all passes; writes about 600 bytes a line to a temporary folder)
// Each pass runs in a process of its own, so that its peak memory is its own.
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import path from "node:path";
import { finished } from "node:stream/promises";
import {
  contaminationCheck,
  nearDuplicates,
  runChecks,
  structurePass,
  tokenLength,
} from "../src/data/check/index.ts";
import { createRng } from "../src/util/rng.ts";

const passNames = ["structure", "tokens", "near-duplicates", "contamination"] as const;
type PassName = (typeof passNames)[number];

const [first, file, evaluation] = process.argv.slice(2);
if (evaluation) await measure(first as PassName, file!, evaluation);
else
  await bench(
    Number(first ?? 1_000_000),
    passNames.filter((name) => (file ?? name) === name),
  );

async function bench(lines: number, passes: readonly PassName[]): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "sightline-bench-"));
  try {
    const [data, held] = [path.join(folder, "data.jsonl"), path.join(folder, "held-out.jsonl")];
    await writeData(data, lines, 0);
    await writeData(held, 1000, lines * 2);
    const { size } = await stat(data);
    console.log(`${lines} lines of ${Math.round(size / lines)} bytes; load ${loadavg()[0]!.toFixed(1)}`);
    for (const name of passes) {
      const child = spawnSync(process.execPath, [import.meta.filename, name, data, held], {
        encoding: "utf8",
      });
      process.stdout.write(child.stdout + child.stderr);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(name: PassName, data: string, held: string): Promise<void> {
  const checks = {
    structure: async () => structurePass(),
    tokens: async () => ({
      name,
      checks: [tokenLength({ maxTokens: 2048, tokensPerImage: 576, countTokens: words })],
    }),
    "near-duplicates": async () => ({ name, checks: [nearDuplicates()] }),
    contamination: async () => ({ name, checks: [await contaminationCheck([held], { pictures: false })] }),
  };
  const before = process.cpuUsage();
  const { passes, counts } = await runChecks([data], [await checks[name]()]);
  const { user, system } = process.cpuUsage(before);
  const { rows, seconds } = passes[0]!;
  const cpu = (user + system) / 1e6;
  const rate = (s: number) => Math.round(rows / s).toLocaleString("en-US");
  const peak = Math.round(process.resourceUsage().maxRSS / 1024);
  const found = counts.map(({ check, count }) => `${check} ${count}`).join(", ");
  console.log(
    `${name}: ${rate(seconds)} lines/s (${rate(cpu)} per second of CPU), peak ${peak} MB RSS; found: ${found}`,
  );
}

function words(text: string): number {
  return text.split(/\s+/).length;
}

/** LLaVA rows of about 600 bytes; one in a thousand is the same as the one before. */
async function writeData(out: string, lines: number, offset: number): Promise<void> {
  const stream = createWriteStream(out);
  const rng = createRng("bench", offset);
  const vocabulary = Array.from({ length: 3000 }, (_, i) => `w${(i * 7919) % 3000}`);
  const text = (count: number) => Array.from({ length: count }, () => rng.pick(vocabulary)).join(" ");
  let last = "";
  for (let i = 0; i < lines; i++) {
    const number = offset + i;
    const conversations = [
      { from: "human", value: `<image>\n${text(25)}` },
      { from: "gpt", value: text(65) },
    ];
    const body = JSON.stringify({ image: `coco/train/${number % 100_000}.jpg`, conversations }).slice(1);
    if (i % 1000 !== 999) last = body;
    if (!stream.write(`{"id":"${number}",${last}\n`)) await once(stream, "drain");
  }
  stream.end();
  await finished(stream);
}
