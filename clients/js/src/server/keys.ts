import { importJWK, type CryptoKey, type JWK } from "jose";
import { ask, elapsed, isObject, Useless, type Transport } from "./outbound.js";
import { Refusal } from "./refusal.js";

/** Times are in milliseconds. */
export interface KeyLimits {
  /** For a whole fetch; no request waits longer. */
  timeout: number;
  /** How long until another look-up of unknown keys is free. */
  cooldown: number;
  /** How often the keys are fetched from a service that does not say for how long they are fresh. */
  refreshEvery: number;
  /** How long keys are relied on when no fetch succeeds. */
  keepFor: number;
}

/** A public key with the one algorithm it is for. */
export interface Key {
  alg: string;
  key: CryptoKey;
}

/** How many look-ups are saved up: one for a rotation is left after a few strangers. */
const SAVED = 5;

/** How many names are remembered that were looked for. */
const REMEMBERED = 256;

/** The first pause after a failed fetch; it doubles up to the cooldown. */
const FIRST_PAUSE = 1000;

/** The published keys of the service, fetched when they are needed and kept. */
export class Keys {
  readonly #url: string;
  readonly #limits: KeyLimits;
  readonly #transport: Transport;
  readonly #tell: (failure?: Error) => void;
  #keys = new Map<string, Key>();
  #etag: string | null = null;
  #goodUntil = -Infinity;
  #due = -Infinity;
  #freshFor = 0;
  #flight: Promise<void> | undefined;
  #failures = 0;
  #failure: Error | undefined;
  #askAgainAt = -Infinity;
  /** When all look-ups are free again. */
  #allFreeAt = -Infinity;
  /** Names that the last fetches did not bring, and until when they are not looked for again. */
  readonly #unknown = new Map<string, number>();

  constructor(url: string, limits: KeyLimits, transport: Transport, tell: (failure?: Error) => void) {
    this.#url = url;
    this.#limits = limits;
    this.#transport = transport;
    this.#tell = tell;
  }

