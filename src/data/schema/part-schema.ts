import { z } from "zod";

const mediaSource = {
  source: z.string().min(1),
  hash: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/, "must be sha256: and 64 hex digits")
    .optional(),
  mediaType: z.string().optional(),
};
const pixels = z.int().positive().optional();
const durationMs = z.number().nonnegative().optional();

/** One piece of a Sample's input. Checked equal to the type `Part`. */
export const partSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("text"), text: z.string() }),
  z.strictObject({ type: z.literal("image"), ...mediaSource, width: pixels, height: pixels }),
  z.strictObject({ type: z.literal("audio"), ...mediaSource, durationMs }),
  z.strictObject({ type: z.literal("video"), ...mediaSource, durationMs }),
]);
