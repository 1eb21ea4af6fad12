// How a model is named on a command line: `tiny`, `local:…`, `openai:…`, `anthropic:…`, `google:…` or the address of
// an OpenAI-compatible server with `#model` behind it.
import path from "node:path";
import { InputError } from "../errors/index.ts";
import { nearest } from "../util/text.ts";

/** A parsed model name. */
export type ModelSpec =
  | { kind: "tiny" }
  | { kind: "folder"; dir: string }
  | { kind: "hub"; id: string }
  | { kind: "openai" | "anthropic" | "google"; model: string }
  | { kind: "server"; url: string; model: string };

const forms = [
  "tiny",
  "local:/absolute/folder",
  "local:owner/name",
  "openai:MODEL",
  "anthropic:MODEL",
  "google:MODEL",
  "http://host:port/v1#MODEL",
];
const schemes = ["local", "openai", "anthropic", "google", "http", "https"];

/** Parses a model name, or says which forms there are. */
export function parseModelSpec(spec: string): ModelSpec {
  if (spec === "tiny") return { kind: "tiny" };
  const colon = spec.indexOf(":");
  const scheme = colon < 0 ? spec : spec.slice(0, colon);
  const rest = colon < 0 ? "" : spec.slice(colon + 1);
  if (colon < 0 || !schemes.includes(scheme)) {
    const near = nearest(scheme, ["tiny", ...schemes]);
    throw new InputError({
      where: "model",
      rule: `must be one of ${forms.join(", ")}`,
      got: `"${hideSecrets(spec)}"`,
      hint: near ? `Did you mean ${near === "tiny" ? near : `${near}:`}?` : undefined,
    });
  }
  if (scheme === "http" || scheme === "https") return parseServer(spec);
  if (rest === "") {
    const form = forms.find((one) => one.startsWith(`${scheme}:`));
    throw new InputError({ where: "model", rule: `must name a model, as in ${form}`, got: `"${spec}"` });
  }
  if (scheme !== "local") return { kind: scheme as "openai" | "anthropic" | "google", model: rest };
  if (path.isAbsolute(rest)) return { kind: "folder", dir: path.normalize(rest) };
  if (/^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/.test(rest)) return { kind: "hub", id: rest };
  throw new InputError({
    where: "model",
    rule: "local: takes an absolute folder or a hub id owner/name",
    got: `"${spec}"`,
    hint: `For a folder, write local:${path.resolve(rest)}.`,
  });
}

function parseServer(spec: string): ModelSpec {
  const url = URL.canParse(spec) ? new URL(spec) : undefined;
  const form = "http://host:port/v1#MODEL";
  if (!url)
    throw new InputError({ where: "model", rule: `must be an address like ${form}`, got: `"${spec}"` });
  if (url.username !== "" || url.password !== "") {
    const hint = "Set SIGHTLINE_API_KEY instead.";
    throw new InputError({ where: "model", rule: "an address may not hold a user name or password", hint });
  }
  const model = decodeURIComponent(url.hash.slice(1));
  if (model === "") {
    const hint = `Write the model's name behind a #, as in ${form}.`;
    throw new InputError({
      where: "model",
      rule: "the address must name a model",
      got: `"${hideSecrets(spec)}"`,
      hint,
    });
  }
  return { kind: "server", url: `${url.origin}${url.pathname.replace(/\/$/, "")}${url.search}`, model };
}

function hideSecrets(spec: string): string {
  return spec.replace(/\/\/[^/@\s]*@/, "//…@").replace(/\?[^#]*/, "?…");
}
