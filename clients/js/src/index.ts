export { createJeton } from "./client.js";
export type { ServiceErrorCode } from "./codes.js";
export { type ClientErrorCode, type ErrorCode, type ErrorFacts, JetonError } from "./error.js";
export type {
  CallOptions,
  Check,
  Credentials,
  Jeton,
  JetonEvents,
  JetonOptions,
  LogoutScope,
  RegisteredUser,
  Registration,
  SessionEntry,
  SessionState,
  SignedOutReason,
  TokenStorage,
  User,
} from "./types.js";
