import { SightlineError } from "./sightline-error.ts";

/** Data, configuration or arguments break a rule. `where` names the file and line or the field path. */
export class InputError extends SightlineError {}
