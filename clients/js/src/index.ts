export type { ServiceErrorCode } from "./codes.js";
export { type ClientErrorCode, type ErrorCode, type ErrorFacts, JetonError } from "./error.js";
