import { InputError } from "../../errors/index.ts";
import type { Part, Sample } from "../../spec/index.ts";

/** A dataset that can be read from its start as often as a mix needs it. */
export interface MixSource {
  /** Goes before the ids of its Samples, so that two datasets may use the same ids. */
  name: string;
  /** Samples in it. */
  size: number;
  open(): AsyncIterable<Sample> | Iterable<Sample>;
}

/** What a mix drew from one source. */
export interface SourceUse {
  name: string;
  size: number;
  drawn: number;
  /** How often it was read from the start; above 1, its Samples repeat. */
  rounds: number;
}

/** Draws the Samples of one source in order, again from the start when they end. */
export interface SourceReader {
  use: SourceUse;
  next(): Promise<Sample>;
  close(): Promise<void>;
}

/** Creates the reader of a source. */
export function readSource(source: MixSource): SourceReader {
  const use: SourceUse = { name: source.name, size: source.size, drawn: 0, rounds: 0 };
  let iterator: AsyncIterator<Sample> | Iterator<Sample> | undefined;
  const open = () => {
    const samples = source.open();
    iterator = Symbol.asyncIterator in samples ? samples[Symbol.asyncIterator]() : samples[Symbol.iterator]();
    use.rounds++;
  };
  return {
    use,
    async next() {
      if (!iterator) open();
      let step = await iterator!.next();
      if (step.done) {
        open();
        step = await iterator!.next();
        if (step.done) throw new InputError({ where: source.name, rule: "must hold Samples", got: "none" });
      }
      use.drawn++;
      return renamed(step.value, source.name, use.rounds);
    },
    async close() {
      await iterator?.return?.();
      iterator = undefined;
    },
  };
}

/**
 * Ids stay unique in a mix: the dataset's name goes before them, and from the second round on its number after them.
 * The group does not change with the round, since it is the same picture again.
 */
function renamed(sample: Sample, name: string, round: number): Sample {
  const id = `${name}/${sample.id}`;
  const provenance = { dataset: name, ...sample.provenance };
  const group = `${name}/${sample.group ?? sample.id}`;
  return { ...sample, id: round > 1 ? `${id}#${round}` : id, group, provenance };
}

/** Moves the relative paths of a Sample's media from one folder to another. */
export function moveMedia(sample: Sample, move: (source: string) => string): Sample {
  const moved = (part: Part): Part =>
    part.type === "text" || isElsewhere(part.source) ? part : { ...part, source: move(part.source) };
  const turns = sample.turns?.map((turn) => ({ ...turn, content: turn.content.map(moved) }));
  return { ...sample, ...(turns && { turns }), input: sample.input.map(moved) };
}

/** True for sources that no folder changes: URLs, data URLs and absolute paths. */
function isElsewhere(source: string): boolean {
  return /^(data:|[a-z][a-z0-9+.-]+:\/\/|\/|[a-z]:[\\/])/i.test(source);
}
