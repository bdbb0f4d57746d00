import { decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from "jose";
import { isAccessClaims, type AccessClaims } from "./claims.js";
import { Feed } from "./feed.js";
import { Keys } from "./keys.js";
import { checkedIssuer, type Fetch, type Transport } from "./outbound.js";
import { Refusal } from "./refusal.js";

/** Times are seconds. */
export interface VerifierOptions {
  /** The service's `--issuer`, character by character. https, unless it is on this machine. */
  issuer: string;
  /** The service's `--audience`; the issuer unless set. */
  audience?: string;
  /**
   * The client that reads the revocations, of the scope `revocations:read`. Without it a token that was revoked verifies
   * until it expires.
   */
  revocations?: RevocationOptions;
  /** What `WWW-Authenticate` calls the API; `api` unless set. */
  realm?: string;
  /** How far the clocks of the service and this machine may be apart; 30 unless set. */
  clockTolerance?: number;
  /** For the keys, and for an answer about revocations; 5 unless set. No request waits longer for each. */
  timeout?: number;
  /** How long it takes until another look-up of unknown keys is free; 30 unless set. */
  cooldown?: number;
  /** How long keys are relied on while the service is away; 86400, a day, unless set. */
  keepFor?: number;
  /** Lets the issuer be http on another machine, where whoever is on the way can put in keys of their own. */
  allowHttp?: boolean;
  /** Hears when the service was asked and how it went, for logs and metrics. */
  onEvent?: (event: VerifierEvent) => void;
  /** Asks the service; the runtime's own `fetch` unless set. */
  fetch?: Fetch;
}

/** Times are seconds. */
export interface RevocationOptions {
  clientId: string;
  clientSecret: string;
  /** How long a question waits at the service for news; whole seconds, at most 25, 20 unless set. */
  wait?: number;
  /** How old the last answer may be before requests get 503; 60 unless set, and more than twice `wait`. */
  maxLag?: number;
  /**
   * For runtimes where nothing goes on between requests, as in workers at the edge: how old an answer may be before a
   * request asks the service first. Unless set, the feed is followed in the background, and a check asks nobody.
   */
  askAfter?: number;
}

/** What happened: `keys` were fetched, the feed of `revocations` is up to date, or either `failed`, and why. */
export type VerifierEvent =
  | { type: "keys" | "revocations"; failed: false }
  | { type: "keys" | "revocations"; failed: true; error: Error };

/** What a route asks beyond a good token. */
export interface Requirements {
  /** One of these roles. */
  roles?: readonly string[];
  /** Every one of these scopes. */
  scopes?: readonly string[];
  /** How many seconds ago the user signed in at most (RFC 9470). */
  maxAge?: number;
}

export interface Verifier {
  readonly realm: string;
  /** The claims of a good access token. Rejects with a `Refusal` otherwise. */
  verify(token: string): Promise<AccessClaims>;
  /** The claims of the token in an `Authorization` header that is allowed this. Rejects with a `Refusal` otherwise. */
  authorize(authorization: string | null | undefined, requirements?: Requirements): Promise<AccessClaims>;
  /** Resolves when keys and revocations are there; rejects with why they are not. */
  ready(): Promise<void>;
  /** Ends the following of revocations, so that the process can end. */
  close(): void;
}

/** Asymmetric ones alone: with a shared secret, whoever verifies could make tokens. */
const ALGORITHMS = new Set(
  "ES256 ES384 ES512 RS256 RS384 RS512 PS256 PS384 PS512 EdDSA Ed25519 ML-DSA-44 ML-DSA-65 ML-DSA-87".split(" "),
);

/** More than any token takes, signatures of ML-DSA included. */
const MAX_TOKEN = 32 * 1024;
const MAX_KID = 256;

/** Ten thousand revocations, the service's longest page, take a little over a megabyte. */
const MAX_PAGE = 4 * 1024 * 1024;
const MAX_KEYS = 256 * 1024;

/** Verifies the access tokens of a Jeton service by its published keys, without asking it about each. */
export function createVerifier(options: VerifierOptions): Verifier {
  const { issuer, audience = issuer, realm = "api", clockTolerance = 30 } = options;
  const service = checkedIssuer(issuer, options.allowHttp ?? false);
  const timeout = milliseconds("timeout", options.timeout ?? 5);
  const transport = (maxSize: number): Transport => ({
    fetch: options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
    maxSize,
  });
  const teller = (type: VerifierEvent["type"]) => (error?: Error) => {
    try {
      options.onEvent?.(error ? { type, failed: true, error } : { type, failed: false });
    } catch {
      // A hook that fails ends nothing but itself.
    }
  };
  const limits = {
    timeout,
    cooldown: milliseconds("cooldown", options.cooldown ?? 30),
    refreshEvery: 300_000,
    keepFor: milliseconds("keepFor", options.keepFor ?? 86_400),
  };
  const keys = new Keys(`${service}/.well-known/jwks.json`, limits, transport(MAX_KEYS), teller("keys"));
  const { revocations } = options;
  const feed =
    revocations &&
    new Feed(
      service,
      revocations,
      feedLimits(revocations, timeout),
      transport(MAX_PAGE),
      teller("revocations"),
    );

  async function verify(token: string): Promise<AccessClaims> {
    const { kid, alg } = headerOf(token);
    const found = await keys.find(kid);
    // A key is for one algorithm: a header may only agree with it.
    if (found?.alg !== alg) throw new Refusal("invalid_token");
    const rules = { issuer, audience, clockTolerance, typ: "at+jwt", algorithms: [alg] };
    let payload: JWTPayload;
    try {
      ({ payload } = await jwtVerify(token, found.key, rules));
    } catch (error) {
      throw new Refusal(error instanceof errors.JWTExpired ? "token_expired" : "invalid_token", { cause: error });
    }
    if (!isAccessClaims(payload) || payload.iat > Date.now() / 1000 + clockTolerance) {
      throw new Refusal("invalid_token");
    }
    await feed?.check(payload);
    return payload;
  }

  return {
    realm,
    verify,
    async authorize(authorization, requirements = {}) {
      const claims = await verify(tokenOf(authorization));
      allow(claims, requirements, clockTolerance);
      return claims;
    },
    async ready() {
      await Promise.all([keys.ready(), feed?.ready()]);
    },
    close() {
      feed?.close();
    },
  };
}

function milliseconds(name: string, seconds: number): number {
  if (!(seconds > 0 && Number.isFinite(seconds))) throw new TypeError(`${name}: ${seconds} is no number of seconds above 0`);
  return seconds * 1000;
}

function feedLimits({ wait = 20, maxLag = 60, askAfter }: RevocationOptions, timeout: number) {
  if (!Number.isInteger(wait) || wait < 1 || wait > 25) {
    throw new TypeError(`revocations.wait: ${wait} is no whole number of seconds from 1 to 25`);
  }
  const limits = {
    wait: wait * 1000,
    maxLag: milliseconds("revocations.maxLag", maxLag),
    askAfter: askAfter === undefined ? undefined : milliseconds("revocations.askAfter", askAfter),
    timeout,
  };
  if (askAfter === undefined && maxLag <= 2 * wait) {
    throw new TypeError("revocations.maxLag: not more than twice wait, every quiet moment would count as an outage");
  }
  if (askAfter !== undefined && maxLag <= askAfter) {
    throw new TypeError("revocations.maxLag: not more than askAfter, every answer would be too old");
  }
  return limits;
}

/** What chooses the key. Nothing else of a token is read before its signature is checked. */
function headerOf(token: string): { kid: string; alg: string } {
  const refuse = (cause?: unknown) => new Refusal("invalid_token", { cause });
  if (typeof token !== "string" || token.length > MAX_TOKEN) throw refuse();
  let header;
  try {
    header = decodeProtectedHeader(token);
  } catch (error) {
    throw refuse(error);
  }
  const { kid, alg, typ } = header;
  if (typeof kid !== "string" || kid.length > MAX_KID || typeof alg !== "string" || !ALGORITHMS.has(alg)) throw refuse();
  if (typeof typ !== "string" || !/^(application\/)?at\+jwt$/i.test(typ)) throw refuse();
  return { kid, alg };
}

/** The token of a header (RFC 6750 §2.1). Another scheme is an absent token. */
function tokenOf(authorization: string | null | undefined): string {
  const [scheme = "", token, ...more] = (authorization ?? "").trim().split(/[ \t]+/);
  // No registered scheme has a dot in its name, every token has two.
  if (token === undefined && scheme.includes(".")) throw new Refusal("invalid_request");
  if (scheme.toLowerCase() !== "bearer" || token === undefined) throw new Refusal("token_missing");
  if (more.length > 0 || token.includes(",")) throw new Refusal("invalid_request");
  return token;
}

function allow(claims: AccessClaims, { roles, scopes, maxAge }: Requirements, clockTolerance: number): void {
  if (maxAge !== undefined) {
    const oldest = Date.now() / 1000 - maxAge - clockTolerance;
    if ((claims.auth_time ?? -Infinity) < oldest) throw new Refusal("insufficient_user_authentication", { maxAge });
  }
  if (roles && !roles.some((role) => claims.roles?.includes(role))) throw new Refusal("insufficient_scope");
  const covered = claims.scope?.split(" ") ?? [];
  if (scopes && !scopes.every((scope) => covered.includes(scope))) {
    throw new Refusal("insufficient_scope", { scope: scopes.join(" ") });
  }
}
