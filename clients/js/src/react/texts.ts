import { REASONS } from "../reasons.js";

/** Everything that the components say. Give another table to the provider for another language. */
export interface Texts {
  username: string;
  password: string;
  signIn: string;
  signOut: string;
  stay: string;
  unreachable: string;
  expiring: string;
  /** Above the form where no renewal moves the end. */
  final: string;
  /** How much time is left, as a person hears it. */
  left: (seconds: number) => string;
  /** By the reason that `signedout` tells. */
  reasons: Record<string, string>;
}

export const TEXTS: Texts = {
  username: "Username",
  password: "Password",
  signIn: "Sign in",
  signOut: "Sign out",
  stay: "Stay signed in",
  unreachable: "The service cannot be reached. Try again.",
  expiring: "Still there? You will be signed out soon. What you typed stays.",
  final: "Your session ends soon and cannot be made longer. Sign in again here: what you typed stays.",
  left: (seconds) => `${seconds} seconds left`,
  reasons: REASONS,
};
