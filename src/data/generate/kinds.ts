// The five kinds of instruction data that a model is asked for: what it is told, with a seed example, and the JSON that
// it must give back. Kinds and rules: LLaVA (Liu et al. 2023) for the first three, LRV-Instruction (Liu et al. 2023) for
// the negative ones, GPT4Tools (Yang et al. 2023) for the tool traces.
import { z } from "zod";

const text = z.string().trim().min(1);
const pair = z.strictObject({ question: text, answer: text });
/** Ways in which a negative instruction is wrong about its picture. */
export const manipulations = ["nonexistent-object", "existent-object", "knowledge"] as const;

export const outputSchemas = {
  conversation: z.array(pair).min(1).max(20),
  description: z.strictObject({ question: text, answer: text }),
  reasoning: z.array(pair).min(1).max(5),
  negative: z
    .array(z.strictObject({ manipulation: z.enum(manipulations), about: text, question: text, answer: text }))
    .min(1)
    .max(10),
  "tool-use": z
    .array(
      z.strictObject({
        question: text,
        action: z.nullable(z.strictObject({ tool: text, input: z.string() })),
        reply: z.string().optional(),
      }),
    )
    .min(1)
    .max(10),
};

/** Kinds of instruction data. */
export type InstructionKind = keyof typeof outputSchemas;
export const instructionKinds = Object.keys(outputSchemas) as InstructionKind[];

/** A tool that a trace may call. */
export interface ToolName {
  name: string;
  description: string;
}

/** The tools of the seed examples. */
export const defaultTools: readonly ToolName[] = [
  { name: "detect", description: "finds things by name; input: image, name" },
  { name: "crop", description: "cuts a thing out; input: image, name" },
  { name: "read_text", description: "reads the words in a picture; input: image" },
];

/** A worked example: what the writer saw, and the JSON that it gave. */
export interface SeedExample {
  context: string;
  output: unknown;
}

const rules =
  "Write as if you were looking at the picture. Never speak of a caption, a description, a list or boxes, and never give " +
  "coordinates. Say only what is certain. Reply with JSON alone.";

const tasks: Record<InstructionKind, string> = {
  conversation:
    "Write a conversation about the picture as a JSON list of { question, answer }. Ask about kinds of things, their " +
    "number, actions, places, and where they are relative to each other. Ask only what has a definite answer: it is seen " +
    "to be so, or seen not to be so.",
  description:
    "Write one JSON object { question, answer }: a request for a detailed description of the picture, and the description.",
  reasoning:
    "Write a JSON list of { question, answer } with questions that need several steps of reasoning about the picture. The " +
    "question must not give away what is seen; the answer explains its steps.",
  negative:
    "Write a JSON list of { manipulation, about, question, answer } with instructions that are wrong about the picture, and " +
    'answers that say so. manipulation is "nonexistent-object" (about a thing that is absent), "existent-object" (a thing ' +
    'that is there, with something wrong said of it) or "knowledge" (a wrong fact about a thing that is there); about is ' +
    "the name of the thing.",
  "tool-use":
    "Write a JSON list of { question, action, reply }: requests for help with the picture. action is { tool, input } with a " +
    "tool of the list, the input starting with the picture's name <image>; or null for a request that needs no tool, with " +
    "the answer in reply.",
};

const seedContext =
  "A dog beside two cats.\ndog: [0.100, 0.300, 0.400, 0.800]\ncat: [0.500, 0.500, 0.650, 0.750]\ncat: [0.700, 0.500, 0.850, 0.750]";
const seeds: Record<InstructionKind, unknown> = {
  conversation: [
    { question: "How many cats are there?", answer: "There are two cats." },
    { question: "Where is the dog?", answer: "The dog is to the left of the cats." },
    { question: "Is there a horse in the picture?", answer: "No, there is no horse." },
  ],
  description: {
    question: "Describe the picture in detail.",
    answer:
      "The picture shows a dog and two cats. The dog is on the left, and it is larger than either of the cats.",
  },
  reasoning: [
    {
      question: "What might a pet owner have to plan for here?",
      answer: "There are both a dog and cats, so separate food and some room for each of them would be wise.",
    },
  ],
  negative: [
    {
      manipulation: "nonexistent-object",
      about: "horse",
      question: "What is the horse doing?",
      answer: "There is no horse in the picture.",
    },
  ],
  "tool-use": [
    { question: "Cut out the dog for me.", action: { tool: "crop", input: "<image>, dog" } },
    { question: "What do cats eat?", action: null, reply: "Mostly meat." },
  ],
};

/** The example that a kind has when the user gives none. */
export function seedOf(kind: InstructionKind): SeedExample {
  return { context: seedContext, output: seeds[kind] };
}

/** The system message of a kind. */
export function systemText(kind: InstructionKind, tools: readonly ToolName[]): string {
  const list =
    kind === "tool-use" ? `\nTools:\n${tools.map((t) => `${t.name}: ${t.description}`).join("\n")}` : "";
  return `${tasks[kind]} ${rules}${list}`;
}
