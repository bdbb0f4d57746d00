/** What goes wrong between a client and its service: nobody is signed out by it, and no token goes astray. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { mock, test, type TestContext } from "node:test";

import { createJeton, type Jeton, JetonError, type JetonOptions } from "@jeton/client";

import { ROMEL, signedIn } from "./support/people.js";
import { proxy, type Proxy } from "./support/proxy.js";
import { service, type Service } from "./support/service.js";
import { until } from "./support/until.js";

/** A client behind a proxy, signed in. Its access token is old from the beginning, so that the next request renews. */
async function renewable(t: TestContext, options: Partial<JetonOptions> = {}): Promise<{ jeton: Jeton; before: Proxy; upstream: Service }> {
  const upstream = await service(t, { ACCESS_LIFETIME: "1s" });
  const before = await proxy(t, upstream);
  const jeton = createJeton({ issuer: before.url, ...options });
  await signedIn(jeton);
  const start = performance.now();
  await until(() => performance.now() - start > 1100, Boolean);
  return { jeton, before, upstream };
}

const rejects = (promise: Promise<unknown>, code: string) =>
  assert.rejects(promise, (error: JetonError) => (assert.equal(error.code, code, `${error}`), true));

async function serve(t: TestContext, answer: RequestListener): Promise<{ url: string; asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => (asked.push(request), answer(request, response))).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => (server.close(), server.closeAllConnections()));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

test("an issuer that tokens must not go to is refused", () => {
  for (const issuer of [
    "http://id.example.org",
    "http://localhost.example.org",
    "http://127.0.0.1.example.org",
    "https://user:password@id.example.org",
    "https://id.example.org?next=",
    "https://id.example.org#",
    "ftp://id.example.org",
    "javascript:alert(1)",
    "//id.example.org",
    "",
  ]) {
    const code = "insecure_issuer";
    assert.throws(() => createJeton({ issuer }), { code }, issuer);
    assert.throws(() => createJeton({ issuer: "https://id.example.org", origins: [issuer] }), { code }, issuer);
  }
  for (const issuer of ["https://id.example.org", "https://id.example.org/jeton/", "http://localhost:5000", "http://[::1]:5000"])
    createJeton({ issuer });
});

test("a redirect is not followed, by the client's own requests and by fetch", async (t) => {
  const thief = await serve(t, (_, response) => response.end("{}"));
  const leading = await serve(t, (_, response) => response.writeHead(307, { location: thief.url }).end());
  const jeton = createJeton({ issuer: leading.url });
  await rejects(jeton.login(ROMEL), "redirected");
  await rejects(jeton.fetch(`${leading.url}/protected`), "redirected");
  assert.equal(thief.asked.length, 0);
});

test("a redirected renewal signs nobody out", async (t) => {
  const { jeton, before } = await renewable(t);
  before.instead = ({ url }, response) => url === "/refresh" && !!response.writeHead(302, { location: "/other" }).end();
  await rejects(jeton.fetch(`${before.url}/protected`), "redirected");
  before.instead = () => false;
  assert.equal((await jeton.fetch(`${before.url}/protected`)).status, 200);
});

test("an answer that is no JSON, or another's JSON, is an error with a code", async (t) => {
  for (const body of ["<html>Welcome to the hotel</html>", "", "[", "null", "5", "{}", '{"error":{"code":1}}']) {
    for (const status of [200, 401, 404]) {
      const page = await serve(t, (_, response) => response.writeHead(status).end(body));
      const jeton = createJeton({ issuer: page.url });
      await rejects(jeton.login(ROMEL), "not_json");
      assert.notEqual(jeton.state().status, "in");
    }
  }
});

test("a page in the way of a renewal signs nobody out", async (t) => {
  const { jeton, before } = await renewable(t);
  before.instead = ({ url }, response) => url === "/refresh" && !!response.writeHead(401).end("<html>Sign in to the hotel</html>");
  await rejects(jeton.user(), "not_json");
  assert.equal(jeton.state().status, "in");
  before.instead = () => false;
  assert.equal((await jeton.user())?.username, "Romel");
});

test("requests wait while the service is away, and go on when it is back", async (t) => {
  const { jeton, before, upstream } = await renewable(t);
  await upstream.kill();
  const waiting = [jeton.user(), jeton.user(), jeton.fetch(`${before.url}/protected`)] as const;
  await new Promise((done) => setTimeout(done, 1000));
  await upstream.start();
  const [first, second, response] = await Promise.all(waiting);
  assert.equal(first?.username, "Romel");
  assert.equal(second?.username, "Romel");
  assert.equal(response.status, 200);
});

