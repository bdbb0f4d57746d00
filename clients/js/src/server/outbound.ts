/** As much of `fetch` as is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** How the service is asked. */
export interface Transport {
  fetch: Fetch;
  /** The largest answer that is read, in bytes. */
  maxSize: number;
}

export interface Question {
  url: string;
  method?: "POST";
  headers?: Record<string, string>;
  body?: string;
  /** For the whole answer, in milliseconds. */
  timeout: number;
  /** Ends it before its time. */
  signal?: AbortSignal;
}

export interface Answer {
  status: number;
  headers: Headers;
  /** Of a 200 alone. */
  body: unknown;
}

/**
 * Asks once. Redirects are not followed: they come back as the status they are. Throws when there is no whole answer in
 * time, when it is too large, and when a 200 is no JSON.
 */
export async function ask(transport: Transport, question: Question): Promise<Answer> {
  const { url, method = "GET", headers = {}, body, timeout, signal } = question;
  const controller = new AbortController();
  const giveUp = () => controller.abort();
  const timer = setTimeout(giveUp, timeout);
  signal?.addEventListener("abort", giveUp);
  try {
    if (signal?.aborted) giveUp();
    const response = await transport.fetch(url, {
      method,
      headers: { accept: "application/json", ...headers },
      redirect: "manual",
      signal: controller.signal,
      ...(body === undefined ? {} : { body }),
    });
    const answer = { status: response.status, headers: response.headers, body: undefined };
    if (response.status !== 200) {
      await response.body?.cancel();
      return answer;
    }
    return { ...answer, body: parse(url, await read(url, response, transport.maxSize)) };
  } catch (error) {
    if (error instanceof Useless) throw error;
    const why = controller.signal.aborted ? "did not answer in time" : "could not be reached";
    throw new Useless(`${url} ${why}`, { cause: error });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", giveUp);
  }
}

/** Why an answer is of no use, for a log: an address and what was wrong, no secret. */
export class Useless extends Error {
  override readonly name = "Useless";
}

async function read(url: string, response: Response, maxSize: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  const reader = response.body?.getReader();
  if (!reader) return text;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.byteLength;
    if (size > maxSize) {
      await reader.cancel();
      throw new Useless(`${url} answered with more than ${maxSize} bytes`);
    }
    text += decoder.decode(value, { stream: true });
  }
}

function parse(url: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Useless(`${url} did not answer with JSON`);
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The time that no setting of the clock moves, in milliseconds. */
export const elapsed = (): number => performance.now();

/**
 * The issuer's address, without a slash at its end. Keys that come over http can be anybody's, and a secret sent over it
 * is everybody's: only a service on this machine is asked so, unless the caller says otherwise.
 */
export function checkedIssuer(issuer: string, allowHttp: boolean): string {
  const say = (why: string) => new TypeError(`issuer: '${issuer}' ${why}`);
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  if (!url) throw say("is not a URL");
  if (url.username || url.password || url.search || url.hash) {
    throw say("must have no name, password, query or fragment");
  }
  if (url.protocol === "https:") return issuer.replace(/\/+$/, "");
  if (url.protocol !== "http:") throw say("is not https");
  if (!allowHttp && !isThisMachine(url.hostname)) {
    throw say("is not https: whoever is on the way could put in keys of their own; if nobody can be, say allowHttp");
  }
  return issuer.replace(/\/+$/, "");
}

function isThisMachine(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost") || host === "[::1]" || /^127(\.\d+){3}$/.test(host);
}
