export { InputError } from "./input-error.ts";
export { assert, InternalError } from "./internal-error.ts";
export { reviveError } from "./revive.ts";
export { SetupError } from "./setup-error.ts";
export { type ErrorFields, SightlineError } from "./sightline-error.ts";
