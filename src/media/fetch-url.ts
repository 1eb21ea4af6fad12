// Reads one http(s) URL under guard: total time, size, number of redirects and, unless allowed, public addresses only.
// The address is checked when the socket looks it up, so a name that changes its address between a check and the
// connection gains nothing. Proxy settings of the environment are not used.
import { lookup as dnsLookup } from "node:dns";
import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { InputError, SightlineError } from "../errors/index.ts";
import { isPrivateAddress } from "./address.ts";

export interface FetchUrlOptions {
  /** Longest body. @default 25e6 */
  maxBytes?: number;
  /** For everything together, redirects too. @default 30000 */
  timeoutMs?: number;
  /** @default 3 */
  maxRedirects?: number;
  /** Permits this machine, the local network and other non-public addresses. @default false */
  allowPrivate?: boolean;
  /** Names the thing in error messages. @default the URL */
  where?: string;
  signal?: AbortSignal;
}

/** Reads the bytes behind an http(s) URL. */
export async function fetchUrl(url: string, options: FetchUrlOptions = {}): Promise<Uint8Array> {
  const { timeoutMs = 30_000, maxRedirects = 3, where = shorten(url) } = options;
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  let target = url;
  try {
    for (let hop = 0; hop <= maxRedirects; hop++) {
      const answer = await once(target, { ...options, where, signal });
      if (typeof answer !== "string") return answer;
      target = answer;
    }
    throw new InputError({
      where,
      rule: `must redirect at most ${maxRedirects} times`,
      got: shorten(target),
    });
  } catch (error) {
    if (SightlineError.isInstance(error)) throw error;
    if (timeout.aborted) {
      throw new InputError({
        where,
        rule: `must answer within ${timeoutMs / 1000} s`,
        hint: "Try again later.",
      });
    }
    if (options.signal?.aborted) throw options.signal.reason;
    const code = (error as NodeJS.ErrnoException).code;
    const rule = `must be readable, but the request failed (${code ?? (error as Error).message})`;
    throw new InputError({ where, rule, hint: "Check the address and the network.", cause: error });
  }
}

/** One request: the body, or the address that it redirects to. */
async function once(
  url: string,
  { maxBytes = 25e6, allowPrivate = false, where, signal }: FetchUrlOptions & { where: string },
): Promise<Uint8Array | string> {
  const parsed = parseUrl(url, where);
  const literal = parsed.hostname.replace(/^\[|\]$/g, "");
  if (!allowPrivate && isIP(literal) !== 0 && isPrivateAddress(literal)) throw privateAddress(where, literal);
  const send = parsed.protocol === "https:" ? requestHttps : requestHttp;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers = { accept: "image/*,*/*;q=0.5", "user-agent": "sightline" };
    const lookup = allowPrivate ? undefined : publicLookup(where);
    send(parsed, { signal, headers, lookup, agent: false }, resolve).on("error", reject).end();
  });
  const status = response.statusCode ?? 0;
  const location = response.headers.location;
  if (status >= 300 && status < 400 && location) {
    response.destroy();
    return new URL(location, parsed).href;
  }
  if (status !== 200) {
    response.destroy();
    throw new InputError({ where, rule: "must answer with status 200", got: String(status) });
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) {
      response.destroy();
      throw new InputError({ where, rule: `must be at most ${maxBytes / 1e6} MB`, got: "a longer answer" });
    }
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function parseUrl(url: string, where: string): URL {
  const parsed = URL.parse(url);
  if (!parsed || !/^https?:$/.test(parsed.protocol)) {
    throw new InputError({ where, rule: "must be an http or https URL", got: JSON.stringify(shorten(url)) });
  }
  return parsed;
}

function publicLookup(where: string): LookupFunction {
  return (hostname, options, callback) => {
    dnsLookup(hostname, { ...options, all: true }, (error, addresses) => {
      const inside = addresses?.find(({ address }) => isPrivateAddress(address));
      const first = addresses?.[0];
      if (error) callback(error, "", 0);
      else if (inside) callback(privateAddress(where, inside.address), "", 0);
      else if (options.all) callback(null, addresses);
      else callback(null, first!.address, first!.family);
    });
  };
}

function privateAddress(where: string, address: string): InputError {
  return new InputError({
    where,
    rule: "must not point into a private network",
    got: address,
    hint: "Only trust that with a dataset of your own (--trust-dataset).",
  });
}

function shorten(url: string): string {
  return url.length > 120 ? `${url.slice(0, 100)}…` : url;
}
