// What can go wrong between us and a model server, said in one line: where (without secrets), what, which status, and
// what to do. The SDK's own error stays as the cause.
import {
  APICallError,
  InvalidResponseDataError,
  JSONParseError,
  LoadAPIKeyError,
  NoSuchModelError,
  TypeValidationError,
} from "@ai-sdk/provider";
import { InputError, SetupError, SightlineError } from "../errors/index.ts";
import type { LanguageModel } from "../spec/index.ts";
import { wrapModel } from "./capabilities.ts";
import { readStream } from "./read-stream.ts";
import { networkCode, retryAfterMs } from "./with-retries.ts";

export interface ProviderErrorOptions {
  /** Names the model or server when the failure itself does not. */
  where: string;
  /** Environment variable that holds the key, for the hint. */
  keyVariable: string;
  /** Protocol that the server should speak, for the hint. @default "OpenAI" */
  protocol?: string;
}

/** Wraps a model so that its failures become one-line errors. An abort by the caller passes as it is. */
export function withProviderErrors(model: LanguageModel, options: ProviderErrorOptions): LanguageModel {
  const convert = (error: unknown, signal: AbortSignal | undefined) =>
    signal?.aborted ? error : toProviderError(error, options);
  return wrapModel(model, {
    async doGenerate(call) {
      try {
        return await model.doGenerate(call);
      } catch (error) {
        throw convert(error, call.abortSignal);
      }
    },
    async doStream(call) {
      try {
        const result = await model.doStream(call);
        const parts = readStream(result.stream);
        const stream = new ReadableStream({
          async pull(controller) {
            try {
              const next = await parts.next();
              if (next.done) controller.close();
              else if (next.value.type !== "error") controller.enqueue(next.value);
              else controller.enqueue({ type: "error", error: convert(next.value.error, call.abortSignal) });
            } catch (error) {
              controller.error(convert(error, call.abortSignal));
            }
          },
          cancel: async () => void (await parts.return()),
        });
        return { ...result, stream };
      } catch (error) {
        throw convert(error, call.abortSignal);
      }
    },
  });
}

/** Turns a failure of a provider into a SetupError or InputError of one line. */
export function toProviderError(error: unknown, options: ProviderErrorOptions): SightlineError {
  if (SightlineError.isInstance(error)) return error;
  const { where, keyVariable, protocol = "OpenAI" } = options;
  const setup = (rule: string, got?: string, hint?: string, at = where) =>
    new SetupError({ where: at, rule, got, hint, cause: error });
  const notProtocol = (got: string) =>
    setup(`must answer in the ${protocol} protocol`, got, "Check that the address is that of the API.");
  if (LoadAPIKeyError.isInstance(error)) return setup("needs an API key", undefined, `Set ${keyVariable}.`);
  if (NoSuchModelError.isInstance(error)) return setup("has no such model", error.modelId);
  if (APICallError.isInstance(error) && error.statusCode !== undefined) {
    if (error.statusCode >= 400) return fromStatus(error, error.statusCode, options);
    const broken = networkCode(error);
    if (broken === undefined) return notProtocol(oneLine(error.responseBody ?? error.message));
  }
  const code = networkCode(error);
  if (code !== undefined) {
    if (code === "ECONNREFUSED") return setup("cannot connect", code, "Is the server running?");
    if (code === "ENOTFOUND" || code === "EAI") return setup("cannot find the host", code, "Check its name.");
    return setup("the connection broke", code, "Try again.");
  }
  if (InvalidResponseDataError.isInstance(error))
    return setup("the answer broke off before its end", undefined, "Try again.");
  if (JSONParseError.isInstance(error)) return notProtocol(oneLine(error.text));
  if (TypeValidationError.isInstance(error)) return notProtocol(oneLine(JSON.stringify(error.value) ?? ""));
  return setup("the model server failed", oneLine(messageOf(error)));
}

function fromStatus(
  error: APICallError,
  status: number,
  { where, keyVariable }: ProviderErrorOptions,
): SightlineError {
  const got = `status ${status} (${oneLine(error.message)})`;
  const fields = { where: addressOf(error.url) ?? where, got, cause: error };
  if (status === 401 || status === 403) {
    return new SetupError({ ...fields, rule: "the server refused the key", hint: `Check ${keyVariable}.` });
  }
  if (status === 404) {
    const hint = "Check the model name and the address.";
    return new InputError({ ...fields, rule: "the server knows no such model or path", hint });
  }
  if (status === 429) {
    const wait = retryAfterMs(error, Date.now);
    const hint = wait === undefined ? "Ask less often." : `Try again in ${Math.ceil(wait / 1000)} s.`;
    return new SetupError({ ...fields, rule: "the server has had too many requests", hint });
  }
  if (status >= 500) {
    return new SetupError({
      ...fields,
      rule: "the server failed",
      hint: "Try again later, or read its log.",
    });
  }
  return new InputError({ ...fields, rule: "the server did not accept the request" });
}

/** An address without user, password, query and fragment: keys may hide in all of them. */
export function addressOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, " ").trim().replace(/\.$/, "");
  return line.length > 160 ? `${line.slice(0, 160)}…` : line || "an empty answer";
}

function messageOf(error: unknown): string {
  if (typeof error === "object" && error !== null && "message" in error) return String(error.message);
  return typeof error === "string" ? error : (JSON.stringify(error) ?? String(error));
}
