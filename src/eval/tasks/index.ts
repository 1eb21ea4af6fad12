export type { Figure, Task, TaskRow } from "./task.ts";
export { heldInNote, taskFor } from "./task-for.ts";