test("they wait no longer than they are told to, and nobody is signed out", async (t) => {
  const { jeton, before, upstream } = await renewable(t, { wait: 0.6 });
  await upstream.kill();
  await rejects(jeton.user(), "unreachable");
  await rejects(jeton.logout(), "unreachable");
  await assert.rejects(jeton.fetch(`${before.url}/protected`));
  assert.equal(jeton.state().status, "in");
  await upstream.start();
  assert.equal((await jeton.user())?.username, "Romel");
  await jeton.logout();
  assert.equal(jeton.state().status, "out");
});

test("what may have been done is not sent again", async (t) => {
  const upstream = await service(t);
  const before = await proxy(t, upstream);
  const jeton = createJeton({ issuer: before.url });
  before.lose = ({ path }) => path === "/register" || path === "/set-jwt";
  await rejects(jeton.register(ROMEL), "unreachable");
  await jeton.login(ROMEL);
  await assert.rejects(jeton.fetch(`${before.url}/set-jwt`, { method: "POST", body: "{}" }));
  assert.deepEqual(before.passed.map(({ path }) => path), ["/register", "/login", "/set-jwt"]);
});

test("a request with a body is sent whole again after a renewal", async (t) => {
  const { jeton, before } = await renewable(t);
  let refused = false;
  before.instead = ({ url }, response) => {
    if (url !== "/verify-token" || refused) return false;
    refused = true;
    return !!response.writeHead(401, { "content-type": "application/json" }).end('{"error":"token_expired","message":""}');
  };
  const body = JSON.stringify({ token: "a.b.c", filler: "x".repeat(100_000) });
  await jeton.fetch(`${before.url}/verify-token`, { method: "POST", body, headers: { "content-type": "application/json" } });
  assert.equal(before.passed.at(-1)!.sent, body);
});

for (const status of [429, 503]) {
  test(`${status} with Retry-After is honoured`, async (t) => {
    const { jeton, before } = await renewable(t, { wait: 5 });
    const turned: number[] = [];
    before.instead = ({ url }, response) => {
      if (turned.length >= 2 || url !== (turned.length === 0 ? "/refresh" : "/protected")) return false;
      turned.push(performance.now());
      return !!response.writeHead(status, { "retry-after": "1" }).end();
    };
    assert.equal((await jeton.fetch(`${before.url}/protected`)).status, 200);
    assert.equal(turned.length, 2);
    assert.ok(turned[1]! - turned[0]! > 990, `${turned}`);
    assert.ok(performance.now() - turned[1]! > 990, `${turned}`);
  });

  test(`${status} for longer than a request waits is an error at once`, async (t) => {
    const { jeton, before } = await renewable(t, { wait: 5 });
    const body = '{"error":"too_many_attempts","message":"Later"}';
    before.instead = (_, response) => !!response.writeHead(status, { "retry-after": "60" }).end(body);
    const start = performance.now();
    await assert.rejects(jeton.user(), { code: "too_many_attempts", status, retryAfter: 60 });
    await assert.rejects(jeton.login(ROMEL), { code: "too_many_attempts", status, retryAfter: 60 });
    assert.ok(performance.now() - start < 900);
    assert.equal(jeton.state().status, "in");
  });
}

test("an answer that never comes is not waited for", async (t) => {
  const { jeton, before } = await renewable(t, { timeout: 0.3 });
  let held = 0;
  before.instead = ({ url }) => url === "/refresh" && ++held === 1;
  assert.equal((await jeton.user())?.username, "Romel");
  assert.equal(held, 2);
});

test("who leaves gets their own reason, and the others get their answer", async (t) => {
  const { jeton, before } = await renewable(t);
  const reason = new Error("never mind");
  const leaving = new AbortController();
  before.instead = async ({ url }) => {
    if (url === "/refresh") leaving.abort(reason);
    return false;
  };
  const left = jeton.fetch(`${before.url}/protected`, { signal: leaving.signal });
  const alsoLeft = jeton.user({ signal: leaving.signal });
  const stays = jeton.fetch(`${before.url}/protected`);
  await assert.rejects(left, reason);
  await assert.rejects(alsoLeft, reason);
  assert.equal((await stays).status, 200);
  assert.equal(before.renewals().length, 1);
});

test("tokens go to the issuer and to the origins that are named, and to nobody else", async (t) => {
  const upstream = await service(t);
  const [named, other] = [await serve(t, (_, response) => response.end()), await serve(t, (_, response) => response.end())];
  const jeton = createJeton({ issuer: upstream.url, origins: [named.url] });
  await signedIn(jeton);
  await jeton.fetch(`${named.url}/data`, { method: "POST", body: "x" });
  await jeton.fetch(`${other.url}/data`);
  await jeton.fetch(new URL(`${upstream.url.replace("://", "://user@")}/data`).href.replace(/127.0.0.1:\d+/, new URL(other.url).host)).catch(() => {});
  await jeton.fetch(`${named.url}/data`, { headers: { authorization: "Bearer mine" } });
  const sent = ({ headers }: IncomingMessage) => headers.authorization;
  assert.match(sent(named.asked[0]!)!, /^Bearer ey/);
  assert.equal(sent(named.asked[1]!), "Bearer mine");
  assert.ok(other.asked.length > 0 && other.asked.every((request) => sent(request) === undefined));
});

