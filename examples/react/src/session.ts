import { createJeton } from "@jeton/client";

/**
 * The service: behind the page's own origin unless VITE_JETON_ISSUER names another. Tokens are in cookies unless
 * VITE_JETON_MODE is `bearer`.
 */
export const issuer: string = import.meta.env.VITE_JETON_ISSUER ?? location.origin;
const mode = import.meta.env.VITE_JETON_MODE === "bearer" ? "bearer" : "cookie";

// A bearer token survives a reload only where something keeps it: `sessionStorage` is the tab's own.
export const jeton = createJeton(mode === "bearer" ? { issuer, mode, storage: sessionStorage } : { issuer, mode });
