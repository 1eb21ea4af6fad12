// The import direction of src/, as a lint error: a room may import only the rooms listed for it, and files must not
// form a cycle. The table is the "Rooms" table of the design; type-only imports obey it too.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const base = ["spec", "errors", "util"];
const rooms: Record<string, string[]> = {
  spec: [],
  errors: ["spec"],
  util: ["spec", "errors"],
  media: base,
  store: base,
  onnx: base,
  model: [...base, "media", "onnx", "store"],
  data: [...base, "media", "model"],
  tune: [...base, "media", "onnx", "model", "data"],
  icl: [...base, "model", "media", "store"],
  cot: [...base, "model", "media", "store"],
  agent: [...base, "model", "media", "store"],
  eval: [...base, "media", "store", "onnx", "model", "data", "tune", "icl", "cot", "agent"],
  testing: [...base, "media", "onnx", "model", "data"],
  server: [...base, "media", "store", "onnx", "model", "data", "tune", "icl", "cot", "agent", "eval"],
  cli: [...base, "media", "store", "onnx", "model", "data", "tune", "icl", "cot", "agent", "eval", "server"],
};
/** Packages that load native code or are heavy: only these files may import them, and only lazily. */
const guarded: Record<string, (file: string) => boolean> = {
  "onnxruntime-node": (file) => file === "src/onnx/session.ts",
  sharp: (file) => file.startsWith("src/media/"),
  "@huggingface/transformers": (file) => file.startsWith("src/model/"),
  "@resvg/resvg-js": (file) => file.startsWith("src/data/scenes/"),
};

const root = path.resolve(import.meta.dirname, "..");
const files = readdirSync(path.join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((f) => f.endsWith(".ts"))
  .map((f) => `src/${f.split(path.sep).join("/")}`);
const problems: string[] = [];
const edges = new Map<string, string[]>();

for (const file of files) {
  const text = readFileSync(path.join(root, file), "utf8");
  const room = file.split("/").length > 2 ? file.split("/")[1]! : undefined;
  const isTest = /\.test(-d)?\.ts$/.test(file);
  if (room && !(room in rooms)) problems.push(`${file}: folder src/${room} is not in the table of rooms`);
  const targets: string[] = [];
  for (const match of text.matchAll(
    /(?:^|\n)\s*(import|export)\b([^'";]*?)from\s+["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/g,
  )) {
    const specifier = (match[3] ?? match[4])!;
    const typeOnly = /^\s+type\b/.test(match[2] ?? "");
    const allowed = guarded[specifier];
    if (allowed && !typeOnly && !isTest && (!allowed(file) || match[3] !== undefined)) {
      problems.push(`${file}: "${specifier}" may be imported only by its own room, with a lazy import()`);
    }
    if (!specifier.startsWith(".")) continue;
    const target = path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier));
    if (target.startsWith("src/") && !typeOnly && match[3] !== undefined) targets.push(target);
    const targetRoom =
      target.startsWith("src/") && target.split("/").length > 2 ? target.split("/")[1]! : undefined;
    if (isTest || !room || !targetRoom || room === targetRoom) continue;
    if (!rooms[room]?.includes(targetRoom))
      problems.push(`${file}: ${room}/ may not import ${targetRoom}/ (${specifier})`);
  }
  if (!isTest) edges.set(file, targets);
}

const state = new Map<string, "open" | "done">();
const visit = (file: string, trail: string[]): void => {
  if (state.get(file) === "done") return;
  if (state.get(file) === "open") {
    problems.push(`import cycle: ${[...trail.slice(trail.indexOf(file)), file].join(" -> ")}`);
    return;
  }
  state.set(file, "open");
  for (const target of edges.get(file) ?? []) visit(target, [...trail, file]);
  state.set(file, "done");
};
for (const file of edges.keys()) visit(file, []);

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log(`imports: ${files.length} files in order`);
