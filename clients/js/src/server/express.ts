import type { AccessClaims } from "./claims.js";
import { Refusal } from "./refusal.js";
import type { Requirements, Verifier } from "./verifier.js";

declare global {
  namespace Express {
    interface Request {
      /** The claims of the request's token, behind `guard`. */
      claims?: AccessClaims;
    }
  }
}

/** As much of a request as is used: Node's own, and Express's. */
interface Incoming {
  headers: { authorization?: string | undefined };
  claims?: AccessClaims;
}

interface Outgoing {
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  end(body: string): unknown;
}

/** Middleware for Express, and for whatever else takes Node's requests: puts the claims at `request.claims`. */
export function guard(
  verifier: Verifier,
  requirements?: Requirements,
): (request: Incoming, response: Outgoing, next: (error?: unknown) => void) => void {
  return (request, response, next) => {
    verifier.authorize(request.headers.authorization, requirements).then(
      (claims) => {
        request.claims = claims;
        next();
      },
      (error: unknown) => {
        if (!(error instanceof Refusal)) return next(error);
        response.statusCode = error.status;
        for (const [name, value] of Object.entries(error.headers(verifier.realm))) response.setHeader(name, value);
        response.setHeader("Content-Type", "application/json");
        response.end(JSON.stringify(error.body));
      },
    );
  };
}
