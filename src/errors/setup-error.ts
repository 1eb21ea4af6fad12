import { SightlineError } from "./sightline-error.ts";

/** The user's setup lacks something: a package, a file, a key, a reachable server. The hint says how to get it. */
export class SetupError extends SightlineError {}
