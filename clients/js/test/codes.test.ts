import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

import { service } from "./support/service.js";

test("the error codes are those of the service's document", async (t) => {
  const { url } = await service(t);
  const check = spawnSync("node", ["scripts/codes.js", url, "--check"], { encoding: "utf8" });
  assert.equal(check.status, 0, check.stderr);
});
