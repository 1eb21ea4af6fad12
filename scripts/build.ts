// Builds dist/ for publishing: JavaScript and types from src/, and the files beside them that are not TypeScript.
import { spawnSync } from "node:child_process";
import { cpSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
rmSync(path.join(root, "dist"), { recursive: true, force: true });
const compiler = path.join(root, "node_modules/typescript/bin/tsc");
const { status } = spawnSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
if (status !== 0) process.exit(status ?? 1);
for (const file of readdirSync(path.join(root, "src"), { recursive: true, encoding: "utf8" })) {
  if (/\.(css|js)$/.test(file)) cpSync(path.join(root, "src", file), path.join(root, "dist", file));
}
