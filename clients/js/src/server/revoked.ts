import type { AccessClaims } from "./claims.js";
import { isObject } from "./outbound.js";

/** A page of the feed. Times are seconds since 1970. */
export interface Page {
  entries: Entry[];
  next: number;
  more: boolean;
  now: number;
  /** After a restored back-up: no token that was issued before is accepted. */
  acceptedFrom: number | undefined;
}

interface Entry {
  kind: string;
  id: string;
  below: number | undefined;
  until: number;
}

/** Reads a page; nothing where it is none. */
export function pageOf(body: unknown): Page | undefined {
  if (!isObject(body)) return undefined;
  const { revocations, next, more, now, accepted_from: acceptedFrom } = body;
  if (!Array.isArray(revocations) || !revocations.every(isEntry)) return undefined;
  if (!isInteger(next) || typeof more !== "boolean" || !isInteger(now) || !isMaybe(acceptedFrom)) return undefined;
  return { entries: revocations, next, more, now, acceptedFrom };
}

function isEntry(entry: unknown): entry is Entry {
  if (!isObject(entry)) return false;
  const { kind, id, below, until } = entry;
  return typeof kind === "string" && typeof id === "string" && isMaybe(below) && isInteger(until);
}

const isInteger = (value: unknown): value is number => Number.isSafeInteger(value);
const isMaybe = (value: unknown): value is number | undefined => value === undefined || isInteger(value);

/** How many entries are kept before expired ones are looked for first. */
const FIRST_SWEEP = 1024;

/** What is revoked, in memory. Entries are forgotten when nothing they could hit is still valid. */
export class Revoked {
  readonly #tokens = new Map<string, number>();
  readonly #sessions = new Map<string, number>();
  readonly #users = new Map<string, { below: number; until: number }>();
  #acceptedFrom = -Infinity;
  #sweepAt = FIRST_SWEEP;

  get size(): number {
    return this.#tokens.size + this.#sessions.size + this.#users.size;
  }

  has(claims: AccessClaims): boolean {
    const user = this.#users.get(claims.sub);
    return (
      claims.iat < this.#acceptedFrom ||
      (claims.sid !== undefined && this.#sessions.has(claims.sid)) ||
      // A token without a version is of none that is still good.
      (user !== undefined && (claims.uv ?? -Infinity) < user.below) ||
      this.#tokens.has(claims.jti)
    );
  }

  takeIn(page: Page): void {
    if (page.acceptedFrom !== undefined) this.#acceptedFrom = Math.max(this.#acceptedFrom, page.acceptedFrom);
    for (const { kind, id, below, until } of page.entries) {
      if (kind === "token") keepLonger(this.#tokens, id, until);
      else if (kind === "session") keepLonger(this.#sessions, id, until);
      else if (kind === "user" && below !== undefined) {
        const known = this.#users.get(id) ?? { below, until };
        this.#users.set(id, { below: Math.max(below, known.below), until: Math.max(until, known.until) });
      }
    }
    if (this.size >= this.#sweepAt) this.#forget(page.now);
  }

  #forget(now: number): void {
    for (const entries of [this.#tokens, this.#sessions]) {
      for (const [id, until] of entries) if (until <= now) entries.delete(id);
    }
    for (const [id, { until }] of this.#users) if (until <= now) this.#users.delete(id);
    this.#sweepAt = Math.max(2 * this.size, FIRST_SWEEP);
  }
}

function keepLonger(entries: Map<string, number>, id: string, until: number): void {
  entries.set(id, Math.max(until, entries.get(id) ?? until));
}
