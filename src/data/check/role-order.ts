import { type Check, type Role, rowPlace } from "./row-view.ts";

/** Who may speak after whom. `undefined` is the start. */
const before: Record<Role, readonly (Role | undefined)[]> = {
  system: [undefined],
  user: [undefined, "system", "assistant"],
  assistant: ["user", "tool"],
  tool: ["assistant", "tool"],
};

/** Checks that user and assistant take turns, from the user to the assistant, with the system's message first. */
export function roleOrder(): Check {
  return {
    name: "role-order",
    row(row, report) {
      const { turns } = row.view;
      let last: Role | undefined;
      const say = (message: string, field: string | undefined) =>
        report({
          check: "role-order",
          severity: "error",
          ...rowPlace(row),
          ...(field ? { field } : {}),
          message,
        });
      for (const { role, field } of turns) {
        if (!before[role].includes(last)) {
          return say(`${role} must not ${last === undefined ? "speak first" : `follow ${last}`}`, field);
        }
        last = role;
      }
      if (last !== "assistant")
        say(`the last turn must be the assistant's, got ${last}'s`, turns.at(-1)?.field);
    },
  };
}
