import type { FastifyReply, FastifyRequest } from "fastify";
import type { AccessClaims } from "./claims.js";
import { Refusal } from "./refusal.js";
import type { Requirements, Verifier } from "./verifier.js";

declare module "fastify" {
  interface FastifyRequest {
    /** The claims of the request's token, behind `guard`. */
    claims?: AccessClaims;
  }
}

/** A hook for Fastify's `onRequest`: puts the claims at `request.claims`. */
export function guard(
  verifier: Verifier,
  requirements?: Requirements,
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined> {
  return async (request, reply) => {
    try {
      request.claims = await verifier.authorize(request.headers.authorization, requirements);
      return undefined;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return reply.code(error.status).headers(error.headers(verifier.realm)).send(error.body);
    }
  };
}
