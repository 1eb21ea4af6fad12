// Who finds things in pictures. A detector is opened by the first picture that needs it and can be given back.
import { bundledModel } from "../../model/index.ts";
import type { Grounding } from "../../model/local/index.ts";
import type { Box } from "../../spec/index.ts";

/** A thing that a detector found. */
export interface DetectedThing {
  name: string;
  /** In pixels of the picture. */
  box: Box;
  /** How sure the detector is, 0 to 1; not comparable between detectors. */
  score: number;
}

/** Finds things of a closed vocabulary. */
export interface Detector {
  /** Names the backend in results. */
  name: string;
  /** Everything that it can name. */
  vocabulary(): Promise<readonly string[]>;
  detect(bytes: Uint8Array, options: { signal?: AbortSignal }): Promise<DetectedThing[]>;
}

/** The vision encoder of a model folder as detector, reader of letters and judge of what a cell shows. */
export interface GroundingEye extends Detector {
  ground(bytes: Uint8Array, options: { signal?: AbortSignal }): Promise<Grounding>;
  letters(bytes: Uint8Array, options: { signal?: AbortSignal }): Promise<DetectedThing[]>;
  dispose(): Promise<void>;
}

/**
 * The detector for drawn scenes: the grounding of a model folder's vision encoder, by default of the bundled model. Its
 * weights are loaded by the first use; the last picture's result is kept, since tools ask about the same one again.
 */
export function groundingEye(dir?: string): GroundingEye {
  type Opened = Awaited<ReturnType<typeof open>>;
  let opened: Promise<Opened> | undefined;
  let last: { bytes: Uint8Array; grounding: Promise<Grounding> } | undefined;
  const open = async () => {
    const local = await import("../../model/local/index.ts");
    return { local, grounder: await local.loadGrounder(dir ?? bundledModel("tiny")) };
  };
  const ready = () => {
    opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  const ground = async (bytes: Uint8Array, { signal }: { signal?: AbortSignal }) => {
    if (last?.bytes === bytes) return last.grounding;
    const { grounder } = await ready();
    const grounding = grounder.ground(bytes, { ...(signal && { signal }), where: "picture" });
    const current = { bytes, grounding };
    last = current;
    grounding.catch(() => {
      if (last === current) last = undefined;
    });
    return grounding;
  };
  return {
    name: "tiny-grounding",
    ground,
    async vocabulary() {
      const { grounder } = await ready();
      return grounder.names.slice(0, -1).filter((name) => name.length > 1);
    },
    detect: async (bytes, options) => (await ready()).local.findThings(await ground(bytes, options)),
    letters: async (bytes, options) => (await ready()).local.findLetters(await ground(bytes, options)),
    async dispose() {
      last = undefined;
      const closing = opened;
      opened = undefined;
      await (await closing)?.grounder.dispose();
    },
  };
}
