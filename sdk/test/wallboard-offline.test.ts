// The wallboard as an app: installed, without a network, on a cold cache.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { Screen, startBrowser } from "./browser.ts";
import { CallCentre } from "./call-centre.ts";
import { Service } from "./service.ts";
import { eventually } from "./wait.ts";

let browser: Browser;
let service: Service;
before(async () => {
  [browser, service] = await Promise.all([startBrowser(), Service.start()]);
});
after(async () => {
  await browser?.close();
  await service?.end();
});

test("without a network the shell is there and says so; what it keeps is no answer of the API", async () => {
  await using screen = await Screen.open(browser, service.url);
  const { page } = screen;
  await screen.logIn();
  const centre = await CallCentre.at(service.url);
  const call = await centre.begin("jana.dvorakova");
  await screen.call(call).waitFor();
  const kept = () =>
    page.evaluate(async () => {
      const caches = globalThis.caches;
      const names = await caches.keys();
      const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
      return requests.flat().map((request) => new URL(request.url).pathname);
    });
  await eventually("the shell to be kept", async () => (await kept()).includes("/app/"));
  await page.context().setOffline(true);
  await page.reload();
  await screen.banner.filter({ hasText: "Connection lost" }).waitFor();
  await screen.picture("offline");
  assert.equal(await screen.call(call).count(), 0, "a reload forgets people's data");
  const paths = await kept();
  assert.ok(paths.length >= 6, `${paths}`);
  for (const path of paths) assert.ok(path.startsWith("/app/"), `${path} is kept`);
  await page.context().setOffline(false);
  await screen.live.waitFor();
  await screen.call(call).waitFor();
});

test("browsers offer to install it", async () => {
  await using screen = await Screen.open(browser, service.url);
  const session = await screen.page.context().newCDPSession(screen.page);
  await eventually("no reason against it", async () => {
    const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
    // A context of a test is a private window, which is nobody's to install.
    const reasons = installabilityErrors.filter(({ errorId }) => errorId !== "in-incognito");
    assert.deepEqual(reasons, []);
    return true;
  });
  const { errors, url } = await session.send("Page.getAppManifest");
  assert.deepEqual([errors, url], [[], `${service.url}/app/manifest.webmanifest`]);
});

test("on a cold cache few bytes bring it, and the numbers are there at once", async (t) => {
  await using screen = await Screen.open(browser, service.url);
  await screen.logIn();
  const { page } = screen;
  const tokens = await page.evaluate(() => sessionStorage.getItem("cc-lite.tokens") ?? "");
  const context = await browser.newContext({ serviceWorkers: "block" });
  await context.addInitScript((text) => sessionStorage.setItem("cc-lite.tokens", text), tokens);
  const cold = await context.newPage();
  const bytes: Record<string, number> = {};
  cold.on("response", async (response) => {
    const { pathname } = new URL(response.url());
    if (pathname.startsWith("/app/")) bytes[pathname] = (await response.request().sizes()).responseBodySize;
  });
  await cold.goto(`${service.url}/app/`);
  const seen = await cold.waitForFunction(() => {
    const live = document.querySelector(".state[data-state=live]");
    return live ? Math.round(performance.now()) : null;
  });
  const paint = await cold.evaluate(() =>
    Math.round(performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0),
  );
  t.diagnostic(`first paint after ${paint} ms, numbers after ${await seen.jsonValue()} ms`);
  t.diagnostic(`bytes on the wire: ${JSON.stringify(bytes)}`);
  const total = Object.entries(bytes)
    .filter(([path]) => !path.includes("icon"))
    .reduce((sum, [, size]) => sum + size, 0);
  assert.ok(total > 0 && total < 40_000, `${total} bytes: expected less than 40 000`);
  await context.close();
});
