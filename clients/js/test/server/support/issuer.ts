/** An issuer that answers as a test says, and counts what it was asked. */

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

import { exportJWK, generateKeyPair, SignJWT, type JWK, type JWTPayload } from "jose";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface Issuer {
  url: string;
  /** The heads of the requests for each path, without the query. */
  asked: { path: string; query: string; headers: IncomingMessage["headers"] }[];
  count(path: string): number;
  /** Answers at this path from now on. */
  on(path: string, handler: Handler): void;
}

export const JWKS = "/.well-known/jwks.json";

export async function issuer(t: TestContext): Promise<Issuer> {
  const handlers = new Map<string, Handler>();
  const asked: Issuer["asked"] = [];
  const server = createServer((request, response) => {
    const [path = "", query = ""] = (request.url ?? "").split("?");
    asked.push({ path, query, headers: request.headers });
    const handler = handlers.get(path) ?? ((_, answer) => answer.writeHead(404).end());
    handler(request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    count: (path) => asked.filter((one) => one.path === path).length,
    on: (path, handler) => handlers.set(path, handler),
  };
}

export const json =
  (body: unknown, headers: Record<string, string> = {}): Handler =>
  (_, response) => {
    response.writeHead(200, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  };

/** A key that signs access tokens, as the issuer's own do. */
export interface Signer {
  jwk: JWK;
  token(of: { url: string }, claims?: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>;
}

export async function signer(kid: string, alg = "ES256"): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return {
    jwk: { ...(await exportJWK(publicKey)), kid, alg, use: "sig" },
    token: ({ url }, claims = {}, header = {}) =>
      new SignJWT({ ...claimsOf(url), ...claims })
        .setProtectedHeader({ alg, kid, typ: "at+jwt", ...header })
        .sign(privateKey, { crit: { x: true } }),
  };
}

export function claimsOf(url: string): JWTPayload {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss: url,
    aud: url,
    sub: "019b0000-0000-7000-8000-000000000001",
    jti: "019b0000-0000-7000-8000-000000000002",
    sid: "019b0000-0000-7000-8000-000000000003",
    uv: 1,
    client_id: "jeton",
    iat: now,
    exp: now + 900,
  };
}
