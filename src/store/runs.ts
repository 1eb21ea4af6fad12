// Runs and who works on them. Only one process may work on a run: it holds a lease that names it and that it renews;
// a lease whose process is gone, or that was not renewed for a while, may be taken over.
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { InputError, SetupError } from "../errors/index.ts";
import type { Store } from "./open-store.ts";

/** A run without its results. */
export interface StoredRun {
  id: string;
  /** ISO time. */
  created: string;
  dataset: string;
  manifest: unknown;
  /** `open` while questions are left. */
  state: "open" | "done";
}

/** The right to work on a run. */
export interface RunLease {
  run: StoredRun;
  /** Aborted when another process has taken the run over, because this one seemed dead; nothing may be written then. */
  lost: AbortSignal;
  /** Makes sure that the run is still ours, before something is written to it. Throws `lost.reason` when it is not. */
  confirm(): Promise<void>;
  /** Gives the right back. */
  release(): Promise<void>;
}

interface Owner {
  token: string;
  host: string;
  pid: number;
  /** Milliseconds since 1970. */
  beat: number;
}

const beatMs = 5_000;
/** A lease of another machine that was not renewed for so long is taken over. */
const staleMs = 30_000;

/** Adds a run and takes its lease. */
export async function createRun(
  store: Store,
  { id, dataset, manifest, now = new Date() }: { id: string; dataset: string; manifest: unknown; now?: Date },
): Promise<RunLease> {
  const run: StoredRun = { id, created: now.toISOString(), dataset, manifest, state: "open" };
  const owner = newOwner();
  const row = { ...run, manifest: JSON.stringify(manifest), owner: JSON.stringify(owner) };
  await store.db.insertInto("runs").values(row).execute();
  return keepLease(store, run, owner);
}

/** Takes the lease of a run, to go on with it; its manifest may be replaced by a newer one. */
export async function openRun(store: Store, id: string, manifest?: unknown): Promise<RunLease> {
  const run = await findRun(store, id);
  const { owner: held } = await store.db
    .selectFrom("runs")
    .select("owner")
    .where("id", "=", run.id)
    .executeTakeFirstOrThrow();
  if (held !== null && isAlive(JSON.parse(held) as Owner)) throw taken(store, run.id, held);
  const owner = newOwner();
  const taking = store.db
    .updateTable("runs")
    .set({
      owner: JSON.stringify(owner),
      state: "open",
      ...(manifest === undefined ? {} : { manifest: JSON.stringify(manifest) }),
    })
    .where("id", "=", run.id);
  const { numUpdatedRows } = await (held === null
    ? taking.where("owner", "is", null)
    : taking.where("owner", "=", held)
  ).executeTakeFirstOrThrow();
  // Another process was faster.
  if (numUpdatedRows === 0n) throw taken(store, run.id, held ?? "{}");
  return keepLease(store, { ...run, ...(manifest === undefined ? {} : { manifest }) }, owner);
}

/** Finds a run by its id or by the start of it; `latest` is the newest. */
export async function findRun(store: Store, id: string): Promise<StoredRun> {
  const all = store.db.selectFrom("runs").selectAll().orderBy("created", "desc");
  const rows =
    id === "latest"
      ? await all.limit(1).execute()
      : await all.where("id", "like", `${id.replace(/[%_\\]/g, "")}%`).execute();
  const exact = rows.find((row) => row.id === id) ?? (rows.length === 1 ? rows[0] : undefined);
  if (exact) return parseRun(exact);
  throw new InputError({
    where: store.address,
    rule: rows.length === 0 ? "has no such run" : "has several runs that start so",
    got: `"${id}"`,
    hint: "sightline report --list shows the runs.",
  });
}

/** All runs, the newest first. */
export async function listRuns(store: Store): Promise<StoredRun[]> {
  const rows = await store.db.selectFrom("runs").selectAll().orderBy("created", "desc").execute();
  return rows.map(parseRun);
}

/** Marks a run as complete. */
export async function finishRun(store: Store, id: string): Promise<void> {
  await store.db.updateTable("runs").set({ state: "done" }).where("id", "=", id).execute();
}

function parseRun(row: { id: string; created: string; dataset: string; manifest: string; state: string }) {
  const { id, created, dataset, manifest, state } = row;
  return { id, created, dataset, manifest: JSON.parse(manifest) as unknown, state } as StoredRun;
}

function newOwner(): Owner {
  return { token: randomUUID(), host: hostname(), pid: process.pid, beat: Date.now() };
}

function isAlive({ host, pid, beat }: Owner): boolean {
  if (host !== hostname()) return Date.now() - beat < staleMs;
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return Date.now() - beat < staleMs;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM" && Date.now() - beat < staleMs;
  }
}

function keepLease(store: Store, run: StoredRun, owner: Owner): RunLease {
  let current = JSON.stringify(owner);
  let renewed = owner.beat;
  const lost = new AbortController();
  const write = async (next: string | null) => {
    const { numUpdatedRows } = await store.db
      .updateTable("runs")
      .set({ owner: next })
      .where("id", "=", run.id)
      .where("owner", "=", current)
      .executeTakeFirstOrThrow();
    if (numUpdatedRows === 0n) lost.abort(takenOver(store, run.id));
    else if (next !== null) current = next;
  };
  const renew = async () => {
    const beat = Date.now();
    await write(JSON.stringify({ ...owner, beat }));
    renewed = beat;
  };
  let renewing = Promise.resolve();
  const timer = setInterval(() => {
    renewing = renew().catch(() => {});
  }, beatMs);
  timer.unref();
  return {
    run,
    lost: lost.signal,
    async confirm() {
      // Nobody takes over a lease that was renewed lately. A process that slept longer must look.
      if (Date.now() - renewed > staleMs / 2) {
        await renewing;
        if (!lost.signal.aborted) await renew();
      }
      lost.signal.throwIfAborted();
    },
    async release() {
      clearInterval(timer);
      await renewing;
      if (!lost.signal.aborted) await write(null);
    },
  };
}

function takenOver(store: Store, id: string): SetupError {
  return new SetupError({
    where: store.address,
    rule: `run ${id} was taken over by another process while this one did not answer`,
    hint: "What was answered is kept; the other process goes on.",
  });
}

function taken(store: Store, id: string, held: string): SetupError {
  const { host, pid } = JSON.parse(held) as Partial<Owner>;
  return new SetupError({
    where: store.address,
    rule: `run ${id} is being worked on by another process`,
    got: pid === undefined ? undefined : `process ${pid} on ${host}`,
    hint: "Wait for it to end, or stop it.",
  });
}
