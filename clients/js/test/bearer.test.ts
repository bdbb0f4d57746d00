import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";

import { createJeton, type JetonError, type JetonEvents } from "@jeton/client";

import { ROMEL, signedIn } from "./support/people.js";
import { proxy } from "./support/proxy.js";
import { service } from "./support/service.js";

afterEach(() => mock.restoreAll());

test("a program signs up and in, looks around, changes its password and signs out", async (t) => {
  const { url } = await service(t);
  const jeton = createJeton({ issuer: url });
  assert.equal(jeton.mode, "bearer");
  assert.equal(await jeton.user(), null);

  const registered = await jeton.register({ ...ROMEL, email: "romel@example.org" });
  assert.equal(registered.username, "Romel");
  await jeton.login(ROMEL);
  assert.equal(jeton.state().status, "in");
  assert.deepEqual(await jeton.user(), { ...registered, email: "romel@example.org", roles: [] });

  const other = createJeton({ issuer: url });
  await other.login(ROMEL);
  const sessions = await jeton.sessions();
  assert.deepEqual(sessions.map(({ current }) => current).sort(), [false, true]);
  await jeton.endSession(sessions.find(({ current }) => !current)!.id);
  assert.equal(await other.user(), null);
  assert.equal(other.state().status, "out");

  await jeton.changePassword(ROMEL.password, "blue horse over the fence");
  assert.equal((await jeton.fetch(`${url}/protected`)).status, 200);
  await jeton.logout();
  assert.deepEqual({ ...jeton.state(), endsIn: 0 }, { status: "out", userId: undefined, reason: "logout", expiring: false, final: false, endsIn: 0 });
  assert.equal((await jeton.fetch(`${url}/protected`)).status, 401);
});

test("what is refused is one error with the service's code", async (t) => {
  const { url } = await service(t);
  const jeton = createJeton({ issuer: url });
  const refused = (error: JetonError) => {
    assert.equal(error.name, "JetonError");
    assert.ok(error.requestId);
    return `${error.status} ${error.code}`;
  };
  const rejects = (promise: Promise<unknown>, expected: string) =>
    assert.rejects(promise, (error: JetonError) => (assert.equal(refused(error), expected), true));
  await rejects(jeton.login(ROMEL), "401 invalid_credentials");
  await rejects(jeton.register({ ...ROMEL, password: "12341234" }), "422 weak_password");
  await signedIn(jeton);
  await rejects(jeton.register(ROMEL), "400 username_taken");
  await rejects(jeton.changePassword("wrong password", "blue horse over the fence"), "401 invalid_credentials");
  await rejects(jeton.endSession("none"), "404 session_not_found");
  assert.equal(jeton.state().status, "in");
});

test("1,000 parallel requests, and 20 expiries with answers lost: exactly 20 renewals, and nobody is signed out", async (t) => {
  const upstream = await service(t);
  const before = await proxy(t, upstream);
  const jeton = createJeton({ issuer: before.url });
  await signedIn(jeton);
  let out = 0;
  jeton.on("signedout", () => out++);
  // The first answer to every third renewal is lost, and one in fifty others.
  let others = 0;
  const tokens = new Set<string>();
  before.lose = ({ path, sent }) => {
    if (path !== "/refresh") return ++others % 50 === 0;
    const isNew = !tokens.has(sent);
    tokens.add(sent);
    return isNew && tokens.size % 3 === 0;
  };
  const now = Date.now;
  for (let expiry = 1; expiry <= 20; expiry++) {
    // The token's quarter of an hour is over.
    mock.method(Date, "now", () => now() + expiry * 900_000);
    const length = expiry < 20 ? 50 : 1000;
    const answers = await Promise.all(Array.from({ length }, () => jeton.fetch(`${before.url}/protected`)));
    assert.ok(answers.every(({ status }) => status === 200));
    assert.equal(tokens.size, expiry, "refresh tokens that were exchanged");
  }
  const lost = before.renewals().filter(({ lost }) => lost).length;
  assert.equal(lost, 6);
  assert.equal(before.renewals().length, 20 + lost);
  assert.equal(out, 0);
  await jeton.logout();
  assert.equal((await jeton.fetch(`${before.url}/protected`)).status, 401);
  assert.equal(before.renewals().length, 20 + lost, "none after the sign-out");
});

test("a session that ends elsewhere is told with its reason, once", async (t) => {
  const upstream = await service(t);
  const before = await proxy(t, upstream);
  const [here, there] = [createJeton({ issuer: before.url }), createJeton({ issuer: before.url })];
  await signedIn(here);
  await there.login(ROMEL);
  const told: JetonEvents["signedout"][] = [];
  here.on("signedout", (event) => told.push(event));
  await there.logout("others");
  assert.equal(there.state().status, "in");
  const answers = await Promise.all([1, 2, 3].map(() => here.fetch(`${before.url}/protected`)));
  assert.deepEqual(answers.map(({ status }) => status), [401, 401, 401]);
  assert.equal(told.length, 1);
  assert.ok(told[0]!.reason);
  assert.equal(before.renewals().length, 1);
});
