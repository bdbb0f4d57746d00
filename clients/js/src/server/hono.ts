import type { MiddlewareHandler } from "hono";
import type { AccessClaims } from "./claims.js";
import { Refusal } from "./refusal.js";
import type { Requirements, Verifier } from "./verifier.js";

/** Middleware for Hono: puts the claims at `c.var.claims`. */
export function guard(
  verifier: Verifier,
  requirements?: Requirements,
): MiddlewareHandler<{ Variables: { claims: AccessClaims } }> {
  return async (c, next) => {
    try {
      c.set("claims", await verifier.authorize(c.req.header("authorization"), requirements));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return c.json(error.body, error.status, error.headers(verifier.realm));
    }
    return next();
  };
}
