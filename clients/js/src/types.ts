/** What the package takes and gives: the types of its core. */

/** Where a program keeps tokens, such as `sessionStorage`. What its methods return may be a promise. */
export interface TokenStorage {
  getItem(key: string): string | null | Promise<string | null>;
  setItem(key: string, value: string): void | Promise<void>;
  removeItem(key: string): void | Promise<void>;
}

export interface JetonOptions {
  /** The service's `--issuer`: https, or http on this machine. Behind one origin with the page: `location.origin`. */
  issuer: string;
  /**
   * How the tokens travel: in cookies that no script reads (the default in a browser), or as bearer tokens that the
   * client holds (the default elsewhere).
   */
  mode?: "cookie" | "bearer";
  /** Origins beside the issuer's whose requests get the token, or the CSRF token, too. */
  origins?: readonly string[];
  /** Keeps bearer tokens over a reload. Without one they are in memory alone. */
  storage?: TokenStorage;
  /** Seconds that a request waits while the service is away; 30 unless said. */
  wait?: number;
  /** Seconds that one answer of the service may take; 10 unless said. */
  timeout?: number;
  /** Seconds before the session's end at which `expiring` is told; 120 unless said. */
  warn?: number;
}

/** A signal that ends the waiting. What was sent may have been done nevertheless. */
export interface CallOptions {
  signal?: AbortSignal | null | undefined;
}

export interface Credentials {
  username: string;
  password: string;
}

export interface Registration extends Credentials {
  email?: string;
}

export interface RegisteredUser {
  id: string;
  username: string;
}

/** A user as they see themselves. */
export interface User {
  id: string;
  username: string;
  email: string | null;
  roles: string[];
}

/** A live session. Times are seconds since 1970, by the service's clock. */
export interface SessionEntry {
  id: string;
  /** Such as "Firefox on Linux". */
  device: string;
  created_at: number;
  last_seen_at: number;
  expires_at: number;
  ends_at: number;
  /** Whether it is this one. */
  current: boolean;
  /** The administrator who opened it in the user's name. */
  opened_by?: string;
}

/** Which sessions end: this one, every other, or every one. */
export type LogoutScope = "session" | "others" | "all";

/**
 * Why nobody is signed in any more: as the service says it, and where it says nothing the code of its error, such as
 * `token_missing` when the cookies are gone.
 */
export type SignedOutReason =
  | "logout"
  | "expired"
  | "ended_by_owner"
  | "replaced"
  | "too_many"
  | "reuse"
  | "password_changed"
  | "password_reset"
  | "admin"
  | "disabled"
  | "deleted"
  | "token_missing"
  | (string & {});

/** The session as this page knows it; a new object with every change. */
export interface SessionState {
  /** `unknown` until {@link Jeton.user} or a request has asked. */
  readonly status: "unknown" | "in" | "out";
  readonly userId: string | undefined;
  /** Why, when the status is `out` and somebody was signed in before. */
  readonly reason: SignedOutReason | undefined;
  /** Whether the session's end is near. */
  readonly expiring: boolean;
  /** Whether that end is the last one: no renewal moves it. */
  readonly final: boolean;
  /** Seconds until the session ends; `Infinity` while that is not known. */
  endsIn(): number;
}

/** The events and what each tells. */
export interface JetonEvents {
  signedin: { userId: string; endsIn: number };
  signedout: { reason: SignedOutReason };
  /** The session's end is near; `final` when no renewal moves it. */
  expiring: { endsIn: number; final: boolean };
  renewed: { userId: string; endsIn: number };
  /** {@link Jeton.state} is another object now. */
  change: SessionState;
}

/** One question that {@link Jeton.explain} asked. */
export interface Check {
  name: string;
  ok: boolean;
  /** What was found, and how to mend it. */
  message: string;
}

export interface Jeton {
  readonly mode: "cookie" | "bearer";
  /** Makes an account. Nobody is signed in by it. */
  register(registration: Registration, options?: CallOptions): Promise<RegisteredUser>;
  /** Signs in, and tells every tab. */
  login(credentials: Credentials, options?: CallOptions): Promise<void>;
  /** Signs out, and tells every tab. Nothing is renewed from then on. */
  logout(scope?: LogoutScope, options?: CallOptions): Promise<void>;
  /** Who is signed in, as the service has it now; `null` when nobody is. */
  user(options?: CallOptions): Promise<User | null>;
  /** Where the user is signed in, the newest first. */
  sessions(options?: CallOptions): Promise<SessionEntry[]>;
  /** Ends one of the user's sessions. */
  endSession(id: string, options?: CallOptions): Promise<void>;
  /** Every session ends, and a new one opens here. */
  changePassword(current: string, next: string, options?: CallOptions): Promise<void>;
  /**
   * As the platform's `fetch`, with the token or the CSRF token for the issuer and the named origins alone. It renews
   * before the token's end or after one 401, and waits while the service is away.
   */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
  /** Moves the session's end: "stay signed in". Whoever calls at the same time shares one renewal. */
  renew(options?: CallOptions): Promise<void>;
  /** Calls `listener` with each event of this name, until the function it gives is called. */
  on<K extends keyof JetonEvents>(name: K, listener: (event: JetonEvents[K]) => void): () => unknown;
  state(): SessionState;
  /** Asks what may be wrong with the set-up or the session, question by question. */
  explain(options?: CallOptions): Promise<Check[]>;
}
