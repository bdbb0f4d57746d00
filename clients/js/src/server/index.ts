/** Verifies the access tokens of a Jeton service, in Node, Deno, Bun and workers. */
export type { AccessClaims } from "./claims.js";
export type { Fetch } from "./outbound.js";
export { Refusal, type RefusalCode } from "./refusal.js";
export {
  createVerifier,
  type Requirements,
  type RevocationOptions,
  type Verifier,
  type VerifierEvent,
  type VerifierOptions,
} from "./verifier.js";
