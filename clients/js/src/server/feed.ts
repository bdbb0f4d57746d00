import type { AccessClaims } from "./claims.js";
import { ask, elapsed, isObject, Useless, type Transport } from "./outbound.js";
import { Refusal } from "./refusal.js";
import { pageOf, Revoked, type Page } from "./revoked.js";

/** A client of the service that may read the feed. */
export interface Credentials {
  clientId: string;
  clientSecret: string;
}

/** Times are in milliseconds. */
export interface FeedLimits {
  /** How long a question waits at the service for news; in whole seconds. */
  wait: number;
  /** How old the last answer may be before nobody can tell what is revoked. */
  maxLag: number;
  /** For an answer, beside the time it waits for news. */
  timeout: number;
  /** How old an answer may be before a check asks again; nothing where the feed is followed in the background. */
  askAfter: number | undefined;
}

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;

/** The revocations of the service, followed over `GET /revocations` and kept in memory. */
export class Feed {
  readonly #service: string;
  readonly #credentials: Credentials;
  readonly #limits: FeedLimits;
  readonly #transport: Transport;
  readonly #tell: (failure?: Error) => void;
  readonly #revoked = new Revoked();
  readonly #closed = new AbortController();
  #token: string | undefined;
  #since = 0;
  /** Whether the service had no more when it was last asked. */
  #isComplete = false;
  /** Whether the service has begun anew since then, as after a restored back-up. */
  #isAnew = false;
  /** When the last answer that completed the picture was asked for. */
  #completeAt = -Infinity;
  #failure: Error | undefined;
  #pause = FIRST_PAUSE;
  #askAgainAt = -Infinity;
  #reading: Promise<void> | undefined;
  /** Ends with the first picture, or the first failure to get one. */
  #first: Promise<void>;

  constructor(
    service: string,
    credentials: Credentials,
    limits: FeedLimits,
    transport: Transport,
    tell: (failure?: Error) => void,
  ) {
    this.#service = service;
    this.#credentials = credentials;
    this.#limits = limits;
    this.#transport = transport;
    this.#tell = tell;
    this.#first = limits.askAfter === undefined ? this.#begin() : Promise.resolve();
  }

