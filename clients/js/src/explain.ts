import type { CallOptions, Check, SessionState } from "./types.js";
import { sentenceFor } from "./reasons.js";

/** What the client knows and the questions are about. */
export interface Subject {
  base: string;
  mode: "cookie" | "bearer";
  state: SessionState;
  timeout: number;
  access: string | undefined;
}

/** Asks one thing after the other, as somebody would who looks for what is wrong. Nothing is changed by it. */
export async function explain(subject: Subject, { signal }: CallOptions = {}): Promise<Check[]> {
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(subject.base + path, {
      cache: "no-store",
      redirect: "manual",
      ...init,
      signal: AbortSignal.any([...(signal ? [signal] : []), AbortSignal.timeout(subject.timeout * 1000)]),
    });
  const checks: Check[] = [];
  const service = await reached(subject, ask);
  checks.push(service);
  if (service.ok) {
    checks.push(await named(subject, ask));
    checks.push(subject.mode === "cookie" ? await cookies(ask) : await token(subject, ask));
  }
  checks.push(session(subject.state));
  return checks;
}

type Ask = (path: string, init?: RequestInit) => Promise<Response>;

async function reached({ base }: Subject, ask: Ask): Promise<Check> {
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
async function named({ base }: Subject, ask: Ask): Promise<Check> {
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

async function token({ access }: Subject, ask: Ask): Promise<Check> {
  const name = "token";
  if (!access) return { name, ok: false, message: "There is no access token: nobody signed in here" };
  const response = await ask("/get-jwt", { headers: { authorization: `Bearer ${access}` } });
  const message = await body(Promise.resolve(response), "message");
  return { name, ok: response.ok, message: `${message}` };
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
