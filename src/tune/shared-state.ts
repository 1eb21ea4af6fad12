// What the data-parallel workers share: one flat array each for weights and optimiser state, one gradient array per
// worker, and a barrier. Between barriers every region has one writer: a worker writes its own gradients, then (on
// the other side of the barrier) the weights and state of the parameters that it owns.

/** Numbers that workers tell each other each step. */
const STATS = 8;

/** Handles to the shared memory; can be sent to a worker as it is. */
export interface SharedBuffers {
  weights: SharedArrayBuffer;
  first: SharedArrayBuffer;
  second: SharedArrayBuffer;
  gradients: SharedArrayBuffer[];
  stats: SharedArrayBuffer;
  control: SharedArrayBuffer;
}

const ARRIVED = 0;
const GENERATION = 1;
const STOP_ASKED = 2;
const STOP_AGREED = 3;
const STAGE_ENDED = 4;

/** Allocates memory for `size` parameters and so many workers. */
export function allocateShared(size: number, workers: number): SharedBuffers {
  const floats = () => new SharedArrayBuffer(4 * size);
  return {
    weights: floats(),
    first: floats(),
    second: floats(),
    gradients: Array.from({ length: workers }, floats),
    stats: new SharedArrayBuffer(8 * STATS * workers),
    control: new SharedArrayBuffer(4 * 5),
  };
}

/** Waits until all workers have come here. Blocks the thread: only for worker threads. */
export function barrier({ control, gradients }: SharedBuffers): void {
  const words = new Int32Array(control);
  const generation = Atomics.load(words, GENERATION);
  if (Atomics.add(words, ARRIVED, 1) === gradients.length - 1) {
    Atomics.store(words, ARRIVED, 0);
    Atomics.add(words, GENERATION, 1);
    Atomics.notify(words, GENERATION);
    return;
  }
  while (Atomics.load(words, GENERATION) === generation) Atomics.wait(words, GENERATION, generation);
}

/** Asks the workers to stop after the step they are in. */
export function askStop({ control }: SharedBuffers): void {
  Atomics.store(new Int32Array(control), STOP_ASKED, 1);
}

/** Worker 0 decides before a barrier whether all stop behind it, so that none goes on alone. */
export function decideStop({ control }: SharedBuffers): void {
  const words = new Int32Array(control);
  Atomics.store(words, STOP_AGREED, Atomics.load(words, STOP_ASKED));
}

/** What worker 0 decided. */
export function stopDecided({ control }: SharedBuffers): boolean {
  return Atomics.load(new Int32Array(control), STOP_AGREED) === 1;
}

/** Worker 0 decides between two barriers whether the stage ends early. */
export function decideEnd({ control }: SharedBuffers, ends: boolean): void {
  Atomics.store(new Int32Array(control), STAGE_ENDED, Number(ends));
}

/** What worker 0 decided of the stage, to be read behind the second barrier. */
export function endDecided({ control }: SharedBuffers): boolean {
  return Atomics.load(new Int32Array(control), STAGE_ENDED) === 1;
}

/** The numbers of one worker. */
export function statsOf({ stats }: SharedBuffers, worker: number): Float64Array {
  return new Float64Array(stats, 8 * STATS * worker, STATS);
}
