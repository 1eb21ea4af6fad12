import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    // Runs of the tests are kept in memory, or in a file that a test names.
    env: { SIGHTLINE_STORE: ":memory:" },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ["default", "./scripts/plain-summary.ts"],
  },
});
