import { type ErrorCode, JetonError } from "./error.js";
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
type News = { grant: Grant } | { out: LogoutScope; user: string | undefined; reason: SignedOutReason };

/** How long a timer may sleep: a machine that wakes finds out soon after. */
const NAP = 30;

/** A client of one service. Make one for the whole program. */
export function createJeton(options: JetonOptions): Jeton {
  const { storage, wait = 30, timeout = 10, warn = 120 } = options;
  const inBrowser = typeof document === "object";
  const mode = options.mode ?? (inBrowser ? "cookie" : "bearer");
  const inCookies = mode === "cookie";
  const issuer = trusted(options.issuer);
  const base = issuer.href.replace(/\/$/, "");
  const origins = [issuer, ...(options.origins ?? []).map(trusted)].map((url) => url.origin);
  /** Whether the tabs of this origin have one session between them. */
  const shared = inCookies || !!storage;
  const key = `jeton ${base}${shared ? " " + mode : ""}`;

  const events = new EventTarget();
  let state = {} as SessionState;
  let grant: Grant | undefined;
  let csrf: string | undefined;
  let accessLeft = countdown();
  let sessionLeft = countdown();
  /** The longest that a renewal has given, which tells a last end from one that moves. */
  let longest = 0;
  /** Another number for every grant and sign-out. */
  let version = 0;
  let renewing: Promise<void> | undefined;
  let abandon = new AbortController();
  /** A sign-in or sign-out that a renewal waits for. */
  let moving: Promise<unknown> | undefined;
  let timer: ReturnType<typeof setTimeout>;

  const emit = <K extends keyof JetonEvents>(name: K, detail: JetonEvents[K]) =>
    events.dispatchEvent(new CustomEvent(name, { detail }));

  const become = (status: SessionState["status"], reason?: SignedOutReason, expiring = false, final = false) => {
    state = { status, userId: grant?.user_id, reason, expiring, final, endsIn: sessionLeft };
    emit("change", state);
  };

  /** Takes over a session, or that there is none any more. */
  const adopt = (next?: Grant, reason?: SignedOutReason) => {
    const { status, userId: before } = state;
    const userId = next?.user_id;
    const isSame = before === userId;
    version++;
    grant = next;
    csrf = next && (next.csrf_token ?? csrf);
    accessLeft = countdown(next?.expires_in, next?.at);
    sessionLeft = countdown(next?.refresh_expires_in, next?.at);
    longest = Math.max(isSame ? longest : 0, next?.refresh_expires_in ?? 0);
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
    if ("grant" in news) {
      if (storage) load();
      else if (inCookies) adopt(news.grant);
    } else if (isIn() && (shared ? news.out !== "others" : news.out !== "session" && news.user === grant?.user_id))
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
    let found: Grant | undefined;
    try {
      found = JSON.parse((await storage!.getItem(key))!);
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
    const { token, access_token, refresh_token, ...told } = next as Grant & { token?: string };
    tabs.tell({ grant: told });
  };

  const end = async (reason: SignedOutReason, out: LogoutScope = "session") => {
    const user = grant?.user_id;
    adopt(undefined, reason);
    await keep();
    tabs.tell({ out, user, reason });
  };

  const isIn = () => state.status === "in";
  const isOut = () => state.status === "out";

  /** Watches the session's end. What the clocks say is only a reason to ask. */
  const watch = () => {
    clearTimeout(timer);
    const endsIn = sessionLeft();
    if (!isIn() || endsIn === Infinity) return;
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
      ...(body ? { body: JSON.stringify(body), headers: { "content-type": "application/json" } } : {}),
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

  const needCsrf = async (options: CallOptions) => {
    if (inCookies) csrf ??= (await ask(prove, "/csrf", options)).csrf_token;
  };

  /** Exchanges the refresh token, for however many wait. Only the service's word ends the session. */
  const exchange = async () => {
    const seen = version;
    await moving?.catch(() => {});
    await tabs.quiet();
    if (storage) await load();
    const options = (abandon = new AbortController());
    const { signal } = options;
    const attempt = async (): Promise<void> => {
      // Another tab has renewed, or somebody has signed in or out.
      if (seen !== version) return;
      tabs.busy(true);
      try {
        await needCsrf(options);
        const { refresh_token } = grant ?? {};
        if (!inCookies && !refresh_token) throw signedOut("token_missing");
        const body = await ask(prove, "/refresh", options, "POST", { refresh_token });
        if (seen === version) await receive(body);
      } catch (error) {
        const { code, reason } = error as JetonError;
        if (code === "csrf_failed" && csrf) {
          csrf = undefined;
          return attempt();
        }
        if (seen === version && isTokenTrouble(code))
          await end(reason ?? (sessionLeft() <= 0 ? "expired" : code.replace(/_?token_?/, "")));
        throw error;
      }
    };
    try {
      await patiently(attempt, wait, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      await moving?.catch(() => {});
    } finally {
      tabs.busy(false);
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
    let wasOffline = false;
    const attempt = async (): Promise<Response> => {
      if (storage && state.status === "unknown") await load();
      if (!isOut()) {
        // A token that is still good is not waited for.
        const margin = Math.min((grant?.expires_in ?? 0) / 5, NAP);
        const left = accessLeft();
        if (left < margin / 4) await renew(plain);
        else if (left < margin) renew().catch(() => {});
        if (!isSafe(plain)) await needCsrf(plain);
      }
      const seen = version;
      const user = grant?.user_id;
      wasOffline = globalThis.navigator?.onLine === false;
      const response = await prove(plain, limit);
      if (mended || isOut() || !(await isRefused(response))) return response;
      mended = true;
      try {
        if (seen === version) await renew(plain);
      } catch (error) {
        if (isOut()) return response;
        throw error;
      }
      // What one person's page asks is not asked in another's name.
      return user && user !== grant?.user_id ? response : attempt();
    };
    return patiently(attempt, wait, signal, () => isSafe(plain) || wasOffline);
  };

  /** Whether a renewal may mend what an answer refuses. */
  const isRefused = async (response: Response) => {
    const is401 = response.status === 401;
    if (!is401 && response.status !== 403) return false;
    const { error } = await response.clone().json().catch(() => ({}));
    const isForged = error === "csrf_failed";
    if (isForged) csrf = undefined;
    return isForged || (is401 && (!error || isTokenTrouble(error)));
  };

  /** Signs in or out while nothing is renewed, here or in other tabs. */
  const move = <T>(act: () => Promise<T>): Promise<T> => {
    abandon.abort();
    tabs.busy(true);
    const moved = act().finally(() => tabs.busy(false));
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
  if (inBrowser) document.addEventListener("visibilitychange", watch);

  return {
    mode,
    user,
    renew,
    register: async (registration, options) => (await ask(prove, "/register", options, "POST", registration)).user,
    login: ({ username, password }, options) =>
      move(async () => receive(await ask(prove, "/login", options, "POST", { username, password, cookies: inCookies }))),
    logout: (scope = "session", options = {}) =>
      move(async () => {
        if (storage) await load();
        if (isOut()) return;
        const act = async () => {
          await needCsrf(options);
          return ask(prove, "/logout", options, "POST", { scope, refresh_token: grant?.refresh_token });
        };
        try {
          await patiently(act, wait, options.signal);
        } catch (error) {
          if (!isTokenTrouble((error as JetonError).code)) throw error;
          // The session is over already, which may be all that was asked for.
          await end("logout");
          if (scope !== "session") throw error;
        }
        if (scope === "others") tabs.tell({ out: scope, user: grant?.user_id, reason: "logout" });
        else if (!isOut()) await end("logout", scope);
      }),
    sessions: async (options) => (await ask(guarded, "/sessions", options)).sessions,
    endSession: (id, options) => ask(guarded, `/sessions/${encodeURIComponent(id)}`, options, "DELETE"),
    async changePassword(current_password, new_password, options = {}) {
      // Nothing may be renewed while the password changes.
      await user(options);
      await move(async () => {
        await needCsrf(options);
        await receive(await ask(prove, "/password", options, "POST", { current_password, new_password }));
      });
    },
    async fetch(input, init) {
      const plain = new Request(input, init);
      return origins.includes(new URL(plain.url).origin) ? guarded(plain) : fetch(plain);
    },
    on(name, listener) {
      const hear = (event: Event) => listener((event as CustomEvent).detail);
      events.addEventListener(name, hear);
      return () => events.removeEventListener(name, hear);
    },
    state: () => state,
    explain: async (options) =>
      (await import("./explain.js")).explain({ base, mode, state, timeout, access: grant?.access_token }, options),
    close() {
      abandon.abort();
      clearTimeout(timer);
      tabs.close();
      if (inBrowser) document.removeEventListener("visibilitychange", watch);
    },
  };
}

const isSafe = ({ method }: Request) => /^(GET|HEAD|OPTIONS)$/.test(method);

/** Whether a code says that the token is the trouble, and not what was asked. */
const isTokenTrouble = (code: string) => /^(token_|invalid_token)/.test(code);

const signedOut = (code: ErrorCode = "signed_out") => new JetonError(code, "Nobody is signed in", { status: 401 });
