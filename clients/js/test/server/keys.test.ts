import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";

import { exportSPKI, importJWK, SignJWT, type CryptoKey } from "jose";

import { createVerifier, Refusal, type Verifier } from "@jeton/client/server";
import { until } from "../support/until.js";
import { claimsOf, issuer, json, JWKS, signer } from "./support/issuer.js";

/** The code of the refusal, or `good`; anything else that is thrown is a mistake. */
async function said(verifier: Verifier, token: string): Promise<string> {
  try {
    await verifier.verify(token);
    return "good";
  } catch (error) {
    assert(error instanceof Refusal, String(error));
    return error.code;
  }
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

test("tokens that only look good are refused, whatever their header says", async (t) => {
  const of = await issuer(t);
  const key = await signer("one");
  const rsa = await signer("two", "RS256");
  of.on(JWKS, json({ keys: [key.jwk, rsa.jwk] }));
  const verifier = createVerifier({ issuer: of.url });
  assert.equal(await said(verifier, await key.token(of)), "good");
  assert.equal(await said(verifier, await rsa.token(of)), "good");

  const claims = claimsOf(of.url);
  const unsigned = (header: object) => `${encode(header)}.${encode(claims)}.`;
  const published = new TextEncoder().encode(await exportSPKI((await importJWK(key.jwk)) as CryptoKey));
  const confused = (secret: Uint8Array) =>
    new SignJWT(claims).setProtectedHeader({ alg: "HS256", kid: "one", typ: "at+jwt" }).sign(secret);
  const now = Number(claims.iat);
  const bad = {
    "alg none": unsigned({ alg: "none", kid: "one", typ: "at+jwt" }),
    "alg None": unsigned({ alg: "None", kid: "one", typ: "at+jwt" }),
    "no alg": unsigned({ kid: "one", typ: "at+jwt" }),
    "HS256 with the public key as its secret": await confused(published),
    "HS256 with the key set's member": await confused(new TextEncoder().encode(JSON.stringify(key.jwk))),
    "another key's algorithm": await rsa.token(of, {}, { kid: "one" }),
    "no kid": await key.token(of, {}, { kid: undefined }),
    "typ rt+jwt": await key.token(of, {}, { typ: "rt+jwt" }),
    "typ JWT": await key.token(of, {}, { typ: "JWT" }),
    "another issuer": await key.token(of, { iss: "https://id.example" }),
    "the issuer with a slash": await key.token(of, { iss: `${of.url}/` }),
    "another audience": await key.token(of, { aud: "https://id.example" }),
    "no audience": await key.token(of, { aud: undefined }),
    "an unknown critical header": await key.token(of, {}, { crit: ["x"], x: 1 }),
    "not yet": await key.token(of, { nbf: now + 100 }),
    "issued in the future": await key.token(of, { iat: now + 100 }),
    "no end": await key.token(of, { exp: undefined }),
    "no subject": await key.token(of, { sub: undefined }),
    "roles that are no list": await key.token(of, { roles: "admin" }),
    "a session that is no text": await key.token(of, { sid: 7 }),
    "a version that is no integer": await key.token(of, { uv: "9" }),
    "an empty text": "",
    "too long": `${await key.token(of)}${"x".repeat(40_000)}`,
    "a kid without end": await key.token(of, {}, { kid: "k".repeat(10_000) }),
  };
  for (const [what, token] of Object.entries(bad)) assert.equal(await said(verifier, token), "invalid_token", what);
  assert.equal(await said(verifier, await key.token(of, { exp: now - 100 })), "token_expired");
  assert.equal(await said(verifier, await key.token(of, { exp: now - 5 })), "good", "within the tolerance");
  assert.equal(of.count(JWKS), 1, "none of them was worth a look-up");
});

test("a thousand requests at the start cause one fetch, and it is asked again by its ETag", async (t) => {
  const of = await issuer(t);
  const key = await signer("one");
  of.on(JWKS, (request, response) => {
    if (request.headers["if-none-match"] === '"1"') return response.writeHead(304).end();
    return json({ keys: [key.jwk] }, { etag: '"1"' })(request, response);
  });
  const verifier = createVerifier({ issuer: of.url });
  const token = await key.token(of);
  const all = await Promise.all(Array.from({ length: 1000 }, () => said(verifier, token)));
  assert.deepEqual(new Set(all), new Set(["good"]));
  assert.equal(of.count(JWKS), 1);

  assert.equal(await said(verifier, await (await signer("unknown")).token(of)), "invalid_token");
  assert.deepEqual(
    of.asked.map(({ headers }) => headers["if-none-match"]),
    [undefined, '"1"'],
  );
  assert.equal(await said(verifier, token), "good", "304 keeps the keys");
});

test("unknown keys are looked for a few times, and a rotation is noticed all the same", async (t) => {
  const of = await issuer(t);
  const [key, next, stranger] = [await signer("one"), await signer("two"), await signer("stranger")];
  of.on(JWKS, json({ keys: [key.jwk] }));
  const verifier = createVerifier({ issuer: of.url });
  assert.equal(await said(verifier, await key.token(of)), "good");

  const one = await stranger.token(of);
  assert.equal(await said(verifier, one), "invalid_token");
  assert.equal(await said(verifier, one), "invalid_token");
  assert.equal(of.count(JWKS), 2, "the same name is not looked for again");

  of.on(JWKS, json({ keys: [key.jwk, next.jwk] }));
  assert.equal(await said(verifier, await next.token(of)), "good", "a key that is new is found at once");

  const flood = Array.from({ length: 500 }, (_, n) => stranger.token(of, {}, { kid: `k${n}` }));
  const answers = [];
  for (const token of await Promise.all(flood)) answers.push(await said(verifier, token));
  assert(of.count(JWKS) <= 6, `${of.count(JWKS)} fetches`);
  assert.equal(answers.at(-1), "keys_unavailable", "it cannot be known: no look-up is free");
  assert.equal(await said(verifier, await key.token(of)), "good", "known keys do not mind");
});

for (const [what, answer] of Object.entries({
  "a redirect": (_: unknown, response: ServerResponse) =>
    response.writeHead(302, { location: "/elsewhere" }).end(),
  "no JSON": (_: unknown, response: ServerResponse) => response.end("<!doctype html>"),
  "a list": json([]),
  "no keys": json({ keys: "none" }),
  "the empty set of a shared secret": json({ keys: [] }),
  "keys of no use": json({ keys: [null, 7, {}, { kty: "EC", kid: "one", alg: "ES256", crv: "P-256", x: "!", y: "!" }] }),
  "a shared secret": json({ keys: [{ kty: "oct", kid: "one", alg: "HS256", k: "c2VjcmV0" }] }),
  "more than is read": (_: unknown, response: ServerResponse) => {
    response.writeHead(200);
    response.end(`{"keys":[],"x":"${"x".repeat(300_000)}"}`);
  },
  "an error": (_: unknown, response: ServerResponse) => response.writeHead(500).end("{}"),
  "nothing at all": (_: unknown, response: ServerResponse) => response.destroy(),
  "nothing in time": () => {},
})) {
  test(`${what} in place of the keys is 503, and does not take away those that are there`, async (t) => {
    const of = await issuer(t);
    const key = await signer("one");
    let elsewhere = 0;
    of.on("/elsewhere", (request, response) => {
      elsewhere += 1;
      json({ keys: [key.jwk] })(request, response);
    });
    of.on(JWKS, answer);
    const begun = createVerifier({ issuer: of.url, timeout: 0.2 });
    const refusal = await begun.verify(await key.token(of)).catch((error: unknown) => error);
    assert(refusal instanceof Refusal && refusal.code === "keys_unavailable");
    assert(refusal.cause instanceof Error && refusal.cause.message.startsWith(of.url), String(refusal.cause));
    await assert.rejects(begun.ready());
    assert.equal(elsewhere, 0, "no redirect is followed");

    of.on(JWKS, json({ keys: [key.jwk] }));
    const verifier = createVerifier({ issuer: of.url, timeout: 0.2 });
    assert.equal(await said(verifier, await key.token(of)), "good");
    of.on(JWKS, answer);
    assert.equal(await said(verifier, await (await signer("two")).token(of)), "keys_unavailable");
    assert.equal(await said(verifier, await key.token(of)), "good");
  });
}

test("keys are relied on for as long as they are to be kept, and no longer", async (t) => {
  const of = await issuer(t);
  const key = await signer("one");
  of.on(JWKS, json({ keys: [key.jwk] }));
  const verifier = createVerifier({ issuer: of.url, keepFor: 0.5, cooldown: 0.1 });
  const token = await key.token(of);
  assert.equal(await said(verifier, token), "good");
  of.on(JWKS, (_, response) => response.writeHead(503).end());
  assert.equal(await said(verifier, token), "good");
  await until(
    () => said(verifier, token),
    (code) => code === "keys_unavailable",
  );
  of.on(JWKS, json({ keys: [key.jwk] }));
  await until(
    () => said(verifier, token),
    (code) => code === "good",
  );
});

test("keys are fetched again when they are no longer fresh, while the old ones serve", async (t) => {
  const of = await issuer(t);
  const [key, next] = [await signer("one"), await signer("two")];
  of.on(JWKS, json({ keys: [key.jwk] }, { "cache-control": "public, max-age=0" }));
  const verifier = createVerifier({ issuer: of.url, cooldown: 0.05 });
  const token = await key.token(of);
  assert.equal(await said(verifier, token), "good");
  of.on(JWKS, json({ keys: [next.jwk] }, { "cache-control": "public, max-age=300" }));
  await until(
    () => said(verifier, token),
    (code) => code === "invalid_token",
  );
  assert.equal(await said(verifier, await next.token(of)), "good");
});

test("an issuer that cannot be one is refused at once", () => {
  for (const [url, why] of [
    ["", /is not a URL/],
    ["id.example", /is not a URL/],
    ["javascript:alert(1)", /is not https/],
    ["file:///etc/passwd", /is not https/],
    ["http://id.example", /is not https/],
    ["http://127.0.0.1.example", /is not https/],
    ["http://localhost.example", /is not https/],
    ["https://ada:secret@id.example", /must have no name/],
    ["https://id.example?x", /must have no name/],
    ["https://id.example#x", /must have no name/],
  ] as const) {
    assert.throws(() => createVerifier({ issuer: url }), why, url);
  }
  for (const url of ["https://id.example", "http://localhost:5000", "http://127.0.0.1:5000", "http://[::1]:5000"]) {
    createVerifier({ issuer: url });
  }
  createVerifier({ issuer: "http://id.example", allowHttp: true });
  const credentials = { clientId: "x", clientSecret: "y" };
  for (const revocations of [{ wait: 0 }, { wait: 1.5 }, { wait: 26 }, { wait: 20, maxLag: 40 }, { askAfter: 60 }]) {
    const options = { issuer: "https://id.example", revocations: { ...credentials, ...revocations } };
    assert.throws(() => createVerifier(options), TypeError, JSON.stringify(revocations));
  }
  assert.throws(() => createVerifier({ issuer: "https://id.example", timeout: 0 }), /timeout/);
});

test("a realm cannot break out of its header", () => {
  const { "WWW-Authenticate": challenge } = new Refusal("token_missing").headers('my "api"\r\nX: y\\');
  assert.equal(challenge, 'Bearer realm="my ?api???X: y?"');
});

test("a refusal is a whole answer where there is no framework", async () => {
  const answer = new Refusal("insufficient_scope", { scope: "notes:read" }).toResponse("notes");
  assert.equal(answer.status, 403);
  assert.match(answer.headers.get("www-authenticate") ?? "", /^Bearer realm="notes", error="insufficient_scope"/);
  assert.equal(((await answer.json()) as { error: string }).error, "insufficient_scope");
});
