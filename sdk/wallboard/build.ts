/**
 * Builds the wallboard into the service's sources: `service/src/app/dist`, and the list of its files that the service is
 * built with. The same sources give the same bytes. `--check` writes nothing and fails when what is there is not what
 * would be written.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { type BuildOptions, build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const app = join(here, "../../service/src/app");
/** Browsers of the last two years: `light-dark()` of style sheets needs as new ones. */
const TARGET = ["chrome123", "firefox120", "safari17.5"];

const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  png: "image/png",
  svg: "image/svg+xml",
  txt: "text/plain; charset=utf-8",
  webmanifest: "application/manifest+json",
};

async function bundle(entry: string, options: BuildOptions = {}): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(here, entry)],
    absWorkingDir: here,
    bundle: true,
    write: false,
    minify: true,
    charset: "utf8",
    format: "esm",
    target: TARGET,
    legalComments: "none",
    ...options,
  });
  // What is left of indentation stands in styles and markup.
  return (outputFiles?.[0]?.text ?? "").replace(/^ +/gm, "");
}

function digest(...parts: (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex").slice(0, 12);
}

/** The licences of what others wrote and is in the script. */
async function licences(): Promise<string> {
  const { metafile } = await build({
    entryPoints: [join(here, "main.ts")],
    absWorkingDir: here,
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
  });
  const named = /node_modules\/((?:@[^/]+\/)?[^/]+)\//;
  const packages = new Set(Object.keys(metafile.inputs).flatMap((input) => named.exec(input)?.[1] ?? []));
  const texts = [...packages].sort().map(async (name) => {
    const folder = join(here, "../node_modules", name);
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    if (!file) throw new Error(`${name} has no licence: look for it, and add it by hand.`);
    return `${name}\n\n${(await readFile(join(folder, file), "utf8")).trim()}\n`;
  });
  return (await Promise.all(texts)).join(`\n${"-".repeat(70)}\n\n`);
}

/** The files by name. Those whose names say their content never change. */
async function files(): Promise<Map<string, Uint8Array>> {
  const read = (name: string) => readFile(join(here, name));
  const [script, style] = [await bundle("main.ts"), await bundle("app.css")];
  const [scriptName, styleName] = [`app-${digest(script)}.js`, `app-${digest(style)}.css`];
  const page = (await read("index.html"))
    .toString()
    .replace("%SCRIPT%", scriptName)
    .replace("%STYLE%", styleName);
  const rest = new Map<string, Uint8Array>();
  for (const icon of ["icon.svg", "icon-192.png", "icon-512.png"]) {
    rest.set(icon, await read(join("icons", icon)));
  }
  rest.set("manifest.webmanifest", await read("manifest.webmanifest"));
  const text = (value: string) => Buffer.from(value);
  const shell = new Map([[scriptName, text(script)], [styleName, text(style)], ...rest]);
  const worker = await bundle("service-worker.ts", {
    format: "iife",
    define: {
      FILES: JSON.stringify([...shell.keys()]),
      RELEASE: JSON.stringify(digest(page, ...shell.values())),
    },
  });
  const all = new Map([
    ...shell,
    ["index.html", text(page)],
    ["licences.txt", text(await licences())],
    ["service-worker.js", text(worker)],
  ]);
  return new Map([...all].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Which of them are worth compressing. */
const compressible = (name: string) => /\.(css|js)$/.test(name);

/** The list of the files in Rust. */
function list(names: Iterable<string>): string {
  const entries = [...names].map((name) => {
    const gzip = compressible(name) ? `Some(include_bytes!("dist/${name}.gz"))` : "None";
    const type = TYPES[name.split(".").at(-1) ?? ""];
    if (!type) throw new Error(`No media type is known for ${name}: add it to TYPES.`);
    return `    File {
        name: "${name}",
        media_type: "${type}",
        content: include_bytes!("dist/${name}"),
        gzip: ${gzip},
    },`;
  });
  return `//! The wallboard's files, written by \`make app\`.

use super::File;

#[rustfmt::skip]
pub(super) static FILES: &[File] = &[
${entries.join("\n")}
];
`;
}

/** Whether what is there is what is wanted. Of what was compressed the content counts: releases of zlib differ. */
function same(name: string, there: Buffer | undefined, wanted: Uint8Array): boolean {
  if (!there) return false;
  return name.endsWith(".gz") ? gunzipSync(there).equals(gunzipSync(wanted)) : there.equals(wanted);
}

const built = await files();
const wanted = new Map<string, Uint8Array>([["files.rs", Buffer.from(list(built.keys()))]]);
for (const [name, content] of built) {
  wanted.set(`dist/${name}`, content);
  if (compressible(name)) wanted.set(`dist/${name}.gz`, gzipSync(content, { level: 9 }));
}
const there = (await readdir(join(app, "dist")).catch(() => [])).map((name) => `dist/${name}`);
const superfluous = there.filter((name) => !wanted.has(name));
const stale: string[] = [];
for (const [name, content] of wanted) {
  if (!same(name, await readFile(join(app, name)).catch(() => undefined), content)) stale.push(name);
}

if (process.argv.includes("--check")) {
  if (stale.length + superfluous.length > 0) {
    console.error(
      `service/src/app is stale (${[...stale, ...superfluous].join(", ")}): run 'make app' and commit it.`,
    );
    process.exit(1);
  }
} else {
  await mkdir(join(app, "dist"), { recursive: true });
  for (const name of superfluous) await rm(join(app, name));
  for (const name of stale) await writeFile(join(app, name), wanted.get(name) ?? "");
}
