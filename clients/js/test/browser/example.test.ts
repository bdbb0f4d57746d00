/** examples/react, walked as its reader walks it: cookies and bearer tokens, at the service's origin and at another. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { test, type TestContext } from "node:test";

import type { Page } from "playwright-core";

import { freePort, service } from "../support/service.js";
import { until } from "../support/until.js";
import { browser, signIn } from "./chromium.js";

const EXAMPLE = "../../examples/react";
const ADA = { username: "Ada", password: "pass1425" };

/** Runs Vite in the example's folder until it ends, or with the test. */
function vite(t: TestContext, words: string[], variables: Record<string, string>): ChildProcess {
  const child = spawn("node", ["node_modules/vite/bin/vite.js", ...words], {
    cwd: EXAMPLE,
    env: { ...process.env, ...variables },
    stdio: ["ignore", "ignore", "inherit"],
  });
  t.after(() => child.kill());
  return child;
}

for (const mode of ["cookie", "bearer"]) {
  for (const place of ["the service's origin", "another origin"]) {
    test(`the example at ${place}, mode ${mode}`, async (t) => {
      const at = `127.0.0.1:${await freePort()}`;
      const { url } = await service(t, { REFRESH_LIFETIME: "30s", REFRESH_GRACE: "5s", ACCESS_LIFETIME: "3s", CORS_ORIGINS: `http://${at}` });
      const isOther = place === "another origin";
      const variables = { JETON: url, VITE_JETON_MODE: mode, ...(isOther ? { VITE_JETON_ISSUER: url } : {}) };
      const [host, port] = at.split(":") as [string, string];
      const words = ["--host", host, "--port", port, "--strictPort"];
      if (isOther) {
        vite(t, words, variables);
      } else {
        const outDir = `node_modules/.built-${mode}`;
        const [code] = await once(vite(t, ["build", "--outDir", outDir, "--logLevel", "warn"], variables), "exit");
        assert.equal(code, 0);
        vite(t, ["preview", "--outDir", outDir, ...words], variables);
      }
      await until(() => fetch(`http://${at}`).then(() => true, () => false), Boolean);
      const context = await browser(t);
      await walk(await context.newPage(), `http://${at}`, url, mode);
    });
  }
}

async function walk(page: Page, at: string, serviceUrl: string, mode: string): Promise<void> {
  const authorizations = new Set<string>();
  page.on("request", (request) => {
    const { authorization } = request.headers();
    if (authorization) authorizations.add(authorization.slice(0, 9));
  });
  await page.goto(at);
  await page.getByRole("button", { name: "I am new here" }).click();
  await page.getByLabel("Username").fill(ADA.username);
  await page.getByLabel("E-mail").fill("ada@example.org");
  await page.getByLabel("Password").fill("12341234");
  await page.getByRole("button", { name: "Sign up" }).click();
  // The tutorial's own password is among the common ones.
  await page.getByRole("alert").filter({ hasText: "common" }).waitFor();
  await page.getByLabel("Password").fill(ADA.password);
  await page.getByRole("button", { name: "Sign up" }).click();
  await page.getByRole("heading", { name: "Hello, Ada" }).waitFor();
  await page.getByText("ada@example.org").waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();

  // A name and a password go to the service, which answers with tokens that every further request is proved by.
  await signIn(page, ADA.username, ADA.password);
  await page.getByRole("button", { name: "Ask the API" }).click();
  await page.locator("output").filter({ hasText: /200 .*"username":"Ada"/ }).waitFor();
  assert.deepEqual([...authorizations], mode === "bearer" ? ["Bearer ey"] : []);
  assert.equal(await page.evaluate(() => localStorage.length), 0);

  // Somebody signs in elsewhere, and is put out from here.
  const headers = { "content-type": "application/json" };
  const elsewhere = await (await fetch(`${serviceUrl}/login`, { method: "POST", headers, body: JSON.stringify(ADA) })).json();
  await page.reload();
  await page.getByRole("button", { name: "End session" }).click();
  await page.getByRole("button", { name: "End session" }).waitFor({ state: "detached" });
  const bearer = { authorization: `Bearer ${elsewhere.access_token}` };
  assert.equal((await fetch(`${serviceUrl}/protected`, { headers: bearer })).status, 401);

  // The prompt, and what was typed before it.
  await page.getByLabel("Notes").fill("half a sentence");
  const renewal = page.waitForResponse((response) => response.url().endsWith("/refresh") && response.ok());
  const prompt = page.getByRole("dialog");
  while (!(await prompt.isVisible()) && !(await isRenewed(renewal))) await page.getByRole("button", { name: "Ask the API" }).click({ timeout: 1000 }).catch(() => {});
  await prompt.waitFor();
  await prompt.getByRole("button", { name: "Stay signed in" }).click();
  await prompt.waitFor({ state: "detached" });
  assert.equal(await page.getByLabel("Notes").inputValue(), "half a sentence");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
}

/** Whether a request has renewed the session already: from then on the page knows when it ends. */
const isRenewed = (renewal: Promise<unknown>) =>
  Promise.race([renewal.then(() => true), new Promise<boolean>((done) => setTimeout(() => done(false), 200))]);
