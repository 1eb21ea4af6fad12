// Every numbered example runs as it is and prints what its comment promises.
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, "..");
const folder = path.join(root, "examples");
const files = readdirSync(folder).filter((file) => file.endsWith(".ts"));

describe("examples", () => {
  test.each(files)(
    "%s runs",
    async (file) => {
      expect(readFileSync(path.join(folder, file), "utf8").split("\n").length).toBeLessThanOrEqual(60);
      const { stdout, stderr } = await run(
        path.join(root, "node_modules/node/bin/node"),
        [path.join("examples", file)],
        { cwd: root },
      );
      expect(stdout.trim().length).toBeGreaterThan(0);
      expect(stderr).toBe("");
    },
    60_000,
  );
});
