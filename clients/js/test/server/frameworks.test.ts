import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import { createVerifier, type VerifierEvent } from "@jeton/client/server";
import { service, type Service } from "../support/service.js";
import { until } from "../support/until.js";
import { APPS, serve } from "./support/apps.js";

const PASSWORD = "a long way to Lisbon";

interface Tokens {
  access_token: string;
  refresh_token: string;
  user_id: string;
}

async function post(url: string, body: unknown, token?: string): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
}

const signIn = async ({ url }: Service): Promise<Tokens> =>
  (await post(`${url}/login`, { username: "ada", password: PASSWORD })).json() as Promise<Tokens>;

/** A service where Ada is registered, and a verifier that follows its revocations. */
async function setUp(t: TestContext, settings = { wait: 1, maxLag: 3 }) {
  const of = await service(t);
  await post(`${of.url}/register`, { username: "ada", password: PASSWORD });
  const made = await of.run("clients", "create", "feeder", "--scope", "revocations:read", "--json");
  const { client_id: clientId, client_secret: clientSecret } = JSON.parse(made) as Record<string, string>;
  assert(clientId && clientSecret);
  const events: VerifierEvent[] = [];
  const verifier = createVerifier({
    issuer: of.url,
    revocations: { clientId, clientSecret, ...settings },
    onEvent: (event) => events.push(event),
  });
  t.after(() => verifier.close());
  return { of, verifier, events };
}

for (const [name, app] of Object.entries(APPS)) {
  test(`${name} lets good tokens through and says what is wrong with others`, async (t) => {
    const { of, verifier } = await setUp(t);
    const get = await serve(t, await app(verifier));
    const tokens = await signIn(of);
    const bearer = `Bearer ${tokens.access_token}`;

    const good = await get("/me", bearer);
    assert.deepEqual([good.status, good.body], [200, { sub: tokens.user_id, username: "ada" }]);
    assert.equal((await get("/me", `bEARER  ${tokens.access_token}`)).status, 200);
    assert.equal((await get("/recent", bearer)).status, 200);

    const missing = await get("/me");
    assert.deepEqual(
      [missing.status, missing.challenge, missing.body],
      [401, 'Bearer realm="api"', { error: "token_missing", message: "Token is missing" }],
    );
    assert.match(missing.headers.get("content-type") ?? "", /^application\/json\b/);
    assert.equal(missing.headers.get("cache-control"), "no-store");
    assert.deepEqual((await get("/me", "Basic YTpi")).body, missing.body);

    const sample = (await (await fetch(`${of.url}/sign-token`)).json()) as { token: string };
    const [head, claims, signature] = tokens.access_token.split(".");
    const other = (await signIn(of)).access_token.split(".");
    for (const token of [
      tokens.refresh_token,
      sample.token,
      "x",
      `${head}.${claims}.${other[2]}`,
      `${head}.${other[1]}.${signature}`,
      `${head}.${claims}.`,
      `${head}.${claims}`,
    ]) {
      const bad = await get("/me", `Bearer ${token}`);
      assert.deepEqual(
        [bad.status, bad.challenge, bad.body],
        [
          401,
          'Bearer realm="api", error="invalid_token", error_description="Invalid token"',
          { error: "invalid_token", message: "Invalid token" },
        ],
        token,
      );
    }
    for (const header of [`${bearer} more`, tokens.access_token, `${bearer}, ${bearer}`]) {
      const unclear = await get("/me", header);
      assert.equal(unclear.status, 400);
      assert.match(unclear.challenge ?? "", /^Bearer realm="api", error="invalid_request", /);
      assert.equal((unclear.body as { error: string }).error, "invalid_request");
    }

    const denied = await get("/admin", bearer);
    assert.equal(denied.status, 403);
    assert.match(denied.challenge ?? "", /error="insufficient_scope"/);
    assert.equal((denied.body as { error: string }).error, "insufficient_scope");
    assert.match((await get("/notes", bearer)).challenge ?? "", /, scope="notes:read notes:write"$/);
    await of.run("users", "set", "ada", "--role", "admin");
    const promoted = await get("/admin", `Bearer ${(await signIn(of)).access_token}`);
    assert.deepEqual([promoted.status, promoted.body], [200, { roles: ["admin"] }]);
  });

  test(`${name} refuses a revoked session within a second of the answer`, async (t) => {
    const { of, verifier } = await setUp(t, { wait: 20, maxLag: 60 });
    await verifier.ready();
    const get = await serve(t, await app(verifier));
    const ended = await signIn(of);
    const kept = await signIn(of);
    assert.equal((await get("/me", `Bearer ${ended.access_token}`)).status, 200);

    assert.equal((await post(`${of.url}/logout`, {}, ended.access_token)).status, 200);
    const answered = performance.now();
    const refused = await until(
      () => get("/me", `Bearer ${ended.access_token}`),
      ({ status }) => status !== 200,
    );
    const took = performance.now() - answered;
    t.diagnostic(`refused ${took.toFixed(0)} ms after the answer`);
    assert(took < 1000, `${took} ms`);
    assert.deepEqual(
      [refused.status, refused.body],
      [401, { error: "token_revoked", message: "Token has been revoked" }],
    );
    assert.match(refused.challenge ?? "", /error="invalid_token", error_description="Token has been revoked"/);
    assert.equal((await get("/me", `Bearer ${kept.access_token}`)).status, 200);
  });

  test(`${name} verifies while the service is dead until the bound, then answers 503`, async (t) => {
    const { of, verifier, events } = await setUp(t);
    const get = await serve(t, await app(verifier));
    const known = `Bearer ${(await signIn(of)).access_token}`;
    const revoked = (await signIn(of)).access_token;
    assert.equal((await post(`${of.url}/logout`, {}, revoked)).status, 200);
    await until(
      () => get("/me", `Bearer ${revoked}`),
      ({ status }) => status === 401,
    );
    assert.equal((await get("/me", known)).status, 200);

    await of.kill();
    await until(
      () => events.at(-1),
      (event) => event?.failed === true,
    );
    assert.equal((await get("/me", known)).status, 200, "before the bound");
    const stale = await until(
      () => get("/me", known),
      ({ status }) => status !== 200,
    );
    assert.equal(stale.status, 503);
    assert.equal((stale.body as { error: string }).error, "revocation_stale");
    assert.deepEqual([stale.challenge, stale.headers.get("retry-after")], [null, "1"]);
    assert.equal((await get("/me", `Bearer ${revoked}`)).status, 401, "what is known to be revoked stays so");

    await of.start();
    await until(
      () => get("/me", known),
      ({ status }) => status === 200,
    );
    assert.equal((await get("/me", `Bearer ${revoked}`)).status, 401);
  });
}

