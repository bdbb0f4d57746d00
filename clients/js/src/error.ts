import type { ServiceErrorCode } from "./codes.js";

/**
 * What went wrong before the service could say it:
 *
 * - `unreachable`: no answer within the time a request waits;
 * - `not_json`: the answer is none of the service's, such as a proxy's page;
 * - `redirected`: the answer leads elsewhere, where nothing is sent;
 * - `insecure_issuer`: the issuer is neither https nor on this machine;
 * - `signed_out`: nobody is signed in here.
 */
export type ClientErrorCode =
  | "unreachable"
  | "not_json"
  | "redirected"
  | "insecure_issuer"
  | "signed_out";

/** Every code that a {@link JetonError} can have. */
export type ErrorCode = ServiceErrorCode | ClientErrorCode;

/** Facts about a failure beside its code and sentence. */
export interface ErrorFacts {
  /** The answer's status; absent when there was no answer. */
  status?: number;
  /** Names the request in the log of the service. */
  requestId?: string;
  /** Seconds to wait before another try. */
  retryAfter?: number;
  /** Why the session is over, where the service says it. */
  reason?: string;
  cause?: unknown;
}

/** The one error of this package. */
export class JetonError extends Error {
  override readonly name = "JetonError";
  readonly code: ErrorCode;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly retryAfter: number | undefined;
  readonly reason: string | undefined;

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}) {
    super(message, { cause: facts.cause });
    this.code = code;
    this.status = facts.status;
    this.requestId = facts.requestId;
    this.retryAfter = facts.retryAfter;
    this.reason = facts.reason;
  }
}
