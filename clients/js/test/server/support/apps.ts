/** The same application in each framework: `/me` for whoever is signed in, `/admin` for administrators, `/notes` for a scope. */

import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

import { getRequestListener } from "@hono/node-server";
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";

import type { Verifier } from "@jeton/client/server";
import { guard as forExpress } from "@jeton/client/server/express";
import { guard as forFastify } from "@jeton/client/server/fastify";
import { guard as forHono } from "@jeton/client/server/hono";

const ADMIN = { roles: ["editor", "admin"] };
const NOTES = { scopes: ["notes:read", "notes:write"] };
const RECENT = { maxAge: 3600 };

export const APPS: Record<string, (verifier: Verifier) => Promise<RequestListener>> = {
  Express: async (verifier) => {
    const app = express();
    app.get("/me", forExpress(verifier), (request, response) => {
      response.json({ sub: request.claims?.sub, username: request.claims?.username });
    });
    app.get("/admin", forExpress(verifier, ADMIN), (request, response) => {
      response.json({ roles: request.claims?.roles });
    });
    app.get("/notes", forExpress(verifier, NOTES), (_, response) => {
      response.json({});
    });
    app.get("/recent", forExpress(verifier, RECENT), (_, response) => {
      response.json({});
    });
    return app;
  },
  Fastify: async (verifier) => {
    const app = fastify();
    app.get("/me", { onRequest: forFastify(verifier) }, async ({ claims }) => ({
      sub: claims?.sub,
      username: claims?.username,
    }));
    app.get("/admin", { onRequest: forFastify(verifier, ADMIN) }, async ({ claims }) => ({ roles: claims?.roles }));
    app.get("/notes", { onRequest: forFastify(verifier, NOTES) }, async () => ({}));
    app.get("/recent", { onRequest: forFastify(verifier, RECENT) }, async () => ({}));
    await app.ready();
    return (request, response) => app.routing(request, response);
  },
  Hono: async (verifier) => {
    const app = new Hono();
    app.get("/me", forHono(verifier), (c) => {
      const { sub, username } = c.var.claims;
      return c.json({ sub, username });
    });
    app.get("/admin", forHono(verifier, ADMIN), (c) => c.json({ roles: c.var.claims.roles }));
    app.get("/notes", forHono(verifier, NOTES), (c) => c.json({}));
    app.get("/recent", forHono(verifier, RECENT), (c) => c.json({}));
    return getRequestListener(app.fetch);
  },
};

export interface Said {
  status: number;
  challenge: string | null;
  headers: Headers;
  body: unknown;
}

/** Serves until the test ends; asks with a token, or with a whole header. */
export async function serve(
  t: TestContext,
  listener: RequestListener,
): Promise<(path: string, authorization?: string) => Promise<Said>> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return async (path, authorization) => {
    const headers = authorization === undefined ? {} : { authorization };
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
    return {
      status: answer.status,
      challenge: answer.headers.get("www-authenticate"),
      headers: answer.headers,
      body: await answer.json(),
    };
  };
}