for (const minutes of [-10, 10]) {
  test(`a clock that is off by ${minutes} minutes, or is set so later, does no harm`, async (t) => {
    const upstream = await service(t);
    const before = await proxy(t, upstream);
    const now = Date.now;
    const off = mock.method(Date, "now", () => now() + minutes * 60_000);
    t.after(() => off.mock.restore());
    const jeton = createJeton({ issuer: before.url });
    await signedIn(jeton);
    let out = 0;
    jeton.on("signedout", () => out++);
    await jeton.user();
    assert.equal(before.renewals().length, 0, "a clock that is off from the beginning");
    off.mock.mockImplementation(() => now() + 2 * minutes * 60_000);
    await jeton.user();
    await jeton.user();
    assert.ok(before.renewals().length <= 1, "a clock that is set meanwhile");
    assert.equal(out, 0);
  });
}

test("a machine that slept for an hour renews before it asks", async (t) => {
  const upstream = await service(t);
  const before = await proxy(t, upstream);
  const jeton = createJeton({ issuer: before.url });
  await signedIn(jeton);
  const now = Date.now;
  const slept = mock.method(Date, "now", () => now() + 3_600_000);
  t.after(() => slept.mock.restore());
  before.passed.length = 0;
  assert.equal((await jeton.user())?.username, "Romel");
  assert.deepEqual(before.passed.map(({ path }) => path), ["/refresh", "/profile"]);
});

test("a named storage keeps the session over a restart, and is empty after the sign-out", async (t) => {
  const upstream = await service(t);
  const before = await proxy(t, upstream);
  const kept = new Map<string, string>();
  const storage = {
    getItem: async (key: string) => kept.get(key) ?? null,
    setItem: async (key: string, value: string) => void kept.set(key, value),
    removeItem: async (key: string) => void kept.delete(key),
  };
  const first = createJeton({ issuer: before.url, storage });
  assert.equal(await first.user(), null);
  await signedIn(first);
  const second = createJeton({ issuer: before.url, storage });
  assert.equal(second.state().status, "unknown");
  assert.equal((await second.user())?.username, "Romel");
  // Both have one session: what one renews the other takes over.
  await first.renew();
  await second.renew();
  assert.equal(before.renewals().length, 1);
  await second.logout();
  assert.equal(kept.size, 0);
  await assert.rejects(first.renew(), { code: "signed_out" });
  assert.equal(before.renewals().length, 1);
});

test("a storage with nonsense in it is an empty one, and one that fails leaves the session in memory", async (t) => {
  const upstream = await service(t);
  for (const text of ["", "{", "null", "5"]) {
    const storage = { getItem: () => text, setItem() { throw new Error("full"); }, removeItem() { throw new Error("forbidden"); } };
    const jeton = createJeton({ issuer: upstream.url, storage });
    assert.equal(await jeton.user(), null, text);
    assert.equal(jeton.state().status, "out");
  }
});

test("a session's end is told beforehand, and that nothing moves it", async (t) => {
  const upstream = await service(t, { REFRESH_GRACE: "1s", REFRESH_LIFETIME: "4s", SESSION_LIFETIME: "6s", ACCESS_LIFETIME: "2s" });
  const jeton = createJeton({ issuer: upstream.url });
  const told: string[] = [];
  jeton.on("expiring", ({ final }) => told.push(final ? "final" : "expiring"));
  jeton.on("renewed", () => told.push("renewed"));
  jeton.on("signedout", ({ reason }) => told.push(reason));
  await signedIn(jeton);
  await until(() => told.length === 1, Boolean);
  assert.ok(jeton.state().expiring && !jeton.state().final);
  await jeton.renew();
  assert.ok(!jeton.state().expiring);
  await until(() => told.length === 3, Boolean);
  await jeton.renew();
  await until(() => told.includes("final"), Boolean);
  await until(() => jeton.state().status === "out", Boolean);
  assert.deepEqual(told, ["expiring", "renewed", "expiring", "renewed", "final", "expired"]);
});

test("what is wrong is explained", async (t) => {
  const upstream = await service(t);
  const jeton = createJeton({ issuer: upstream.url });
  const failed = async (client: Jeton) => (await client.explain()).filter(({ ok }) => !ok).map(({ name }) => name);
  assert.deepEqual(await failed(jeton), ["token", "session"]);
  await signedIn(jeton);
  assert.deepEqual(await failed(jeton), []);
  const misnamed = createJeton({ issuer: upstream.url.replace("127.0.0.1", "localhost") });
  assert.ok((await failed(misnamed)).includes("issuer"));
  await upstream.kill();
  assert.deepEqual(await failed(jeton), ["service"]);
});
