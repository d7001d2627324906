import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { Service } from "./service.ts";

test("a service of a test serves, is started again at the same address, and leaves nothing behind", async () => {
  const service = await Service.start();
  const { url, folder } = service;
  const health = async () => (await fetch(`${url}/health`)).status;
  assert.equal(await health(), 200);
  await service.restart();
  assert.equal(service.url, url);
  assert.equal(await health(), 200);
  await service.end();
  assert.equal(existsSync(folder), false);
  await assert.rejects(health());
});

test("a service that cannot start says why", async () => {
  await assert.rejects(
    Service.start({ CC_LITE_ACCESS_TOKEN_TTL: "soon" }),
    /CC_LITE_ACCESS_TOKEN_TTL is `soon`/,
  );
});
