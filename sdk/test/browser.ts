// Debian's Chromium, and the wallboard in it.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from "playwright-core";
import { ADMIN } from "./service.ts";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
/** Where pictures are left for who wants to look at them after the run. */
const PICTURES = fileURLToPath(new URL("../test-results/", import.meta.url));
/** How long anything that is waited for in a page may take, in milliseconds. */
export const SOON = 15_000;

/** What stands in an element. */
export async function text(element: Locator): Promise<string> {
  return (await element.textContent())?.replace(/\s+/g, " ").trim() ?? "";
}

/** Starts Chromium. */
export async function startBrowser(): Promise<Browser> {
  assert.ok(existsSync(CHROMIUM), `${CHROMIUM} is missing: install Debian's package chromium.`);
  // Tests run as root, for whom Chromium's own sandbox does not work.
  return chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
}

/** The wallboard in a browser that knows nothing yet. It ends with this value. */
export class Screen implements AsyncDisposable {
  /** What the page complained about: violations of its policy, uncaught errors. */
  readonly complaints: string[] = [];
  /** Hosts that were asked for anything. */
  readonly hosts = new Set<string>();
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(SOON);
    page.on("pageerror", (error) => this.complaints.push(`${error}`));
    page.on("console", (message) => {
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
        this.complaints.push(message.text());
      }
    });
    page.on("request", (request) => this.hosts.add(new URL(request.url()).host));
  }

  /** Opens the wallboard of the service at `url`. */
  static async open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Screen> {
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      locale: "en-GB",
      timezoneId: "Europe/Prague",
      reducedMotion: "reduce",
      ...options,
    });
    const screen = new Screen(await context.newPage());
    await screen.page.goto(`${url}/app/`);
    return screen;
  }

  /** Logs in by the form, and waits for the board. */
  async logIn({ email, password } = ADMIN): Promise<void> {
    await this.type(email, password);
    await this.submit.click();
    await this.live.waitFor();
  }

  /** Enters address and password without sending them. */
  async type(email: string, password: string): Promise<void> {
    await this.page.locator("#email").fill(email);
    await this.page.locator("#password").fill(password);
  }

  /** The form's button. */
  get submit(): Locator {
    return this.page.locator("cc-lite-login button");
  }

  /** What the form says went wrong. */
  get refusal(): Locator {
    return this.page.locator("cc-lite-login [role=alert]");
  }

  /** There once what is shown is what is. */
  get live(): Locator {
    return this.page.locator(".state[data-state=live]");
  }

  /** Says that it is not. */
  get banner(): Locator {
    return this.page.locator("cc-lite-connection [part=banner]");
  }

  /** A call's line. */
  call(id: string): Locator {
    return this.page.locator(`cc-lite-live-calls [data-call="${id}"]`);
  }

  /** One of the large numbers: `talking`, `waiting` or `unhappy`. */
  figure(name: string): Locator {
    return this.page.locator(`cc-lite-figures [data-figure=${name}]`);
  }

  /** Whether something is wider than the screen. */
  async scrollsSideways(): Promise<boolean> {
    const width = await this.page.evaluate(() => document.documentElement.scrollWidth);
    return width > (this.page.viewportSize()?.width ?? 0);
  }

  /** What axe finds wrong for people with disabilities (WCAG 2.2 AA and good practice): nothing is what is wanted. */
  async barriers(): Promise<string[]> {
    const source = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
    await this.page.evaluate(source);
    return this.page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } };
      interface Violation {
        id: string;
        help: string;
        nodes: { html: string; failureSummary: string }[];
      }
      const { violations } = await axe.run();
      return violations.flatMap(({ id, help, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html} ${failureSummary}`),
      );
    });
  }

  /** Leaves a picture of what is seen. */
  async picture(name: string, whole = false): Promise<void> {
    await mkdir(PICTURES, { recursive: true });
    await this.page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: whole });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close();
  }
}
