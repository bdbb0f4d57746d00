/** Stands before a service, counts what passes, and loses answers: the request is done, and its sender never knows. */

import { once } from "node:events";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

export interface Passed {
  method: string;
  path: string;
  status: number;
  /** Whether the answer was lost. */
  lost: boolean;
  /** The body of the request, and what proved it. */
  sent: string;
  headers: IncomingMessage["headers"];
  received: string;
}

export interface Proxy {
  url: string;
  passed: Passed[];
  /** Those that asked for a renewal, in the order in which they came. */
  renewals(): Passed[];
  /** Set by the test: which answers are lost. */
  lose: (passed: Passed) => boolean;
  /** Set by the test: both answer in the service's place. */
  page: (request: IncomingMessage, response: ServerResponse) => boolean;
  instead: (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>;
}

export async function proxy(t: TestContext, upstream: { url: string }, port = 0): Promise<Proxy> {
  const self: Proxy = {
    url: "",
    passed: [],
    renewals: () => self.passed.filter(({ path }) => path === "/refresh"),
    lose: () => false,
    page: () => false,
    instead: () => false,
  };
  const server = createServer(async (incoming, outgoing) => {
    if (self.page(incoming, outgoing)) return;
    if (await self.instead(incoming, outgoing)) return;
    const sent = await text(incoming);
    const forwarded = request(upstream.url + incoming.url, { method: incoming.method!, headers: incoming.headers });
    forwarded.on("error", () => outgoing.destroy());
    forwarded.on("response", async (answer) => {
      const received = await text(answer);
      const { method = "", url: path = "", headers } = incoming;
      const passed = { method, path, status: answer.statusCode!, sent, headers, received, lost: false };
      passed.lost = self.lose(passed);
      self.passed.push(passed);
      if (passed.lost) return outgoing.destroy();
      outgoing.writeHead(answer.statusCode!, answer.rawHeaders).end(received);
    });
    forwarded.end(sent);
  }).listen(port, "127.0.0.1");
  await once(server, "listening");
  t.after(() => (server.close(), server.closeAllConnections()));
  self.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return self;
}

async function text(stream: IncomingMessage): Promise<string> {
  stream.setEncoding("utf8");
  let all = "";
  for await (const part of stream) all += part;
  return all;
}
