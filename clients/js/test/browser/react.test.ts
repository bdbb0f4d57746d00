/** The components, as their reader meets them. */

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import { createJeton } from "@jeton/client";
import type { Page } from "playwright-core";

import { ROMEL } from "../support/people.js";
import { service } from "../support/service.js";
import { browser, open, pageBefore, signIn } from "./chromium.js";

async function signedInPage(t: TestContext, settings: Record<string, string>): Promise<Page> {
  const upstream = await service(t, settings);
  const before = await pageBefore(t, upstream);
  await createJeton({ issuer: before.url }).register(ROMEL);
  const page = await open(await browser(t), before, "?warn=4");
  await signIn(page, ROMEL.username, ROMEL.password);
  await page.getByRole("heading", { name: "Romel" }).waitFor();
  return page;
}

test("what is wrong with a sign-in is said, and nothing typed is lost", async (t) => {
  const upstream = await service(t);
  const before = await pageBefore(t, upstream);
  const page = await open(await browser(t), before);
  await signIn(page, "Nobody", "no password");
  await page.getByText("Invalid username or password").waitFor();
  assert.equal(await page.getByLabel("Username").inputValue(), "Nobody");
  await upstream.kill();
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("The service cannot be reached. Try again.").waitFor();
});

test("the prompt offers to stay, takes nothing that is typed, and gives the focus back", async (t) => {
  const page = await signedInPage(t, { REFRESH_GRACE: "1s", REFRESH_LIFETIME: "8s", ACCESS_LIFETIME: "2s" });
  await page.getByLabel("Notes").fill("half a ");
  const prompt = page.getByRole("dialog");
  await prompt.waitFor();
  // Whoever types on presses no button by it.
  await page.keyboard.press("Space");
  await page.keyboard.press("Enter");
  assert.ok(await prompt.isVisible());
  assert.match((await prompt.getByRole("timer").textContent())!, /^0:0\d$/);
  // The countdown is not read out every second.
  assert.equal(await prompt.getByRole("timer").getAttribute("aria-live"), "off");
  assert.equal(await prompt.locator("[aria-live=polite]").textContent(), "10 seconds left");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Stay signed in");
  await page.keyboard.press("Enter");
  await prompt.waitFor({ state: "detached" });
  assert.equal(await page.evaluate(() => document.activeElement?.ariaLabel), "Notes");
  await page.keyboard.type("sentence");
  assert.equal(await page.getByLabel("Notes").inputValue(), "half a sentence");
});

test("a prompt that nobody answers ends in the sign-in, which says why", async (t) => {
  const page = await signedInPage(t, { REFRESH_GRACE: "1s", REFRESH_LIFETIME: "4s", ACCESS_LIFETIME: "2s" });
  await page.getByRole("dialog").waitFor();
  // Escape puts it away, and the session ends all the same.
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByText("Your session's time was over.").waitFor();
  await page.getByLabel("Password").waitFor();
});

test("where no renewal moves the end, signing in again does", async (t) => {
  const page = await signedInPage(t, { REFRESH_GRACE: "1s", REFRESH_LIFETIME: "6s", SESSION_LIFETIME: "7s", ACCESS_LIFETIME: "2s" });
  await page.getByLabel("Notes").fill("half a sentence");
  await page.getByRole("button", { name: "Stay signed in" }).click();
  const prompt = page.getByRole("dialog");
  await prompt.getByText("cannot be made longer").waitFor();
  await prompt.getByLabel("Username").fill(ROMEL.username);
  await prompt.getByLabel("Password").fill(ROMEL.password);
  await prompt.getByRole("button", { name: "Sign in" }).click();
  await prompt.waitFor({ state: "detached" });
  assert.equal(await page.getByLabel("Notes").inputValue(), "half a sentence");
});
