/** Why a request is turned away, as its body says it. */
export type RefusalCode =
  | "invalid_request"
  | "token_missing"
  | "invalid_token"
  | "token_expired"
  | "token_revoked"
  | "insufficient_scope"
  | "insufficient_user_authentication"
  | "keys_unavailable"
  | "revocation_stale";

interface Meaning {
  status: 400 | 401 | 403 | 503;
  message: string;
  /** The `error` of the challenge (RFC 6750 §3.1, RFC 9470 §3); a request without a token gets one without. */
  challenge?: string;
}

const MEANINGS: Record<RefusalCode, Meaning> = {
  invalid_request: {
    status: 400,
    message: "Expected 'Authorization: Bearer <token>' with one token and nothing after it",
    challenge: "invalid_request",
  },
  token_missing: { status: 401, message: "Token is missing" },
  invalid_token: { status: 401, message: "Invalid token", challenge: "invalid_token" },
  token_expired: { status: 401, message: "Token has expired", challenge: "invalid_token" },
  token_revoked: { status: 401, message: "Token has been revoked", challenge: "invalid_token" },
  insufficient_scope: {
    status: 403,
    message: "The token does not allow this",
    challenge: "insufficient_scope",
  },
  insufficient_user_authentication: {
    status: 401,
    message: "Sign in again to do this",
    challenge: "insufficient_user_authentication",
  },
  keys_unavailable: {
    status: 503,
    message: "The issuer's keys cannot be had at the moment, try again shortly",
  },
  revocation_stale: {
    status: 503,
    message: "Revocations cannot be checked at the moment, try again shortly",
  },
};

/** What the challenge says beside the error. */
interface Wanted {
  /** The scopes that would do (RFC 6750 §3). */
  scope?: string | undefined;
  /** The age of a sign-in that would do, in seconds (RFC 9470 §3). */
  maxAge?: number | undefined;
}

/** A request that is turned away. Nothing of what the client sent is repeated in it. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: RefusalCode;
  readonly status: 400 | 401 | 403 | 503;
  readonly #challenge: string | undefined;
  readonly #wanted: Wanted;

  /** `cause` is for the log: clients are not told. */
  constructor(code: RefusalCode, { cause, ...wanted }: Wanted & { cause?: unknown } = {}) {
    const { status, message, challenge } = MEANINGS[code];
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = status;
    this.#challenge = challenge;
    this.#wanted = wanted;
  }

  get body(): { error: RefusalCode; message: string } {
    return { error: this.code, message: this.message };
  }

  /** The headers of the answer. The realm is what `WWW-Authenticate` calls the API. */
  headers(realm = "api"): Record<string, string> {
    const headers: Record<string, string> = { "Cache-Control": "no-store" };
    if (this.status === 503) {
      headers["Retry-After"] = "1";
      return headers;
    }
    const { scope, maxAge } = this.#wanted;
    const parameters: [string, string | undefined][] = [
      ["realm", realm],
      ["error", this.#challenge],
      ["error_description", this.#challenge && this.message],
      ["scope", scope],
      ["max_age", maxAge?.toString()],
    ];
    const said = parameters.filter(([, value]) => value !== undefined);
    headers["WWW-Authenticate"] = `Bearer ${said.map(([name, value]) => `${name}="${plain(value)}"`).join(", ")}`;
    return headers;
  }

  /** The whole answer, for frameworks that speak `Request` and `Response`. */
  toResponse(realm?: string): Response {
    return Response.json(this.body, { status: this.status, headers: this.headers(realm) });
  }
}

/** RFC 6750 §3 lets values hold printable ASCII but for `"` and `\\`. */
const plain = (value = "") => value.replace(/[^ !#-[\]-~]/g, "?");
