#!/usr/bin/env node
// Runs the TypeScript sources in a clone (Node strips the types) and the built files in an installed package.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `sightline: needs Node 22.18 or newer, got ${process.versions.node}. In a clone, start it with "npx sightline …", which uses the Node that npm ci installed.`,
  );
  process.exit(2);
}
const source = new URL("../src/cli/main.ts", import.meta.url);
const { main } = await import(existsSync(fileURLToPath(source)) ? source.href : "../dist/cli/main.js");
await main(process.argv.slice(2));
