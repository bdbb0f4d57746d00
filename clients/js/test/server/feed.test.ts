import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test, type TestContext } from "node:test";
import { promisify } from "node:util";

import { createVerifier, type RevocationOptions, type VerifierEvent } from "@jeton/client/server";
import { until } from "../support/until.js";
import { issuer, json, JWKS, signer, type Issuer } from "./support/issuer.js";

const USER = "019b0000-0000-7000-8000-000000000001";
const TOKEN = "019b0000-0000-7000-8000-000000000002";
const SESSION = "019b0000-0000-7000-8000-000000000003";
const NOW = Math.floor(Date.now() / 1000);

const page = (revocations: unknown[], next: number, more = false, rest = {}) => ({
  revocations: revocations.map((entry, n) => ({ number: n + 1, until: NOW + 900, ...(entry as object) })),
  next,
  more,
  now: NOW,
  ...rest,
});

/** An issuer whose feed gives these pages, by the number they begin behind; others never come. */
async function feeding(t: TestContext, pages: Record<number, unknown>, options: Partial<RevocationOptions> = {}) {
  const of = await issuer(t);
  const key = await signer("one");
  of.on(JWKS, json({ keys: [key.jwk] }));
  of.on("/oauth/token", json({ access_token: "feed", token_type: "bearer" }));
  of.on("/revocations", (request, response) => {
    const { searchParams } = new URL(request.url ?? "", of.url);
    const since = Number(searchParams.get("since"));
    const isWaiting = searchParams.get("wait") !== "0";
    const answer = pages[since];
    if (answer !== undefined && !(isWaiting && isEmpty(answer))) json(answer)(request, response);
  });
  const events: VerifierEvent[] = [];
  const verifier = createVerifier({
    issuer: of.url,
    timeout: 0.5,
    revocations: { clientId: "id", clientSecret: "a secret & more", ...options },
    onEvent: (event) => events.push(event),
  });
  t.after(() => verifier.close());
  const codeOf = async (claims = {}) => {
    const token = await key.token(of, claims);
    return verifier.verify(token).then(
      () => "good",
      (error: { code: string }) => error.code,
    );
  };
  return { of, verifier, events, codeOf };
}

const isEmpty = (answer: unknown) => (answer as { revocations?: unknown[] }).revocations?.length === 0;

const feedRequests = (of: Issuer) => of.asked.filter(({ path }) => path === "/revocations");

test("tokens, sessions and users are revoked over several pages", async (t) => {
  const { of, codeOf } = await feeding(t, {
    0: page([{ kind: "session", id: SESSION }], 5, true),
    5: page([{ kind: "token", id: TOKEN }, { kind: "later", id: "x" }], 6, true),
    6: page([{ kind: "user", id: USER, below: 3 }], 7),
    7: page([], 7),
  });
  assert.equal(await codeOf({ sid: "other", jti: "other", uv: 3 }), "good");
  assert.equal(await codeOf({ jti: "other", uv: 3 }), "token_revoked");
  assert.equal(await codeOf({ sid: "other", uv: 3 }), "token_revoked");
  assert.equal(await codeOf({ sid: "other", jti: "other", uv: 2 }), "token_revoked");
  assert.equal(await codeOf({ sid: "other", jti: "other", uv: undefined }), "token_revoked");
  assert.equal(await codeOf({ sid: undefined, jti: "other", uv: 2, sub: "other" }), "good");
  assert.equal(feedRequests(of)[0]?.headers.authorization, "Bearer feed");
});

test("a restored back-up refuses what was issued before, and the numbers begin anew", async (t) => {
  const pages: Record<number, unknown> = { 0: page([], 0) };
  const { codeOf } = await feeding(t, pages, { askAfter: 0.001 });
  assert.equal(await codeOf(), "good");
  pages[0] = page([], 9);
  assert.equal(await codeOf(), "good");
  pages[9] = page([{ kind: "session", id: SESSION }], 1, false, { accepted_from: NOW - 10 });
  pages[1] = page([], 1);
  assert.equal(await codeOf(), "token_revoked");
  assert.equal(await codeOf({ sid: "other", iat: NOW - 11 }), "token_revoked");
  assert.equal(await codeOf({ sid: "other" }), "good");
});

for (const [what, answer] of Object.entries({
  "no object": [],
  "no entries": { next: 0, more: false, now: NOW },
  "an entry without an end": { ...page([], 1), revocations: [{ kind: "session", id: SESSION }] },
  "numbers that are text": { ...page([], 1), next: "1" },
  "more without an end": page([], 0, true),
  "entries that lead nowhere": page([{ kind: "session", id: SESSION }], 0),
})) {
  test(`${what} in place of a page is an outage, never a guess`, async (t) => {
    const { of, verifier, events, codeOf } = await feeding(t, { 0: answer });
    assert.equal(await codeOf(), "revocation_stale");
    await assert.rejects(verifier.ready(), /\/revocations (did not answer with a page|leads no further)/);
    const event = events.find(({ type }) => type === "revocations");
    assert(event?.failed, "it is told");
    assert(!event.error.message.includes("secret"));
    assert(feedRequests(of).length <= 2, "it is not asked without a pause");
  });
}

test("an access token that has expired is replaced, and nobody notices", async (t) => {
  const { of, events, codeOf } = await feeding(t, { 0: page([], 0) }, { askAfter: 0.001 });
  assert.equal(await codeOf(), "good");
  of.on("/oauth/token", json({ access_token: "second" }));
  of.on("/revocations", (request, response) => {
    if (request.headers.authorization !== "Bearer second") return response.writeHead(401).end();
    return json(page([{ kind: "session", id: SESSION }], 1))(request, response);
  });
  assert.equal(await codeOf(), "token_revoked");
  assert(events.every(({ failed }) => !failed));

  of.on("/revocations", (_, response) => response.writeHead(401).end());
  const before = of.count("/oauth/token");
  assert.equal(await codeOf({ sid: "other" }), "good", "the last answer is young enough");
  assert.equal(of.count("/oauth/token"), before + 1, "it does not ask for token after token");
});

test("a client without the scope, or with a wrong secret, is told so", async (t) => {
  for (const [status, why] of [
    [400, /has not the scope revocations:read/],
    [401, /does not know the client/],
    [302, /answered with status 302/],
  ] as const) {
    const { of, verifier } = await feeding(t, {});
    of.on("/oauth/token", (_, response) => response.writeHead(status, { location: "/elsewhere" }).end());
    await assert.rejects(verifier.ready(), why);
    assert.equal(of.count("/elsewhere"), 0);
  }
});

test("a service that does not let questions wait is not asked without a pause", async (t) => {
  const { of, codeOf } = await feeding(t, {});
  of.on("/revocations", json(page([], 0)));
  assert.equal(await codeOf(), "good");
  const begun = performance.now();
  await until(
    () => feedRequests(of).length,
    (count) => count >= 4,
  );
  assert(performance.now() - begun > 900, "half a second between questions");
});

test("a feed that is closed lets the process end", async (t) => {
  const { of } = await feeding(t, { 0: page([], 0) });
  const program = `
    import { createVerifier } from "@jeton/client/server";
    const verifier = createVerifier({ issuer: process.argv[1], revocations: { clientId: "a", clientSecret: "b" } });
    await verifier.ready();
    verifier.close();
    console.log("closed");
  `;
  const { stdout } = await promisify(execFile)("node", ["--input-type=module", "-e", program, of.url], {
    timeout: 10_000,
  });
  assert.equal(stdout, "closed\n");
});
