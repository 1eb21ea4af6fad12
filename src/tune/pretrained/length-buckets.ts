// Graphs of training have a fixed length, and what is shorter is padded. With several graphs of one step, each of another length,
// a batch of short conversations is padded to the next length that there is and not to the longest.
import { type GradientOptions, type GradientSession, openGradients } from "./gradients.ts";
import type { Checkpoint } from "./read-checkpoint.ts";

/** Lengths that batches are padded to: a quarter, a half, three quarters and all of the longest. */
export function bucketLengths(longest: number): number[] {
  return [...new Set([0.25, 0.5, 0.75, 1].map((share) => Math.max(2, Math.ceil(share * longest))))];
}

/** Gradients by the graph of the shortest length that a batch fits; each graph is opened by the first batch that needs it. */
export function openBuckets(checkpoint: Checkpoint, options: GradientOptions): GradientSession {
  const lengths = bucketLengths(options.length);
  const gradient = new Float32Array(options.layout.size);
  const sessions = new Map<number, Promise<GradientSession>>();
  const sessionOf = (length: number) => {
    const open = sessions.get(length) ?? openGradients(checkpoint, { ...options, length, gradient });
    sessions.set(length, open);
    return open;
  };
  return {
    gradient,
    async run(batch, run) {
      const longest = Math.max(...batch.ids.map(({ length }) => length));
      const session = await sessionOf(lengths.find((length) => length >= longest) ?? options.length);
      return session.run(batch, run);
    },
    async dispose() {
      for (const session of sessions.values()) await (await session).dispose();
    },
  };
}
