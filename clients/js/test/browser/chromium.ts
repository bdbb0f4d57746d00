/** Headless Chromium, and a page of ours before a service, at one origin. */

import { build } from "esbuild";
import { readFile } from "node:fs/promises";
import type { TestContext } from "node:test";
import { type BrowserContext, chromium, type Page } from "playwright-core";

import { proxy, type Proxy } from "../support/proxy.js";

/** A browser of its own for one test. */
export async function browser(t: TestContext): Promise<BrowserContext> {
  const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
  // In a container without user namespaces Chromium has no sandbox, and loads nothing but our own page here.
  const started = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  t.after(() => started.close());
  const context = await started.newContext();
  context.setDefaultTimeout(60_000);
  return context;
}

/** A proxy that shows the page at `/app`, and passes everything else on. */
export async function pageBefore(t: TestContext, upstream: { url: string }): Promise<Proxy> {
  const bundle = await build({
    entryPoints: ["build/pages/app.js"],
    bundle: true,
    write: false,
    outfile: "app.js",
    format: "esm",
    define: { "process.env.NODE_ENV": '"development"' },
  });
  const style = await readFile("dist/react/style.css", "utf8");
  const html = `<!doctype html><html lang="en"><title>Page</title><style>${style}</style><body></body><script type="module" src="/app.js"></script>`;
  const before = await proxy(t, upstream);
  before.page = ({ url }, response) => {
    const isScript = url === "/app.js";
    if (!isScript && !url?.startsWith("/app")) return false;
    response.writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html" });
    return !!response.end(isScript ? bundle.outputFiles[0]!.contents : html);
  };
  return before;
}

/** Opens the page, and comes when it knows who is signed in. */
export async function open(context: BrowserContext, before: Proxy, query = ""): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${before.url}/app${query}`);
  await page.waitForSelector('main:not([data-status="unknown"])');
  return page;
}

export async function signIn(page: Page, username: string, password: string): Promise<void> {
  await page.getByLabel("Username").fill(username);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}
