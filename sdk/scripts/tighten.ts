/**
 * Takes the indentation out of the built components. In their styles and markup it means nothing, and minifiers leave it
 * there, since it stands in strings: a fortieth of what browsers would have to fetch.
 */
import { readdir, readFile, writeFile } from "node:fs/promises";

const components = new URL("../dist/components/", import.meta.url);
for (const name of await readdir(components, { recursive: true })) {
  if (!name.endsWith(".js")) continue;
  const file = new URL(name, components);
  await writeFile(file, (await readFile(file, "utf8")).replace(/^ +/gm, ""));
}
