import type { Command } from "commander";
import { openStore, type Store } from "../store/index.ts";

/** Adds `--store`. */
export function withStoreOption(command: Command): Command {
  return command.option(
    "--store <address>",
    "where runs are kept: a SQLite file or postgres://… (default: $SIGHTLINE_STORE or .sightline/store.db)",
  );
}

/** Opens the store of a command. */
export function openStoreOption({ store }: { store?: string }): Promise<Store> {
  return openStore(store ?? process.env.SIGHTLINE_STORE ?? ".sightline/store.db");
}

/** Runs something with the store and closes it afterwards. */
export async function withStore<T>(
  options: { store?: string },
  run: (store: Store) => Promise<T>,
): Promise<T> {
  const store = await openStoreOption(options);
  try {
    return await run(store);
  } finally {
    await store.close();
  }
}
