import { type ErrorCode, type ErrorFacts, JetonError } from "./error.js";
import { countdown, pause } from "./time.js";

/** The URL of an issuer or of another place that may have tokens, or a refusal. */
export const trusted = (text: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : ({} as URL);
  const isSafe = /^(https:|http:\/\/(localhost|127\.0\.0\.1|\[::1])(:\d+)?$)/.test(url.origin);
  // Nothing but a path: no user, no query.
  if (!isSafe || url.href !== url.origin + url.pathname)
    throw new JetonError("insecure_issuer", `${text} is not https`);
  return url;
};

/** Sends a request whose answer may not lead elsewhere. */
export const send = async (request: Request, timeout?: number): Promise<Response> => {
  const late = timeout ? [AbortSignal.timeout(timeout * 1000)] : [];
  const response = await fetch(request, { signal: AbortSignal.any([request.signal, ...late]) });
  // A redirect that a browser does not show has the status 0.
  const { status } = response;
  if (/^(0|30[^04])$/.test(`${status}`)) throw new JetonError("redirected", `${request.url} redirects`, { status });
  return response;
};

/** The body of an answer of the service, or its error. */
export const read = async (response: Response): Promise<any> => {
  const { status, headers } = response;
  const body = await response.json().catch((error) => {
    // Only what arrived whole can be called no JSON.
    if (!(error instanceof SyntaxError)) throw error;
  });
  if (response.ok && body instanceof Object) return body;
  const { error, message, reason, request_id: requestId } = body ?? {};
  const facts = { status, requestId, reason, retryAfter: retryAfter(headers) };
  throw typeof error === "string" ? new JetonError(error as ErrorCode, message, facts) : foreign(response.url, facts);
};

/** An answer that is none of the service's. */
export const foreign = (url: string, facts?: ErrorFacts) =>
  new JetonError("not_json", `${url} does not answer in JSON`, facts);

/** `Retry-After` in seconds, as the service writes it. A date, which others may write, is not waited for. */
const retryAfter = (headers?: Headers): number | undefined => +(headers?.get("retry-after") ?? 0) || undefined;

/**
 * Repeats an attempt while the service is away or asks to wait, as long as it `may` and the limit allows. Then what
 * came last stands.
 */
export const patiently = async <T>(
  attempt: () => Promise<T>,
  limit: number,
  signal?: AbortSignal | null,
  may = () => true,
): Promise<T> => {
  const left = countdown(limit);
  for (let backoff = 0.25; ; backoff = Math.min(backoff * 2, 5)) {
    let failed = false;
    const outcome: any = await attempt().catch((error) => {
      signal?.throwIfAborted();
      failed = true;
      return error;
    });
    // What fails without a status is the network. Elsewhere trying again would change nothing.
    const isAway = (failed || outcome instanceof Response) && /^(429|50[234]|undefined)$/.test(outcome.status);
    const seconds = isAway && may() ? (outcome.retryAfter ?? retryAfter(outcome.headers) ?? backoff) : Infinity;
    if (seconds > left()) {
      if (failed) throw outcome;
      return outcome;
    }
    await pause(seconds, signal);
  }
};
