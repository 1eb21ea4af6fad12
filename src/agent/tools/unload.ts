// Weights are loaded by the first use of a tool and stay, so that the second use is fast; but not at any price. When memory runs
// short after a use, backends that nobody is using are given back, those unused for longest first. Their next use loads
// them again.
import type { VisionTool } from "./vision-tool.ts";

/** What holds weights, and can load them again after `dispose`. */
export interface Unloadable {
  dispose(): Promise<void>;
}

export interface UnloadOptions {
  /** Bytes of memory that shall stay free. */
  keepFree: number;
  /** Bytes that this process may still take. @default what the system and its limits say */
  available?: () => number;
}

/** Makes tools that unload. @param holds the backends whose weights a tool uses, by its name */
export function unloadWhenShort(
  tools: readonly VisionTool[],
  holds: Readonly<Record<string, readonly Unloadable[]>>,
  { keepFree, available = () => process.availableMemory() }: UnloadOptions,
): VisionTool[] {
  const uses = new Map<Unloadable, { active: number; last: number }>();
  let clock = 0;
  const relieve = async () => {
    const idle = [...uses].filter(([, { active }]) => active === 0).sort(([, a], [, b]) => a.last - b.last);
    for (const [backend, use] of idle) {
      if (available() >= keepFree) return;
      if (use.active > 0) continue;
      uses.delete(backend);
      await backend.dispose();
    }
  };
  return tools.map((tool) => {
    const held = holds[tool.name] ?? [];
    if (held.length === 0) return tool;
    return {
      ...tool,
      async run(input, context) {
        const mine = held.map((backend) => {
          const use = uses.get(backend) ?? { active: 0, last: 0 };
          uses.set(backend, use);
          use.active++;
          use.last = ++clock;
          return use;
        });
        try {
          return await tool.run(input, context);
        } finally {
          for (const use of mine) use.active--;
          if (available() < keepFree) await relieve();
        }
      },
    };
  });
}
