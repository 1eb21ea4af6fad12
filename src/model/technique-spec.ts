// A model made by techniques remembers which ones, so that a run can store how its answers were made.
import type { JSONObject, JSONValue } from "@ai-sdk/provider";
import type { LanguageModel } from "../spec/index.ts";

const key = Symbol.for("sightline.technique");

interface Declared {
  name: string;
  options: JSONObject;
  inner: LanguageModel;
}

/** Notes on a model which technique made it, and returns the model. */
export function declareTechnique(model: LanguageModel, declared: Declared): LanguageModel {
  Object.defineProperty(model, key, { value: declared, enumerable: true });
  return model;
}

/** The spec string of a model's techniques, outermost first: `vote(n=5) show(k=4)`; empty for a plain model. */
export function techniqueSpec(model: LanguageModel): string {
  const declared = (model as { [key]?: Declared })[key];
  if (!declared) return "";
  const options = Object.entries(declared.options).filter(([, value]) => value !== undefined);
  const list = options.map(([name, value]) => `${name}=${format(value)}`).join(", ");
  return `${declared.name}${list ? `(${list})` : ""} ${techniqueSpec(declared.inner)}`.trim();
}

function format(value: JSONValue | undefined): string {
  return typeof value === "string" && /^[\w./:-]+$/.test(value) ? value : JSON.stringify(value);
}
