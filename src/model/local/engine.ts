// Runs many sequences on one decoder. Whoever writes an answer holds a Sequence and steps it token by token; steps that
// are asked for in the same turn of the event loop are decoded as one batch, so concurrent calls share a pass over the
// weights without knowing of each other. A sequence that pauses or stops is simply not in the next batch.
import type { CacheRow } from "./cache.ts";
import type { Decoder } from "./decode.ts";

/** One text that is being written. */
export interface Sequence {
  /** Everything read so far: to be kept, cut or continued elsewhere. */
  readonly past: CacheRow;
  /** Logits of the next token. */
  readonly logits: Float32Array;
  /** Reads a token. Ask for the next step when the promise resolves. */
  step(id: number): Promise<void>;
  /** A second sequence that goes on from here on its own. */
  fork(): Sequence;
}

export interface Engine {
  /** Starts a sequence: reads the embeddings of a prompt after what `past` has read. */
  start(embeddings: Float32Array, past?: CacheRow): Promise<Sequence>;
}

interface Step {
  id: number;
  sequence: { past: CacheRow; logits: Float32Array };
  resolve(): void;
  reject(error: unknown): void;
}

/** Creates the engine of one decoder. @param options.maxBatch most sequences in one pass */
export function createEngine(decoder: Decoder, { maxBatch }: { maxBatch: number }): Engine {
  let waiting: Step[] = [];
  let running = false;

  const runBatch = async (steps: Step[]): Promise<void> => {
    try {
      const { hiddenSize } = decoder;
      const embeddings = await decoder.embed(steps.map((step) => step.id));
      const { logits, rows } = await decoder.pass(
        steps.map(({ sequence }, i) => ({
          past: sequence.past,
          embeddings: embeddings.subarray(i * hiddenSize, (i + 1) * hiddenSize),
        })),
      );
      steps.forEach((step, i) => {
        step.sequence.past = rows[i]!;
        step.sequence.logits = logits[i]![0]!;
        step.resolve();
      });
    } catch (error) {
      for (const step of steps) step.reject(error);
    }
  };
  const run = async (): Promise<void> => {
    running = true;
    while (waiting.length > 0) {
      // Lets everyone ask who is about to, and timers and aborts through.
      await new Promise((resolve) => setImmediate(resolve));
      // In the order of the rows of the last batch: an unchanged batch then needs no copying.
      const steps = waiting.slice(0, maxBatch).sort((a, b) => a.sequence.past.row - b.sequence.past.row);
      waiting = waiting.slice(maxBatch);
      await runBatch(steps);
    }
    running = false;
  };
  const createSequence = (past: CacheRow, logits: Float32Array): Sequence => {
    const state = { past, logits };
    return {
      get past() {
        return state.past;
      },
      get logits() {
        return state.logits;
      },
      step: (id) =>
        new Promise<void>((resolve, reject) => {
          waiting.push({ id, sequence: state, resolve, reject });
          if (!running) void run();
        }),
      fork: () => createSequence(state.past, state.logits),
    };
  };
  return {
    async start(embeddings, past) {
      const { logits, rows } = await decoder.pass([{ past, embeddings }]);
      return createSequence(rows[0]!, logits[0]![0]!);
    },
  };
}
