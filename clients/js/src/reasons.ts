import type { SignedOutReason } from "./types.js";

/** A sentence for each reason why somebody is not signed in any more. */
export const REASONS: Record<string, string> = {
  logout: "You signed out.",
  expired: "Your session's time was over.",
  ended_by_owner: "You ended this session from another device.",
  replaced: "Somebody signed in anew in this browser.",
  too_many: "You were signed in in too many places, and this was the oldest.",
  reuse: "An old token of this session was used again: somebody may have had a copy.",
  password_changed: "Your password was changed.",
  password_reset: "Your password was set anew.",
  admin: "An administrator ended your session.",
  disabled: "Your account was disabled.",
  deleted: "Your account was deleted.",
  token_missing: "Your session is not in this browser any more.",
};

/** The sentence for a reason; one that says little for a reason that is not known here. */
export const sentenceFor = (reason: SignedOutReason, reasons = REASONS): string =>
  reasons[reason] ?? "Your session has ended.";
