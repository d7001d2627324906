// The wallboard for everybody: on a phone, in Czech, without eyes or a mouse.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { Screen, startBrowser, text } from "./browser.ts";
import { CallCentre } from "./call-centre.ts";
import { Service } from "./service.ts";
import { eventually } from "./wait.ts";

let browser: Browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

test("on a phone nothing is wider than the screen", async () => {
  await using service = await Service.start();
  const phone = {
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
    deviceScaleFactor: 2,
  };
  await using screen = await Screen.open(browser, service.url, { ...phone, colorScheme: "dark" });
  assert.equal(await screen.scrollsSideways(), false, "the login");
  await screen.picture("phone-login");
  await screen.logIn();
  const centre = await CallCentre.at(service.url);
  const call = await centre.begin("bartolomej.nejneobhospodarovavatelnejsi.z.druheho.patra");
  await centre.speak(call, 1, "customer", "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk".repeat(3), [
    "negative",
    -0.5,
  ]);
  await centre.campaign(
    "<img src=x onerror=alert(1)> renewals of everybody who has been with us for longer than a year",
    3,
    1,
  );
  await screen.call(call).waitFor();
  await screen.page.getByText("<img src=x onerror=alert(1)> renewals").waitFor();
  assert.equal(await screen.scrollsSideways(), false, "the board");
  await screen.picture("phone", true);
  await screen.call(call).tap();
  await screen.page.locator("dialog.call cc-lite-call [part=segment]").first().waitFor();
  const fits = await screen.page
    .locator("dialog.call")
    .evaluate((dialog) => dialog.scrollWidth <= dialog.clientWidth);
  assert.ok(fits, "the sheet of a call");
  await screen.picture("phone-call");
  await screen.page.goBack();
  await screen.page.locator("dialog.call").waitFor({ state: "hidden" });
  assert.deepEqual(screen.complaints, [], "what people write runs nowhere");
});

test("it speaks Czech with the plurals of Czech, and English when that is chosen, also the next time", async () => {
  await using service = await Service.start();
  await using screen = await Screen.open(browser, service.url, { locale: "cs-CZ" });
  const { page } = screen;
  assert.equal(await text(screen.submit), "Přihlásit se");
  await screen.logIn();
  assert.equal(await page.locator("html").getAttribute("lang"), "cs");
  const centre = await CallCentre.at(service.url);
  const note = screen.figure("talking").locator(".note");
  for (const words of ["1 hovor", "2 hovory", "3 hovory", "4 hovory", "5 hovorů"]) {
    await centre.begin("eva.horakova");
    await eventually(words, async () => (await text(note)) === words);
  }
  await screen.picture("czech");
  await page.getByRole("button", { name: "English" }).click();
  await eventually("English", async () => (await text(note)) === "5 calls");
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  await page.reload();
  await screen.live.waitFor();
  await eventually("English again", async () => (await text(note)) === "5 calls");
});

test("people who see little, hear it or use a keyboard alone find no barrier, in light and in dark", async () => {
  await using service = await Service.start();
  const centre = await CallCentre.at(service.url);
  const negative = await centre.begin("jana.dvorakova");
  await centre.speak(negative, 1, "customer", "Again the wrong amount.", ["negative", -0.7]);
  await centre.speak(negative, 2, "agent", "I put it right now.", ["positive", 0.5]);
  await centre.speak(negative, 3, "customer", "Thank you, but why does it happen?", ["negative", -0.4]);
  const neutral = await centre.begin("petr.novak");
  await centre.speak(neutral, 1, "customer", "Where is my parcel?", ["mixed", -0.1]);
  await centre.begin("tomas.bilek", "ringing");
  await centre.campaign("Spring renewals", 4, 2);
  for (const colorScheme of ["light", "dark"] as const) {
    await using screen = await Screen.open(browser, service.url, { colorScheme });
    const { page } = screen;
    await screen.submit.click();
    await screen.refusal.filter({ hasText: "Enter" }).waitFor();
    assert.deepEqual(await screen.barriers(), [], `the login, ${colorScheme}`);
    await screen.logIn();
    await screen.call(negative).locator(".negative").waitFor();
    await screen.call(neutral).waitFor();
    await page.locator("cc-lite-campaigns [part=campaign]").waitFor();
    assert.deepEqual(await screen.barriers(), [], `the board, ${colorScheme}`);
    await screen.picture(`board-${colorScheme}`);
    // By keyboard: to the first call, open it, look at the table, close it, and be where one was.
    await page.locator("cc-lite-live-calls input").focus();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    const sheet = page.locator("dialog.call");
    await sheet.locator("summary").focus();
    await page.keyboard.press("Enter");
    await sheet.getByRole("cell", { name: "Negative" }).first().waitFor();
    assert.equal(await sheet.getByRole("row").count(), 4, "a head and three moods");
    assert.deepEqual(await screen.barriers(), [], `a call, ${colorScheme}`);
    await screen.picture(`call-${colorScheme}`);
    await page.keyboard.press("Escape");
    await sheet.waitFor({ state: "hidden" });
    const focused = page.locator("cc-lite-live-calls [part=call]:focus");
    assert.equal(await focused.getAttribute("data-call"), negative);
    assert.deepEqual(screen.complaints, []);
  }
});

test("somebody finds a call by its agent or its number", async () => {
  await using service = await Service.start();
  const centre = await CallCentre.at(service.url);
  const [eva, petr] = [await centre.begin("eva.horakova"), await centre.begin("petr.novak")];
  await using screen = await Screen.open(browser, service.url);
  await screen.logIn();
  const search = screen.page.getByRole("searchbox", { name: "Find an agent or a number" });
  await search.fill("NOVAK");
  await screen.call(eva).waitFor({ state: "detached" });
  assert.ok(await screen.call(petr).isVisible());
  await search.fill("+420 601 123 101");
  await screen.call(eva).waitFor();
  await screen.call(petr).waitFor({ state: "detached" });
  await search.fill("nobody");
  await screen.page.getByText("No call fits what you look for.").waitFor();
});
