/** Tabs of one browser, in cookie mode: they have one session between them. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { createJeton } from "@jeton/client";
import type { Page } from "playwright-core";

import { ROMEL } from "../support/people.js";
import { service } from "../support/service.js";
import { until } from "../support/until.js";
import { browser, open, pageBefore, signIn } from "./chromium.js";

const status = (page: Page) => page.getAttribute("main", "data-status");

test("ten tabs under StrictMode, 1,000 requests through 20 expiries with answers lost: nobody is signed out", async (t) => {
  const upstream = await service(t, { ACCESS_LIFETIME: "2s" });
  const before = await pageBefore(t, upstream);
  const context = await browser(t);
  await createJeton({ issuer: before.url }).register(ROMEL);
  const first = await open(context, before);
  await signIn(first, ROMEL.username, ROMEL.password);
  await first.getByRole("heading", { name: "Romel" }).waitFor();
  const tabs = [first];
  while (tabs.length < 10) tabs.push(await open(context, before));
  // The proxy cannot tell them apart by anything of theirs.
  await Promise.all(tabs.map((tab, number) => tab.setExtraHTTPHeaders({ "x-tab": `${number}` })));
  await Promise.all(tabs.map((tab) => tab.getByRole("heading", { name: "Romel" }).waitFor()));

  let answers = 0;
  let lost = 0;
  const cookies = new Set<string>();
  before.lose = ({ path, headers }) => {
    // Every third renewal when it is first asked for, and one in forty other answers.
    const isNew = path === "/refresh" && !cookies.has(headers.cookie!);
    if (isNew) cookies.add(headers.cookie!);
    const isLost = path === "/refresh" ? isNew && cookies.size % 3 === 0 : ++answers % 40 === 0;
    if (isLost) lost++;
    return isLost;
  };
  before.passed.length = 0;
  for (let expiry = 1; expiry <= 20; expiry++) {
    await until(async () => (await context.cookies()).some(({ name }) => name === "jeton_access"), (is) => !is);
    const rounds = await Promise.all(
      tabs.map((tab) =>
        tab.evaluate(() => Promise.all([1, 2, 3, 4, 5].map(async () => (await window.jeton.fetch("/protected")).status))),
      ),
    );
    assert.deepEqual(new Set(rounds.flat()), new Set([200]));
  }
  // Each expiry has a refresh token of its own, which a tab exchanges once at most, but for answers that were lost.
  const answered = before.renewals().filter(({ lost }) => !lost);
  const exchanges = answered.map(({ headers }) => `${headers["x-tab"]} ${/jeton_refresh=[^;]+/.exec(headers.cookie!)}`);
  assert.equal(new Set(exchanges).size, exchanges.length);
  assert.ok(new Set(exchanges.map((exchange) => exchange.split(" ")[1])).size >= 20);
  const requests = before.passed.filter(({ path, status, lost }) => path === "/protected" && status === 200 && !lost);
  assert.equal(requests.length, 1000);
  assert.ok(lost > 20, `${lost} answers were lost`);
  assert.deepEqual(await Promise.all(tabs.map(status)), tabs.map(() => "in"));
  assert.deepEqual(await Promise.all(tabs.map((tab) => tab.evaluate(() => window.told))), tabs.map(() => []));
  t.diagnostic(`${before.renewals().length} requests for a renewal at 20 expiries, ${before.renewals().filter(({ lost }) => lost).length} answers to them lost`);

  // Nothing is renewed after a sign-out, whatever tabs ask for.
  before.lose = () => false;
  await first.evaluate(() => window.jeton.logout());
  const renewals = before.renewals().length;
  await Promise.all(tabs.map((tab) => tab.waitForSelector('main[data-status="out"]')));
  const refused = await Promise.all(tabs.map((tab) => tab.evaluate(async () => (await window.jeton.fetch("/protected")).status)));
  assert.deepEqual(new Set(refused), new Set([401]));
  assert.equal(before.renewals().length, renewals);
  assert.deepEqual(await Promise.all(tabs.map((tab) => tab.evaluate(() => window.told))), tabs.map(() => ["logout"]));
});

test("a sign-in in one tab signs the others in, and nothing goes out under another person's session", async (t) => {
  const upstream = await service(t);
  const before = await pageBefore(t, upstream);
  const context = await browser(t);
  const outside = createJeton({ issuer: before.url });
  await outside.register(ROMEL);
  await outside.register({ username: "Ada", password: "pass1425" });
  const [first, second] = [await open(context, before), await open(context, before)];
  await signIn(first, "Romel", "pass1425");
  await second.getByRole("heading", { name: "Romel" }).waitFor();

  // Ada signs in where no tab hears of it, such as at the service's own pages.
  const answer = await first.evaluate(async () => {
    const body = JSON.stringify({ username: "Ada", password: "pass1425", cookies: true });
    await fetch("/login", { method: "POST", headers: { "content-type": "application/json" }, body });
    return (await window.jeton.fetch("/logout", { method: "POST" })).status;
  });
  assert.equal(answer, 403);
  await first.getByRole("heading", { name: "Ada" }).waitFor();
  await second.getByRole("heading", { name: "Ada" }).waitFor();
  assert.equal(await first.evaluate(async () => (await window.jeton.fetch("/protected")).status), 200);
});

test("a reload finds the session again, without BroadcastChannel too", async (t) => {
  const upstream = await service(t, { ACCESS_LIFETIME: "1s" });
  const before = await pageBefore(t, upstream);
  const context = await browser(t);
  await context.addInitScript(() => Reflect.deleteProperty(globalThis, "BroadcastChannel"));
  await createJeton({ issuer: before.url }).register(ROMEL);
  const page = await open(context, before);
  assert.equal(await status(page), "out");
  await signIn(page, ROMEL.username, ROMEL.password);
  await page.getByRole("heading", { name: "Romel" }).waitFor();
  await until(async () => (await context.cookies()).some(({ name }) => name === "jeton_access"), (is) => !is);
  await page.reload();
  await page.getByRole("heading", { name: "Romel" }).waitFor();
  assert.equal(before.renewals().filter(({ status }) => status === 200).length, 1);
});

test("requests wait while a browser is offline, and nobody is signed out", async (t) => {
  const upstream = await service(t, { ACCESS_LIFETIME: "1s" });
  const before = await pageBefore(t, upstream);
  const context = await browser(t);
  await createJeton({ issuer: before.url }).register(ROMEL);
  const page = await open(context, before);
  await signIn(page, ROMEL.username, ROMEL.password);
  await page.getByRole("heading", { name: "Romel" }).waitFor();
  await until(async () => (await context.cookies()).some(({ name }) => name === "jeton_access"), (is) => !is);
  await context.setOffline(true);
  const waiting = page.evaluate(async () => [(await window.jeton.fetch("/protected")).status, (await window.jeton.fetch("/logout", { method: "POST", body: '{"scope":"others"}', headers: { "content-type": "application/json" } })).status]);
  await page.waitForFunction(() => !navigator.onLine);
  await context.setOffline(false);
  assert.deepEqual(await waiting, [200, 200]);
  assert.equal(await status(page), "in");
});
