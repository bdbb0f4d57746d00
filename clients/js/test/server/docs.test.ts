/** The applications of docs/verify-in-your-app.md that are made with this package, run as they stand there. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";

import { service, type Service } from "../support/service.js";
import { until } from "../support/until.js";

const PAGE = "../../docs/verify-in-your-app.md";

async function written(framework: string): Promise<string> {
  const page = await readFile(PAGE, "utf8");
  const [, text] = new RegExp(`<!-- client-${framework}: app.mjs -->\n\`\`\`js\n(.*?)\n\`\`\``, "s").exec(page) ?? [];
  assert(text, `the page has no ${framework}`);
  // Below this package, so that its own name leads to it.
  const folder = `build/docs/${framework}`;
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/app.mjs`, text);
  return `${folder}/app.mjs`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Starts an application; returns how it answers to a token. */
async function start(t: TestContext, app: string, environment: Record<string, string>) {
  const port = await freePort();
  const env = { PATH: process.env["PATH"], PORT: String(port), ...environment };
  const child: ChildProcess = spawn("node", [app], { env, stdio: ["ignore", "ignore", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  const get = (path: string, token?: string) =>
    fetch(`http://127.0.0.1:${port}${path}`, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });
  await until(
    () => {
      assert.equal(child.exitCode, null, "it ended before it listened");
      return get("/me").then(
        () => true,
        () => false,
      );
    },
    (listens) => listens,
  );
  return get;
}

const post = (of: Service, path: string, body: unknown, token?: string) =>
  fetch(`${of.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });

for (const framework of ["express", "fastify", "hono"]) {
  test(`the application with ${framework} does what the page says`, async (t) => {
    const of = await service(t);
    const account = { username: "ada", password: "a long way to Lisbon" };
    await post(of, "/register", account);
    const signIn = async () => (await (await post(of, "/login", account)).json()) as Record<string, string>;
    const made = await of.run("clients", "create", "my-api", "--scope", "revocations:read", "--json");
    const client = JSON.parse(made) as { client_id: string; client_secret: string };
    const credentials = { CLIENT_ID: client.client_id, CLIENT_SECRET: client.client_secret };
    const app = await written(framework);
    const get = await start(t, app, { ISSUER: of.url, ...credentials });

    const { access_token: token = "", refresh_token: refresh = "", user_id: id } = await signIn();
    const me = await get("/me", token);
    assert.deepEqual([me.status, await me.json()], [200, { sub: id, username: "ada" }]);
    for (const [bad, challenge] of [
      [undefined, /^Bearer realm="api"$/],
      [refresh, /^Bearer realm="api", error="invalid_token"/],
    ] as const) {
      const answer = await get("/me", bad);
      assert.equal(answer.status, 401);
      assert.match(answer.headers.get("www-authenticate") ?? "", challenge);
    }
    assert.equal((await get("/admin", token)).status, 403);
    await of.run("users", "set", "ada", "--role", "admin");
    const { access_token: promoted = "" } = await signIn();
    assert.equal((await get("/admin", promoted)).status, 200);

    await post(of, "/logout", {}, promoted);
    await until(
      async () => (await get("/admin", promoted)).status,
      (status) => status === 401,
    );
    const elsewhere = await start(t, app, { ISSUER: of.url, AUDIENCE: "https://elsewhere.example", ...credentials });
    assert.equal((await elsewhere("/me", token)).status, 401);
    const cutOff = await start(t, app, { ISSUER: `http://127.0.0.1:${await freePort()}`, ...credentials });
    assert.equal((await cutOff("/me", token)).status, 503);
  });
}
