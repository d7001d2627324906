// The wallboard in Chromium, on the real service: what people see of what happens.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { AMQP_URL, publishing } from "./broker.ts";
import { Screen, startBrowser, text } from "./browser.ts";
import { CallCentre } from "./call-centre.ts";
import { Service } from "./service.ts";

let browser: Browser;
before(async () => {
  browser = await startBrowser();
});
after(() => browser?.close());

/** A service that publishes to a broker, where there is one. */
const start = (): Promise<Service> => (AMQP_URL ? publishing() : Service.start());

/** Milliseconds from the end of `act` until `seen` resolves. */
async function took(act: () => Promise<unknown>, seen: () => Promise<unknown>): Promise<number> {
  await act();
  const done = performance.now();
  await seen();
  return performance.now() - done;
}

test("a call begins, is answered, is transcribed, turns negative and ends before one's eyes", async (t) => {
  await using service = await start();
  await using screen = await Screen.open(browser, service.url);
  await screen.picture("login");
  await screen.logIn();
  const centre = await CallCentre.at(service.url);
  const { page } = screen;
  const times: Record<string, number[]> = {};
  // How soon each step is seen is told below; three rounds, for a machine is busy with other tests at times.
  for (const round of [1, 2, 3]) {
    const note = async (step: string, act: () => Promise<unknown>, seen: () => Promise<unknown>) => {
      times[step] = [...(times[step] ?? []), Math.round(await took(act, seen))];
    };
    let call = "";
    const row = () => screen.call(call);
    const status = (name: string) =>
      page.locator(`cc-lite-live-calls [data-call="${call}"][data-status=${name}]`);
    await note(
      "queued",
      async () => {
        call = await centre.queue("jana.dvorakova", "outbound");
      },
      () => status("queued").waitFor(),
    );
    const path = { id: call };
    await note(
      "rings",
      () => centre.client.POST("/calls/{id}/start", { params: { path }, body: { status: "ringing" } }),
      () => status("ringing").waitFor(),
    );
    await note(
      "is answered",
      () => centre.answer(call),
      () => status("in_progress").waitFor(),
    );
    assert.match(await text(row()), /jana\.dvorakova/);
    assert.doesNotMatch(await text(row()), /601123/, "whole numbers are on no screen that many people see");
    await row().click();
    const sheet = page.locator("dialog.call");
    await sheet.getByText("Nothing has been written down yet.").waitFor();
    await note(
      "is transcribed",
      () => centre.speak(call, 1, "customer", `I was charged twice, for the ${round}. time.`),
      () => sheet.getByText(`I was charged twice, for the ${round}. time.`).waitFor(),
    );
    await page.keyboard.press("Escape");
    await note(
      "turns negative",
      () => centre.speak(call, 2, "customer", "This is really annoying.", ["negative", -0.8]),
      async () => {
        await row().locator(".negative").waitFor();
        await screen.figure("unhappy").and(page.locator("[data-state=alarm]")).waitFor();
        await page.locator(`cc-lite-alerts [data-call="${call}"]`).first().waitFor();
      },
    );
    assert.match(await page.title(), /^\(1\) /, "the tab tells it too");
    await row().click();
    await sheet.locator("cc-lite-mood-chart svg[role=img]").waitFor();
    await page.keyboard.press("Escape");
    await note(
      "ends",
      () => centre.end(call),
      () => status("completed").waitFor(),
    );
    await row().waitFor({ state: "detached" });
    await screen.figure("unhappy").and(page.locator("[data-state=calm]")).waitFor();
  }
  for (const [step, each] of Object.entries(times)) {
    t.diagnostic(`${step}: seen after ${each.join(", ")} ms`);
  }
  assert.deepEqual([...screen.hosts], [new URL(service.url).host], "nothing is asked of any other host");
  assert.deepEqual(screen.complaints, []);
});

test("when the service goes away the screen keeps what it knew, says since when, and goes on by itself", async () => {
  await using service = await start();
  await using screen = await Screen.open(browser, service.url);
  await screen.logIn();
  const centre = await CallCentre.at(service.url);
  const before = await centre.begin("eva.horakova");
  await screen.call(before).waitFor();
  await service.stop();
  await screen.banner.waitFor();
  assert.match(await text(screen.banner), /^Connection lost since \d\d:\d\d\./);
  assert.ok(await screen.call(before).isVisible(), "what was known stays on the screen");
  await screen.picture("connection-lost");
  await service.resume();
  await screen.banner.waitFor({ state: "detached" });
  await screen.live.waitFor();
  // A call that the client of before made ended while nobody looked, and another one began.
  const after = await centre.begin("petr.novak");
  await screen.call(after).waitFor();
  await centre.end(before);
  await screen.call(before).waitFor({ state: "detached" });
  assert.deepEqual(screen.complaints, []);
});