  /** Throws a `Refusal` where the token was revoked, and where that cannot be told. */
  async check(claims: AccessClaims): Promise<void> {
    await this.#first;
    await this.#askIfOld();
    if (this.#revoked.has(claims)) throw new Refusal("token_revoked");
    if (!this.#isFresh()) throw new Refusal("revocation_stale", { cause: this.#failure });
  }

  /** Resolves once it can be told what is revoked; rejects with why it cannot. */
  async ready(): Promise<void> {
    await this.#first;
    await this.#askIfOld();
    if (!this.#isFresh()) throw this.#failure ?? new Error("the feed was closed");
  }

  close(): void {
    this.#closed.abort();
  }

  #isFresh(): boolean {
    return elapsed() - this.#completeAt <= this.#limits.maxLag;
  }

  /** Asks before a check, where nothing goes on between requests. */
  async #askIfOld(): Promise<void> {
    const { askAfter } = this.#limits;
    if (askAfter === undefined) return;
    const now = elapsed();
    if (now - this.#completeAt <= askAfter || now < this.#askAgainAt || this.#closed.signal.aborted) return;
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
  }

  async #readAll(): Promise<void> {
    this.#isComplete = false;
    while (!this.#isComplete) {
      if (await this.#stepOrFail()) continue;
      this.#askAgainAt = elapsed() + this.#pause;
      this.#lengthenPause();
      return;
    }
  }

  #begin(): Promise<void> {
    return new Promise((resolve) => {
      void this.#follow(resolve);
    });
  }

  async #follow(isBegun: () => void): Promise<void> {
    while (!this.#closed.signal.aborted) {
      const asked = elapsed();
      const before = this.#since;
      const isWaiting = this.#isComplete;
      const isDone = await this.#stepOrFail();
      if (!isDone || this.#isComplete) isBegun();
      if (!isDone) {
        await this.#sleep(this.#pause);
        this.#lengthenPause();
      } else if (isWaiting && this.#since === before && elapsed() - asked < FIRST_PAUSE) {
        // A service that does not wait, or a proxy that does not let it, is not asked without a pause.
        await this.#sleep(FIRST_PAUSE);
      }
    }
    isBegun();
  }

  #lengthenPause(): void {
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE);
  }

  /** Whether a page was read. An access token that has expired is replaced, and the page asked for again. */
  async #stepOrFail(): Promise<boolean> {
    try {
      const isRead = await this.#step();
      if (!isRead && !(await this.#step())) throw new Useless(`${this.#service} refused the feed's access token`);
      this.#pause = FIRST_PAUSE;
      return true;
    } catch (error) {
      this.#isComplete = false;
      if (this.#closed.signal.aborted) return false;
      this.#failure = error as Error;
      this.#tell(this.#failure);
      return false;
    }
  }

  /** Reads one page; false where the access token was refused. */
  async #step(): Promise<boolean> {
    const { wait, timeout, askAfter } = this.#limits;
    this.#token ??= await this.#signIn();
    const asked = elapsed();
    const waiting = this.#isComplete && askAfter === undefined ? wait : 0;
    const answer = await ask(this.#transport, {
      url: `${this.#service}/revocations?since=${this.#since}&wait=${waiting / 1000}`,
      headers: { authorization: `Bearer ${this.#token}` },
      timeout: waiting + timeout,
      signal: this.#closed.signal,
    });
    if (answer.status === 401) {
      this.#token = undefined;
      return false;
    }
    if (answer.status === 403) throw new Useless("the client has not the scope revocations:read");
    if (answer.status !== 200) throw new Useless(`${this.#service}/revocations answered with status ${answer.status}`);
    const page = pageOf(answer.body);
    if (!page) throw new Useless(`${this.#service}/revocations did not answer with a page of the feed`);
    this.#heed(page);
    this.#revoked.takeIn(page);
    if (page.more) return true;
    this.#isAnew = false;
    // Every revocation from before the question is in the set now.
    this.#completeAt = asked;
    this.#failure = undefined;
    const wasComplete = this.#isComplete;
    this.#isComplete = true;
    if (!wasComplete && askAfter === undefined) this.#tell();
    return true;
  }

  /** Goes on to where a page leads. One that leads nowhere would be asked for without end. */
  #heed(page: Page): void {
    const isSame = page.next === this.#since && !page.more && page.entries.length === 0;
    // Lower numbers are from before a back-up was restored: the follower begins anew, once.
    const isBack = page.next < this.#since && !this.#isAnew;
    if (isBack) this.#isAnew = true;
    if (page.next <= this.#since && !isSame && !isBack) {
      throw new Useless(`${this.#service}/revocations leads no further than the page before`);
    }
    this.#since = page.next;
  }

  /** Gets an access token (RFC 6749 §4.4). */
  async #signIn(): Promise<string> {
    const { clientId, clientSecret } = this.#credentials;
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      scope: "revocations:read",
      client_id: clientId,
      client_secret: clientSecret,
    });
    const url = `${this.#service}/oauth/token`;
    const answer = await ask(this.#transport, {
      url,
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: form.toString(),
      timeout: this.#limits.timeout,
      signal: this.#closed.signal,
    });
    if (answer.status === 401) throw new Useless("the service does not know the client, or its secret is wrong");
    if (answer.status === 400) throw new Useless("the client has not the scope revocations:read");
    if (answer.status !== 200) throw new Useless(`${url} answered with status ${answer.status}`);
    const token = isObject(answer.body) ? answer.body["access_token"] : undefined;
    if (typeof token !== "string") throw new Useless(`${url} did not answer with a token`);
    return token;
  }

  /** Waits, or until the feed is closed. */
  #sleep(milliseconds: number): Promise<void> {
    const { signal } = this.#closed;
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      const timer = setTimeout(wake, milliseconds);
      signal.addEventListener("abort", wake);
    });
  }
}