  /**
   * The key of a name; none where the service was asked after the question and does not have it. Throws a `Refusal` where
   * that cannot be known.
   */
  async find(kid: string): Promise<Key | undefined> {
    await this.#refreshIfDue();
    const known = this.#known(kid);
    if (known) return known;
    // A fetch under way may have begun before the key was published.
    if (this.#flight) {
      await this.#flight;
      const brought = this.#known(kid);
      if (brought) return brought;
    }
    const now = elapsed();
    if (this.#isGood() && (this.#unknown.get(kid) ?? -Infinity) > now) return undefined;
    if (!this.#flight && (now < this.#askAgainAt || !this.#takeLookUp(now))) {
      throw new Refusal("keys_unavailable", { cause: this.#failure ?? new Error("no look-up is free") });
    }
    await this.#fetch();
    if (this.#failure) throw new Refusal("keys_unavailable", { cause: this.#failure });
    const found = this.#keys.get(kid);
    if (!found) this.#note(kid, now);
    return found;
  }

  /** Fetches now, unless there are keys to rely on. */
  async ready(): Promise<void> {
    if (this.#isGood()) return;
    await this.#fetch();
    if (!this.#isGood()) throw this.#failure ?? new Error("there are no keys");
  }

  #known(kid: string): Key | undefined {
    return this.#isGood() ? this.#keys.get(kid) : undefined;
  }

  #isGood(): boolean {
    return elapsed() < this.#goodUntil;
  }

  /** Known keys serve while the next are fetched; only after a long silence does a request wait for them. */
  async #refreshIfDue(): Promise<void> {
    const now = elapsed();
    if (!this.#isGood() || now < this.#due || now < this.#askAgainAt) return;
    const fetched = this.#fetch();
    if (now >= this.#due + this.#freshFor && !this.#failure) await fetched;
  }

  /** Takes a look-up, if one is free. Each cooldown frees another. */
  #takeLookUp(now: number): boolean {
    const allFreeAt = Math.max(this.#allFreeAt, now);
    if (allFreeAt > now + this.#limits.cooldown * (SAVED - 1)) return false;
    this.#allFreeAt = allFreeAt + this.#limits.cooldown;
    return true;
  }

  #note(kid: string, asked: number): void {
    if (this.#unknown.size >= REMEMBERED) {
      for (const [name, until] of this.#unknown) if (until <= asked) this.#unknown.delete(name);
    }
    if (this.#unknown.size < REMEMBERED) this.#unknown.set(kid, asked + this.#limits.cooldown);
  }

  /** One fetch at a time, however many wait for it. Never rejects. */
  #fetch(): Promise<void> {
    this.#flight ??= this.#fetchOnce().finally(() => {
      this.#flight = undefined;
    });
    return this.#flight;
  }

  async #fetchOnce(): Promise<void> {
    const { timeout, cooldown, refreshEvery, keepFor } = this.#limits;
    try {
      const headers: Record<string, string> = this.#etag === null ? {} : { "if-none-match": this.#etag };
      const answer = await ask(this.#transport, { url: this.#url, headers, timeout });
      if (answer.status !== 304 || this.#etag === null) {
        if (answer.status !== 200) throw new Useless(`${this.#url} answered with status ${answer.status}`);
        this.#keys = await usable(this.#url, answer.body);
        this.#etag = answer.headers.get("etag");
      }
      const now = elapsed();
      const longest = Math.max(keepFor / 2, cooldown);
      this.#freshFor = Math.min(Math.max(freshness(answer.headers) ?? refreshEvery, cooldown), longest);
      this.#due = now + this.#freshFor;
      this.#goodUntil = now + keepFor;
      this.#failures = 0;
      this.#failure = undefined;
      this.#askAgainAt = -Infinity;
    } catch (error) {
      this.#failure = error as Error;
      this.#askAgainAt = elapsed() + Math.min(cooldown, FIRST_PAUSE * 2 ** this.#failures);
      this.#failures += 1;
    }
    this.#tell(this.#failure);
  }
}

/** The keys that can be used; one that cannot does not spoil its set. */
async function usable(url: string, body: unknown): Promise<Map<string, Key>> {
  if (!isObject(body) || !Array.isArray(body["keys"])) throw new Useless(`${url} did not answer with a key set`);
  const keys = new Map<string, Key>();
  for (const jwk of body["keys"] as unknown[]) {
    if (!isObject(jwk)) continue;
    if (jwk["kty"] === "oct" || "d" in jwk || "priv" in jwk) {
      throw new Useless(`${url} publishes a secret: whoever reads it can make tokens`);
    }
    const { kid, alg, use, key_ops: operations } = jwk;
    const isToVerify = use === undefined || use === "sig";
    const mayVerify = operations === undefined || (Array.isArray(operations) && operations.includes("verify"));
    if (typeof kid !== "string" || typeof alg !== "string" || !isToVerify || !mayVerify) continue;
    try {
      keys.set(kid, { alg, key: (await importJWK(jwk as JWK, alg)) as CryptoKey });
    } catch {
      // Of an algorithm that this runtime does not know, or malformed.
    }
  }
  if (keys.size === 0) {
    throw new Useless(`${url} has no usable key: a service with JWT_SECRET set publishes none`);
  }
  return keys;
}

/** `max-age` (RFC 9111 §5.2.2.1) less `Age`, in milliseconds; nothing where the answer is not to be kept. */
function freshness(headers: Headers): number | undefined {
  const control = headers.get("cache-control")?.toLowerCase() ?? "";
  if (/\bno-(store|cache)\b/.test(control)) return 0;
  const maxAge = /\bmax-age="?(\d+)/.exec(control)?.[1];
  if (maxAge === undefined) return undefined;
  const age = Number(headers.get("age") ?? 0) || 0;
  return Math.max(Number(maxAge) - age, 0) * 1000;
}
