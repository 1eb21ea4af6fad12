import { Presets, SingleBar } from "cli-progress";

/** A progress bar on standard error; nothing at all when that is not a terminal. */
export interface Progress {
  /** Starts over with another label and total. */
  start(label: string, total: number): void;
  /** Advances by one, or to a value; the note stands beside the numbers. */
  advance(to?: number, note?: string): void;
  stop(): void;
}

/** Creates a progress bar. */
export function createProgress(): Progress {
  const format = "{label} {bar} {value}/{total}  {note}{eta_formatted} left";
  const options = { format, stream: process.stderr, clearOnComplete: true, hideCursor: true };
  const bar = new SingleBar(options, Presets.shades_classic);
  return {
    start(label, total) {
      bar.stop();
      bar.start(total, 0, { label, note: "" });
    },
    advance(to, note) {
      const payload = note === undefined ? {} : { note: `${note}  ` };
      if (to === undefined) bar.increment(payload);
      else bar.update(to, payload);
    },
    stop: () => bar.stop(),
  };
}
