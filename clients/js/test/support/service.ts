/** A real service for a test: the binary that JETON_BINARY names, on a free port, with a database of its own. */

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { promisify } from "node:util";

export interface Service {
  /** Where it listens. */
  url: string;
  /** Ends it as a crash would, keeping its database. */
  kill(): Promise<void>;
  /** Starts it again where it was. */
  start(): Promise<void>;
  /** What a command on its database prints. */
  run(...command: string[]): Promise<string>;
}

/** Starts a service that ends with the test. Settings are variables without `JETON_`; `ISSUER` is where it listens. */
export async function service(t: TestContext, settings: Record<string, string> = {}): Promise<Service> {
  const binary = process.env["JETON_BINARY"];
  if (!binary) throw new Error("JETON_BINARY has to name the service's binary, such as target/debug/jeton");
  const folder = await mkdtemp(join(tmpdir(), "jeton-client-"));
  const listen = `127.0.0.1:${await freePort()}`;
  const url = `http://${listen}`;
  const named = { LISTEN: listen, ISSUER: url, LOG: "error", ...CHEAP_HASHES, ...settings };
  const env = Object.fromEntries(Object.entries(named).map(([name, value]) => [`JETON_${name}`, value]));
  let child: ChildProcess | undefined;
  const kill = async () => {
    if (child?.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  };
  const start = async () => {
    child = spawn(binary, ["serve"], { cwd: folder, env: { PATH: process.env["PATH"], ...env }, stdio: ["ignore", "ignore", "inherit"] });
    while (!(await isReady(url))) {
      if (child.exitCode !== null) throw new Error(`the service ended with ${child.exitCode}`);
      await new Promise((done) => setTimeout(done, 20));
    }
  };
  const run = async (...command: string[]) => {
    const options = { cwd: folder, env: { PATH: process.env["PATH"], ...env } };
    return (await promisify(execFile)(binary, command, options)).stdout;
  };
  t.after(async () => {
    await kill();
    await rm(folder, { recursive: true, force: true });
  });
  await start();
  return { url, kill, start, run };
}

/** Tests sign in often, and are not about guessing. */
const CHEAP_HASHES = { ARGON2_MEMORY_KIB: "8192", ARGON2_ITERATIONS: "1", RATE_LIMIT: "off" };

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`)).ok;
  } catch {
    return false;
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
