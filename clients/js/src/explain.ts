import type { CallOptions, Check, Jeton, SessionState } from "./types.js";
import { sentenceFor } from "./reasons.js";

/** Asks one thing after the other, as somebody would who looks for what is wrong. */
export async function explain(jeton: Jeton, base: string, { signal }: CallOptions = {}): Promise<Check[]> {
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(base + path, {
      cache: "no-store",
      redirect: "manual",
      ...init,
      signal: AbortSignal.any([...(signal ? [signal] : []), AbortSignal.timeout(10_000)]),
    });
  const checks = [await reached(base, ask)];
  if (checks[0]!.ok) {
    checks.push(await named(base, ask));
    checks.push(jeton.mode === "cookie" ? await cookies(ask) : await token(jeton, base));
  }
  checks.push(session(jeton.state()));
  return checks;
}

type Ask = (path: string, init?: RequestInit) => Promise<Response>;

async function reached(base: string, ask: Ask): Promise<Check> {
  const name = "service";
  try {
    const { status } = await ask("/healthz");
    const ok = status === 200;
    return { name, ok, message: ok ? `${base} answers` : `${base}/healthz answers ${status}: is it a Jeton service?` };
  } catch {
    // What a page may not read it may still send: then only the origin is in the way.
    const there = await ask("/healthz", { mode: "no-cors" }).then(() => true, () => false);
    const origin = globalThis.location?.origin;
    const message = there
      ? `${base} answers, but not to pages of ${origin}: name that origin in JETON_CORS_ORIGINS`
      : `${base} does not answer: does the service run, and is that its address?`;
    return { name, ok: false, message };
  }
}

/** Whether the service calls itself what the client calls it. */
async function named(base: string, ask: Ask): Promise<Check> {
  const issuer = await body(ask("/.well-known/oauth-authorization-server"), "issuer");
  const ok = issuer === base;
  return {
    name: "issuer",
    ok,
    message: ok ? "The service has this very issuer" : `The service's issuer is ${issuer}: its tokens name that one, not ${base}`,
  };
}

async function cookies(ask: Ask): Promise<Check> {
  const name = "cookies";
  const response = await ask("/csrf", { credentials: "include" });
  if (response.ok) return { name, ok: true, message: "The browser has a session's cookies" };
  const code = await body(Promise.resolve(response), "error");
  const message =
    code === "cross_site"
      ? "This page is of another site than the service, and browsers keep no cookies then: serve both from one site, or use the mode bearer"
      : "The browser has no session's cookies: nobody signed in, they expired, or they were cleared";
  return { name, ok: false, message };
}

async function token(jeton: Jeton, base: string): Promise<Check> {
  const response = await jeton.fetch(`${base}/get-jwt`);
  const message = await body(Promise.resolve(response), "message");
  return { name: "token", ok: response.ok, message: `${message}` };
}

function session({ status, reason, endsIn, final }: SessionState): Check {
  const name = "session";
  if (status === "out") return { name, ok: false, message: reason ? sentenceFor(reason) : "Nobody is signed in" };
  if (status === "unknown") return { name, ok: false, message: "Nobody has asked yet whether somebody is signed in" };
  const left = endsIn();
  const ends = left === Infinity ? "it is not known for how long" : `for ${Math.ceil(left)} more seconds unless it is renewed`;
  return { name, ok: true, message: `Signed in, ${final ? `for ${Math.ceil(left)} more seconds at most` : ends}` };
}

async function body(response: Promise<Response>, member: string): Promise<unknown> {
  try {
    return (await (await response).json())[member];
  } catch {
    return undefined;
  }
}
