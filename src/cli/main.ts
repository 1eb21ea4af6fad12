// The command line. Commands are loaded when they are asked for, so that help is fast and a command whose files are
// broken does not take the others down. Exit codes: 0 fine, 1 the run failed (or we have a bug), 2 the input or the
// setup is wrong, 3 the budget of a run is spent, 130 stopped with Ctrl-C.
import { Command, CommanderError } from "commander";
import { SightlineError } from "../errors/index.ts";
import { nearest } from "../util/text.ts";
import { packageVersion } from "./package-version.ts";

interface Entry {
  summary: string;
  load(): Promise<Command>;
}

const entries: Record<string, Entry> = {
  ask: {
    summary: "ask a model about pictures",
    load: async () => (await import("./ask.ts")).askCommand(),
  },
  compare: {
    summary: "compare models and techniques on the same questions",
    load: async () => (await import("./compare.ts")).compareCommand(),
  },
  diff: {
    summary: "say why two runs differ",
    load: async () => (await import("./diff.ts")).diffCommand(),
  },
  eval: {
    summary: "measure one model, with judges and people",
    load: async () => (await import("./eval.ts")).evalCommand(),
  },
  mcp: {
    summary: "serve the vision tools to any MCP client",
    load: async () => (await import("./mcp.ts")).mcpCommand(),
  },
  quantize: {
    summary: "store a model's weights in fewer bits",
    load: async () => (await import("./quantize.ts")).quantizeCommand(),
  },
  report: {
    summary: "show a run that was kept, or write it as a file",
    load: async () => (await import("./report.ts")).reportCommand(),
  },
  data: {
    summary: "make, adapt, mix, check and export datasets",
    load: async () => (await import("./data.ts")).dataCommand(),
  },
  score: {
    summary: "score predictions made anywhere",
    load: async () => (await import("./score.ts")).scoreCommand(),
  },
  trace: {
    summary: "read, replay or compare what ask --trace kept",
    load: async () => (await import("./trace.ts")).traceCommand(),
  },
  tune: {
    summary: "train a model by a recipe",
    load: async () => (await import("./tune.ts")).tuneCommand(),
  },
};

/** Runs the command line; the exit code is left in `process.exitCode`. */
export async function main(argv: string[]): Promise<void> {
  process.stdout.on("error", endQuietly);
  try {
    const program = new Command("sightline")
      .description("Multimodal language models: tune, prompt, equip and measure them.")
      .version(packageVersion())
      .helpCommand(false);
    const name = argv.find((argument) => !argument.startsWith("-"));
    for (const [key, { summary, load }] of Object.entries(entries)) {
      program.addCommand(
        key === name ? await load() : new Command(key).summary(summary).description(summary),
      );
    }
    prepare(program);
    if (argv.length === 0 || name === "help") return program.outputHelp();
    if (name !== undefined && !(name in entries)) throw unknownCommand(name);
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    report(error);
  }
}

/** A reader that stops reading (`sightline … | head`) is no failure. */
function endQuietly(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
}

/** Makes a command and its subcommands throw instead of exiting, and keeps commander from printing errors itself. */
function prepare(command: Command): void {
  command.exitOverride().configureOutput({ outputError: () => {} });
  for (const child of command.commands) prepare(child);
}

function report(error: unknown): void {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return;
    const text = error.message
      .replace(/^error: /, "")
      .replace(/\s*\n\s*/g, " ")
      .replace(/\.$/, "");
    print(`${text}. Try --help.`);
    process.exitCode = 2;
  } else if (SightlineError.isInstance(error) && error.name !== "InternalError") {
    print(error.message);
    process.exitCode = 2;
  } else if (error instanceof DOMException && error.name === "AbortError") {
    print("stopped with Ctrl-C");
    process.exitCode = 130;
  } else {
    console.error(error);
    process.exitCode = 1;
  }
}

function print(message: string): void {
  process.stderr.write(`sightline: ${message.replace(/\s*\n\s*/g, " ")}\n`);
}

function unknownCommand(name: string): CommanderError {
  const slip = nearest(name, Object.keys(entries));
  const hint = slip ? `did you mean ${slip}?` : `known: ${Object.keys(entries).join(", ")}`;
  return new CommanderError(2, "sightline.unknownCommand", `unknown command "${name}" (${hint})`);
}
