// Getting in and staying in: whatever goes wrong, people are told what to do and lose nothing that they typed.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { createClient } from "../src/client/index.ts";
import { Screen, startBrowser } from "./browser.ts";
import { CallCentre } from "./call-centre.ts";
import { Gateway } from "./gateway.ts";
import { ADMIN, Service } from "./service.ts";

let browser: Browser;
let service: Service;
before(async () => {
  [browser, service] = await Promise.all([startBrowser(), Service.start()]);
});
after(async () => {
  await browser?.close();
  await service?.end();
});

/** What was typed is there still. */
async function assertKept(screen: Screen, password: string): Promise<void> {
  assert.equal(await screen.page.locator("#email").inputValue(), ADMIN.email);
  assert.equal(await screen.page.locator("#password").inputValue(), password);
}

test("a wrong password says so, and the right one lets in", async () => {
  await using screen = await Screen.open(browser, service.url);
  await screen.type(ADMIN.email, "wrong horse");
  await screen.submit.click();
  await screen.refusal.filter({ hasText: "Address and password do not fit." }).waitFor();
  await assertKept(screen, "wrong horse");
  await screen.picture("login-wrong");
  await screen.logIn();
});

test("too many attempts, a service or a network that is away: each says what to do and loses nothing", async () => {
  await using gateway = await Gateway.start(service.url);
  await using screen = await Screen.open(browser, gateway.url);
  await screen.type(ADMIN.email, ADMIN.password);

  gateway.fail("/auth/login", { status: 429, headers: { "retry-after": "2" } });
  await screen.submit.click();
  await screen.refusal.filter({ hasText: "You can try again in 2 s" }).waitFor();
  assert.ok(await screen.submit.isDisabled(), "there is no use in trying at once");
  await assertKept(screen, ADMIN.password);
  await screen.page.locator("cc-lite-login button:enabled").waitFor();

  gateway.fail("/auth/login", {
    status: 503,
    headers: { "content-type": "text/html" },
    body: "<h1>Away</h1>",
  });
  await screen.submit.click();
  await screen.refusal.filter({ hasText: "The service cannot log anybody in at the moment." }).waitFor();
  await assertKept(screen, ADMIN.password);

  await screen.page.context().setOffline(true);
  await screen.submit.click();
  await screen.refusal.filter({ hasText: "Check the network connection" }).waitFor();
  await assertKept(screen, ADMIN.password);

  await screen.page.context().setOffline(false);
  await screen.submit.click();
  await screen.live.waitFor();
  assert.deepEqual(screen.complaints, []);
});

test("the service's own limit to attempts is told with the time to wait", async () => {
  await using other = await Service.start();
  await using screen = await Screen.open(browser, other.url);
  const attempt = () =>
    createClient({ baseUrl: other.url, retry: { attempts: 1 } })
      .login({ email: ADMIN.email, password: "wrong" })
      .catch((error) => error.status);
  for (let tries = 0; tries < 12; tries++) await attempt();
  await screen.type(ADMIN.email, ADMIN.password);
  await screen.submit.click();
  await screen.refusal.filter({ hasText: /You can try again in \d+ s/ }).waitFor();
  await assertKept(screen, ADMIN.password);
});

test("a session that has ended asks for the login over what is on the screen, which goes on afterwards", async () => {
  await using own = await Service.start();
  const centre = await CallCentre.at(own.url);
  const call = await centre.begin("eva.horakova");
  await using screen = await Screen.open(browser, own.url);
  await screen.logIn();
  const search = screen.page.locator("cc-lite-live-calls input");
  await search.fill("eva");
  await centre.client.logout({ everywhere: true });
  await screen.page.getByText("Your session has ended. Log in again").waitFor();
  assert.ok(await screen.call(call).isVisible(), "what was known stays on the screen");
  assert.equal(await screen.page.locator("#email").inputValue(), ADMIN.email, "who it was is known");
  await screen.picture("session-over");
  assert.deepEqual(await screen.barriers(), []);
  await screen.logIn();
  assert.equal(await search.inputValue(), "eva", "what was typed stays");
  const later = await (await CallCentre.at(own.url)).begin("eva.mala");
  await screen.call(later).waitFor();
});

test("a token of another issuer leads to the login, and says why", async () => {
  await using other = await Service.start({ CC_LITE_ISSUER: "somebody-else" });
  const login = await fetch(`${other.url}/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(ADMIN),
  });
  const { access_token, refresh_token } = (await login.json()) as Record<string, string>;
  const tokens = { access_token, refresh_token, expires_at: Date.now() + 900_000 };
  await using screen = await Screen.open(browser, service.url);
  await screen.page.evaluate(
    (text) => sessionStorage.setItem("cc-lite.tokens", text),
    JSON.stringify(tokens),
  );
  await screen.page.reload();
  await screen.page.getByText("Your session has ended. Log in again").waitFor();
  await screen.logIn();
});

test("a login lasts over reloads, on a screen that is to keep it over restarts too, and ends with a logout", async () => {
  await using screen = await Screen.open(browser, service.url);
  const { page } = screen;
  await screen.logIn();
  await page.reload();
  await screen.live.waitFor();
  assert.equal(
    await page.evaluate(() => localStorage.getItem("cc-lite.tokens")),
    null,
    "the tab alone has it",
  );
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByText("You are logged out.").waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.getItem("cc-lite.tokens")), null);
  await page.getByRole("checkbox", { name: "Stay logged in on this screen" }).check();
  await screen.logIn();
  const again = await page.context().newPage();
  await again.goto(page.url());
  await again.locator(".state[data-state=live]").waitFor();
  await again.getByRole("button", { name: "Log out" }).click();
  // Other tabs notice with their next request.
  await page.locator("cc-lite-login").waitFor();
});

test("who asks too often is told that numbers may be behind, and it goes on by itself", async () => {
  await using limited = await Service.start({ CC_LITE_RATE_LIMIT: "12/1m" });
  await using screen = await Screen.open(browser, limited.url);
  await screen.type(ADMIN.email, ADMIN.password);
  await screen.submit.click();
  await screen.banner.filter({ hasText: "fewer requests" }).waitFor();
  await screen.banner.waitFor({ state: "detached" });
});

test("in platform mode there is no login: the gateway knows who it is, and when it does not, the page says what to do", async () => {
  await using platform = await Service.start({ CC_LITE_MODE: "platform" });
  const identity = { "x-user-id": "ada", "x-org-id": "acme", "x-user-role": "supervisor" };
  await using screen = await Screen.open(browser, platform.url, { extraHTTPHeaders: identity });
  await screen.live.waitFor();
  assert.equal(await screen.page.locator("cc-lite-login").count(), 0);
  const client = createClient({ baseUrl: platform.url, headers: identity });
  const body = { direction: "inbound", from: "+420601123456", to: "+420222333444", agent_id: "ada" } as const;
  const { id } = (await client.POST("/calls", { body })).data;
  await screen.call(id).waitFor();
  const { page } = screen;
  await page.context().setExtraHTTPHeaders({});
  await page.getByText("The platform no longer knows who you are").waitFor();
  assert.deepEqual(await screen.barriers(), []);
  await page.context().setExtraHTTPHeaders(identity);
  await page.getByRole("button", { name: "Go on" }).click();
  await screen.live.waitFor();
  assert.ok(await screen.call(id).isVisible());
  assert.deepEqual(screen.complaints, []);
});
