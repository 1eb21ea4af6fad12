// The way back: an agent that lacks what no picture can tell may ask the person.
import { InputError } from "../errors/index.ts";
import type { Tool } from "../spec/index.ts";

/** Puts a question to a person and resolves with what they say; empty when they do not answer. */
export type AskPerson = (question: string, signal: AbortSignal | undefined) => Promise<string>;

/** The tool that asks the person. */
export function personTool(ask: AskPerson): Tool {
  return {
    name: "ask_person",
    description:
      "Asks the person who asked you, in one short question. Only for what the pictures and the other tools cannot tell, such as which of two things is meant.",
    inputSchema: {
      type: "object",
      properties: { question: { type: "string", minLength: 1, maxLength: 500 } },
      required: ["question"],
      additionalProperties: false,
    },
    // It changes nothing, and whoever gave `ask` wants to be asked.
    sideEffects: false,
    async run(input, { signal }) {
      const { question } = input as { question?: unknown };
      if (typeof question !== "string" || question.trim() === "")
        throw new InputError({ where: "ask_person", rule: "question must be a text" });
      const answer = (await ask(question.trim(), signal)).trim();
      return {
        value: answer === "" ? { answered: false } : { answered: true, answer },
        backend: "person",
      };
    },
  };
}
