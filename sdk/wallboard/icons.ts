/** Draws the icons that are no vectors from the one that is; run by hand after changing it: `npx tsx wallboard/icons.ts`. */
import { readFile, writeFile } from "node:fs/promises";
import { chromium } from "playwright-core";

const icon = await readFile(new URL("icons/icon.svg", import.meta.url), "utf8");
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
for (const size of [192, 512]) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(`<style>body{margin:0}svg{display:block;width:${size}px}</style>${icon}`);
  await writeFile(new URL(`icons/icon-${size}.png`, import.meta.url), await page.screenshot());
}
await browser.close();
