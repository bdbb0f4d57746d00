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
  status?: number | undefined;
  /** Names the request in the log of the service. */
  requestId?: string | undefined;
  /** Seconds to wait before another try. */
  retryAfter?: number | undefined;
  /** Why the session is over, where the service says it. */
  reason?: string | undefined;
  cause?: unknown;
}

/** The one error of this package. */
export class JetonError extends Error {
  declare readonly code: ErrorCode;
  declare readonly status: number | undefined;
  declare readonly requestId: string | undefined;
  declare readonly retryAfter: number | undefined;
  declare readonly reason: string | undefined;

  constructor(code: ErrorCode, message: string, facts?: ErrorFacts) {
    super(message);
    Object.assign(this, { name: "JetonError", code }, facts);
  }
}
