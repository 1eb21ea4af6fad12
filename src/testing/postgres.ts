// A PostgreSQL server of its own for a test, in a temporary folder, on loopback. It refuses to run as root, so there it
// runs as the user `postgres` that the Debian package makes.
import { execFile, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { chown, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = "/usr/lib/postgresql";

/** Folder of the server's programs; undefined when it is not installed. */
export function postgresPrograms(): string | undefined {
  if (!existsSync(root)) return undefined;
  const versions = readdirSync(root).sort((a, b) => Number(b) - Number(a));
  return versions
    .map((version) => path.join(root, version, "bin"))
    .find((dir) => existsSync(path.join(dir, "initdb")));
}

/** A running server. */
export interface PostgresServer {
  url: string;
  stop(): Promise<void>;
}

/** Starts a server with an empty database. */
export async function startPostgres(programs: string): Promise<PostgresServer> {
  // A short path: a socket's name may have 107 characters.
  const dir = await mkdtemp("/tmp/sightline-pg-");
  const user = process.getuid?.() === 0 ? await userIds("postgres") : undefined;
  if (user) await chown(dir, user.uid, user.gid);
  const data = path.join(dir, "data");
  await run(path.join(programs, "initdb"), ["-D", data, "-U", "sightline", "-A", "trust", "--no-sync"], {
    ...user,
    cwd: dir,
  });
  const port = await freePort();
  const settings = { listen_addresses: "127.0.0.1", unix_socket_directories: dir, fsync: "off" };
  const options = Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
  const server = spawn(path.join(programs, "postgres"), ["-D", data, "-p", String(port), ...options], {
    ...{ ...user, cwd: dir },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const exited = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  let log = "";
  await new Promise<void>((resolve, reject) => {
    server.stderr.on("data", (chunk) => {
      log += chunk;
      if (log.includes("ready to accept connections")) resolve();
    });
    void exited.then(() => reject(new Error(`PostgreSQL did not start: ${log}`)));
  });
  return {
    url: `postgres://sightline@127.0.0.1:${port}/postgres`,
    async stop() {
      server.kill("SIGINT");
      await exited;
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function userIds(name: string): Promise<{ uid: number; gid: number }> {
  const id = async (flag: string) => Number((await run("id", [flag, name])).stdout);
  return { uid: await id("-u"), gid: await id("-g") };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