test("a user's tokens are refused once the version is raised, and a client's wrong secret is told", async (t) => {
  const { of, verifier } = await setUp(t, { wait: 20, maxLag: 60 });
  await verifier.ready();
  const { access_token: token } = await signIn(of);
  assert.equal((await verifier.verify(token)).username, "ada");
  await of.run("users", "disable", "ada");
  await until(
    () => verifier.verify(token).then(() => "good", (error: { code: string }) => error.code),
    (said) => said === "token_revoked",
  );

  const stranger = createVerifier({ issuer: of.url, revocations: { clientId: "x", clientSecret: "y" } });
  t.after(() => stranger.close());
  await assert.rejects(stranger.ready(), /does not know the client, or its secret is wrong/);
});

test("where nothing goes on between requests, a check asks first", async (t) => {
  const { of, verifier, events } = await setUp(t, { wait: 1, maxLag: 60 });
  verifier.close();
  const made = await of.run("clients", "create", "worker", "--scope", "revocations:read", "--json");
  const { client_id: clientId, client_secret: clientSecret } = JSON.parse(made) as Record<string, string>;
  assert(clientId && clientSecret);
  const asking = createVerifier({ issuer: of.url, revocations: { clientId, clientSecret, askAfter: 0.001 } });
  const { access_token: token } = await signIn(of);
  assert.equal((await asking.verify(token)).username, "ada");
  await post(`${of.url}/logout`, {}, token);
  await assert.rejects(asking.verify(token), { code: "token_revoked" });
  assert(events.every(({ failed }) => !failed));
});
