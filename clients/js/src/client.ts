import { JetonError } from "./error.js";
import { joinTabs } from "./tabs.js";
import { countdown, unless } from "./time.js";
import type {
  CallOptions,
  Jeton,
  JetonEvents,
  JetonOptions,
  LogoutScope,
  SessionState,
  SignedOutReason,
  User,
} from "./types.js";
import { foreign, patiently, read, send, trusted } from "./wire.js";

/** What is known of a session: a token body of the service, or a part of it, and when it was told. */
interface Grant {
  user_id: string;
  access_token?: string;
  refresh_token?: string;
  csrf_token?: string;
  expires_in?: number;
  refresh_expires_in?: number;
  at: number;
}

/** What other tabs are told: a session that opened or went on, without its tokens, or sign-outs. */
interface News {
  grant?: Grant | false;
  out?: LogoutScope;
  user?: string | undefined;
  reason?: SignedOutReason;
}

/** Seconds in which a token is not good enough any more, if it has many. */
const MOMENTS = 8;

/** How long a timer may sleep: a machine that wakes finds out soon after. */
const NAP = 30;

/** A client of one service. Make one for the whole program. */
export function createJeton(options: JetonOptions): Jeton {
  const { storage, wait = 30, timeout = 10, warn = 120, issuer, origins = [] } = options;
  const mode = options.mode ?? (typeof document === "object" ? "cookie" : "bearer");
  const inCookies = mode === "cookie";
  const base = trusted(issuer).href.replace(/\/$/, "");
  const mayHaveTokens = [issuer, ...origins].map((text) => trusted(text).origin);
  /** Whether the tabs of this origin have one session between them. */
  const shared = inCookies || !!storage;
  const key = `jeton ${base} ${mode} ${shared}`;

  const listeners: { [K in keyof JetonEvents]?: Set<(event: JetonEvents[K]) => void> } = {};
  let state = {} as SessionState;
  let grant: Grant | undefined;
  let csrf: string | undefined;
  let accessLeft = countdown();
  /** Another one for every grant and sign-out, by which they are told apart. */
  let sessionLeft = countdown();
  /** The longest that a renewal has given, which tells a last end from one that moves. */
  let longest = 0;
  let renewing: Promise<void> | undefined;
  let abandon = new AbortController();
  /** A sign-in or sign-out that a renewal waits for. */
  let moving: Promise<unknown> | undefined;
  let timer: ReturnType<typeof setTimeout>;

  /** A listener that throws stops nobody else. */
  const emit = <K extends keyof JetonEvents>(name: K, event: JetonEvents[K]) =>
    listeners[name]?.forEach(async (listener) => listener(event));

  const become = (status: SessionState["status"], reason?: SignedOutReason, expiring = false, final = false) => {
    state = { status, userId: grant?.user_id, reason, expiring, final, endsIn: sessionLeft };
    emit("change", state);
  };

  /** Takes over a session, or that there is none any more. */
  const adopt = (next?: Grant, reason?: SignedOutReason) => {
    const { user_id: userId, csrf_token, expires_in, refresh_expires_in = 0, at } = next ?? ({} as Partial<Grant>);
    const { status, userId: before } = state;
    const isSame = before === userId;
    grant = next;
    csrf = csrf_token;
    accessLeft = countdown(expires_in, at);
    sessionLeft = countdown(refresh_expires_in || Infinity, at);
    longest = Math.max(isSame ? longest : 0, refresh_expires_in);
    if (userId) {
      become("in");
      emit(isSame ? "renewed" : "signedin", { userId, endsIn: sessionLeft() });
      watch();
    } else {
      abandon.abort();
      if (status !== "in") reason = undefined;
      become("out", reason);
      if (reason) emit("signedout", { reason });
    }
  };

  const tabs = joinTabs<News>(key, (news) => {
    if (news.grant) adopt(news.grant);
    else if (!news.out) load();
    else if (state.status === "in" && (shared ? news.out !== "others" : news.out !== "session" && news.user === state.userId))
      adopt(undefined, news.reason);
  });

  /** A storage that is full or forbidden leaves the session in memory. */
  const keep = async (next?: Grant) => {
    try {
      await (next ? storage?.setItem(key, JSON.stringify(next)) : storage?.removeItem(key));
    } catch {}
  };

  /** Reads what the storage has: another tab may have renewed, or signed out. */
  const load = async () => {
    if (!storage) return;
    let found: Grant | undefined;
    try {
      found = JSON.parse((await storage.getItem(key))!);
    } catch {}
    if (!found?.user_id) adopt(undefined, "logout");
    else if (found.access_token !== grant?.access_token) adopt(found);
  };

  /** Takes over what an answer of the service grants, keeps it, and tells the other tabs. */
  const receive = async (body: Grant) => {
    if (!body.user_id) throw foreign(base);
    const next = { ...body, at: Date.now() };
    adopt(next);
    await keep(next);
    // There are no tokens in it in cookie mode, and elsewhere they are in the storage.
    tabs.tell({ grant: inCookies && next });
  };

  /** Ends sessions here and in other tabs. */
  const end = async (reason: SignedOutReason, out: LogoutScope = "session") => {
    const user = state.userId;
    if (out !== "others") {
      adopt(undefined, reason);
      await keep();
    }
    tabs.tell({ out, user, reason });
  };

  const isOut = () => state.status === "out";

  /** Watches the session's end. What the clocks say is only a reason to ask. */
  const watch = () => {
    clearTimeout(timer);
    const endsIn = sessionLeft();
    if (state.status !== "in") return;
    const warning = Math.min(warn, longest / 2);
    if (endsIn <= warning && !state.expiring) {
      // The last renewal gave less than one before.
      const final = longest - grant!.refresh_expires_in! > 1;
      become("in", undefined, true, final);
      emit("expiring", { endsIn, final });
    }
    if (endsIn < -1) renew().catch(() => {});
    const next = endsIn > warning ? endsIn - warning : endsIn > -1 ? endsIn + 1.1 : NAP;
    timer = setTimeout(watch, Math.min(next, NAP) * 1000);
    (timer as { unref?: () => void }).unref?.();
  };

  /** A request to a route of the service. */
  const request = (path: string, { signal = null }: CallOptions = {}, method = "GET", body?: unknown) =>
    new Request(base + path, {
      signal,
      method,
      body: body ? JSON.stringify(body) : null,
      headers: body ? { "content-type": "application/json" } : {},
    });

  /** Sends a request with what proves the session: cookies and the CSRF token, or the access token. */
  const prove = (plain: Request, limit?: number) => {
    const headers = new Headers(plain.headers);
    const name = inCookies ? "x-csrf-token" : "authorization";
    const value = inCookies ? !isSafe(plain) && csrf : grant && `Bearer ${grant.access_token}`;
    if (value && !headers.has(name)) headers.set(name, value);
    const credentials = inCookies ? "include" : plain.credentials;
    return send(new Request(plain.clone(), { headers, credentials, redirect: "manual" }), limit);
  };

  /** Asks a route of the service: once, or as often as it takes. */
  const ask = async (how: typeof prove, ...route: Parameters<typeof request>) => {
    const plain = request(...route);
    try {
      return await read(await how(plain, timeout));
    } catch (cause) {
      if (cause instanceof JetonError || plain.signal.aborted) throw cause;
      throw new JetonError("unreachable", `${base} does not answer`, { cause });
    }
  };

  const post = (path: string, options: CallOptions | undefined, body: unknown) => ask(prove, path, options, "POST", body);

  const needCsrf = async (options: CallOptions) => {
    if (inCookies) csrf ??= (await ask(prove, "/csrf", options)).csrf_token;
  };

  /** Exchanges the refresh token, for however many wait. Only the service's word ends the session. */
  const exchange = async (isFirst = true): Promise<void> => {
    const seen = sessionLeft;
    await moving?.catch(() => {});
    await tabs.quiet();
    await load();
    const options = (abandon = new AbortController());
    const attempt = async () => {
      // Another tab has renewed, or somebody has signed in or out.
      if (seen !== sessionLeft) return;
      tabs.tell(true);
      await needCsrf(options);
      const body = await post("/refresh", options, { refresh_token: grant?.refresh_token });
      if (seen === sessionLeft) await receive(body);
    };
    try {
      await patiently(attempt, wait, options.signal);
    } catch (error) {
      const { code, reason } = error as JetonError;
      if (options.signal.aborted) await moving?.catch(() => {});
      else if (code === "csrf_failed" && isFirst) {
        csrf = undefined;
        return exchange(false);
      } else {
        if (seen === sessionLeft && isTokenTrouble(code)) await end(reason ?? (sessionLeft() > 0 ? code : "expired"));
        throw error;
      }
    } finally {
      tabs.tell(false);
    }
    if (isOut()) throw signedOut();
  };

  const renew = async ({ signal }: CallOptions = {}) => {
    if (isOut()) throw signedOut();
    renewing ??= exchange().finally(() => (renewing = undefined));
    return unless(signal, renewing);
  };

  /** Sends with proof, renews once if need be, and repeats what is safe to repeat while the service is away. */
  const guarded = (plain: Request, limit?: number): Promise<Response> => {
    const { signal } = plain;
    let mended = false;
    let isRepeatable: boolean;
    const attempt = async (): Promise<Response> => {
      if (state.status === "unknown") await load();
      if (!isOut()) {
        // A token in its last moments may be late where it goes.
        if (accessLeft() < Math.min(grant?.expires_in! / 20, MOMENTS)) await renew(plain);
        if (!isSafe(plain)) await needCsrf(plain).catch(() => {});
      }
      const seen = sessionLeft;
      const user = state.userId;
      // What is sent while there is no network has no effect.
      isRepeatable = isSafe(plain) || globalThis.navigator?.onLine === false;
      const response = await prove(plain, limit);
      if (isOut() || !(await isRefused(response))) return response;
      // One renewal is this request's own. Others may renew as often as they like meanwhile.
      if (seen === sessionLeft) {
        if (mended && accessLeft() > 0) return response;
        mended = true;
        await renew(plain).catch((error) => {
          if (!isOut()) throw error;
        });
      }
      // What one person's page asks is not asked in another's name.
      return user && user !== state.userId ? response : attempt();
    };
    return patiently(attempt, wait, signal, () => isRepeatable);
  };

  /** Whether a renewal may mend what an answer refuses. */
  const isRefused = async (response: Response) => {
    if (!/40[13]/.test(`${response.status}`)) return false;
    const { error } = await response.clone().json().catch(() => ({}));
    const isForged = error === "csrf_failed";
    if (isForged) csrf = undefined;
    return isForged || (response.status === 401 && (!error || isTokenTrouble(error)));
  };

  /** Signs in or out while nothing is renewed, here or in other tabs. */
  const move = <T>(act: () => Promise<T>): Promise<T> => {
    abandon.abort();
    tabs.tell(true);
    const moved = act().finally(() => tabs.tell(false));
    moving = moved;
    return moved;
  };

  const user = async (options?: CallOptions): Promise<User | null> => {
    if (isOut()) return null;
    try {
      const { csrf_token, refresh_expires_in, ...found } = await ask(guarded, "/profile", options);
      if (found.id !== grant?.user_id) adopt({ user_id: found.id, csrf_token, refresh_expires_in, at: Date.now() });
      return found;
    } catch (error) {
      if (isOut()) return null;
      throw error;
    }
  };

  become(shared ? "unknown" : "out");
  globalThis.addEventListener?.("visibilitychange", watch);

  const jeton: Jeton = {
    mode,
    user,
    renew,
    register: async (registration, options) => (await post("/register", options, registration)).user,
    login: ({ username, password }, options) =>
      move(async () => receive(await post("/login", options, { username, password, cookies: inCookies }))),
    logout: (scope = "session", options = {}) =>
      move(async () => {
        await load();
        if (isOut()) return;
        const act = async () => {
          await needCsrf(options);
          return post("/logout", options, { scope, refresh_token: grant?.refresh_token });
        };
        let over: unknown;
        await patiently(act, wait, options.signal).catch((error: JetonError) => {
          if (!isTokenTrouble(error.code)) throw error;
          over = error;
        });
        await end("logout", over ? "session" : scope);
        // That this session is over already may be all that was asked for.
        if (over && scope !== "session") throw over;
      }),
    sessions: async (options) => (await ask(guarded, "/sessions", options)).sessions,
    endSession: (id, options) => ask(guarded, `/sessions/${encodeURIComponent(id)}`, options, "DELETE"),
    async changePassword(current_password, new_password, options = {}) {
      // Nothing may be renewed while the password changes.
      await user(options);
      await move(async () => {
        await needCsrf(options);
        await receive(await post("/password", options, { current_password, new_password }));
      });
    },
    async fetch(input, init) {
      const plain = new Request(input, init);
      return mayHaveTokens.includes(new URL(plain.url).origin) ? guarded(plain) : fetch(plain);
    },
    on(name, listener) {
      const all = (listeners[name] ??= new Set<any>()).add(listener);
      return () => all.delete(listener);
    },
    state: () => state,
    explain: async (options) => (await import("./explain.js")).explain(jeton, base, options),
  };
  return jeton;
}

const isSafe = ({ method }: Request) => /^(GET|HEAD|OPTIONS)$/.test(method);

/** Whether a code says that the token is the trouble, and not what was asked. */
const isTokenTrouble = (code: string) => /^(token_|invalid_token)/.test(code);

const signedOut = () => new JetonError("signed_out", "Nobody is signed in", { status: 401 });
