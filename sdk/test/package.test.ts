// The package as npm would publish it, in a project that has nothing else.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const sdk = fileURLToPath(new URL("../", import.meta.url));
const bin = (name: string) => join(sdk, "node_modules/.bin", name);

/** Runs a program and gives what it printed; fails with that when it fails. */
async function run(program: string, arguments_: string[], cwd = sdk): Promise<string> {
  const { stdout } = await promisify(execFile)(program, arguments_, { cwd, maxBuffer: 1 << 24 }).catch(
    (error) => {
      throw new Error(`${program} ${arguments_.join(" ")}\n${error.stdout}\n${error.stderr}`);
    },
  );
  return stdout;
}

let folder: string;
let tarball: string;
let project: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "cc-lite-package-"));
  // Packing builds it first.
  const packed = await run("npm", ["pack", "--pack-destination", folder, "--loglevel", "error"]);
  tarball = join(folder, packed.trim().split("\n").at(-1) ?? "");
  project = join(folder, "project");
  await mkdir(project);
  await writeFile(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }));
  await run(
    "npm",
    ["install", "--no-audit", "--no-fund", "--prefer-offline", tarball, "typescript@7.0.2"],
    project,
  );
});
after(() => rm(folder, { recursive: true, force: true }));

test("publint and are-the-types-wrong find nothing", async () => {
  await run(bin("publint"), ["run", tarball, "--strict"]);
  await run(bin("attw"), [tarball, "--profile", "esm-only"]);
});

test("the tarball holds what is needed, and nothing that is not", async () => {
  const listed = await run("tar", ["--list", "--file", tarball]);
  const files = listed.trim().split("\n");
  const foreign = files.filter(
    (file) =>
      !/^package\/(dist\/.*\.(js|d\.ts)|package\.json|README\.md|LICENSE|(openapi|asyncapi)\.json)$/.test(
        file,
      ),
  );
  assert.deepEqual(foreign, []);
  for (const needed of ["README.md", "LICENSE", "openapi.json", "asyncapi.json"]) {
    assert.ok(files.includes(`package/${needed}`), needed);
  }
});

test("each export is imported in Node, and does what it is for", async () => {
  const program = `
    import { createClient } from "@ocelot-apps/cc-lite";
    import { EVENT_TYPES, parseEvent } from "@ocelot-apps/cc-lite/events";
    import { createVerifier } from "@ocelot-apps/cc-lite/security";
    import * as components from "@ocelot-apps/cc-lite/components";
    import openapi from "@ocelot-apps/cc-lite/openapi.json" with { type: "json" };
    createClient({ baseUrl: "http://127.0.0.1:1" });
    createVerifier({ baseUrl: "http://127.0.0.1:1" });
    if (typeof parseEvent !== "function" || Object.keys(components).length === 0) throw new Error("empty");
    console.log(JSON.stringify([EVENT_TYPES.length, openapi.openapi]));`;
  const printed = await run("node", ["--no-warnings", "--input-type=module", "--eval", program], project);
  assert.match(printed, /^\[5,"3\.1\.\d"\]/);
});

test("its types are right for this and the newest TypeScript, without skipping any", async () => {
  await writeFile(
    join(project, "main.ts"),
    `import { type Client, createClient, ProblemError } from "@ocelot-apps/cc-lite";
     import { consumeEvents, isCallEnded, parseEvent } from "@ocelot-apps/cc-lite/events";
     import { createVerifier, guard } from "@ocelot-apps/cc-lite/security";
     import "@ocelot-apps/cc-lite/components";
     export async function talk(client: Client): Promise<number> {
       let seconds = 0;
       for await (const call of client.list("/calls")) seconds += call.talk_seconds ?? 0;
       // @ts-expect-error: there is no such path
       await client.GET("/nowhere").catch((error: unknown) => error instanceof ProblemError);
       return seconds;
     }
     const event = parseEvent("{}");
     if (isCallEnded(event)) event.data.outcome satisfies string;
     export const client = createClient({ baseUrl: "" });
     export const handler = guard(createVerifier({ baseUrl: "http://a" }), (_, claims) => new Response(claims.sub));
     export { consumeEvents };`,
  );
  for (const [module, moduleResolution] of [
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ]) {
    const lib = ["es2022", "dom", "dom.iterable"];
    const compilerOptions = {
      noEmit: true,
      strict: true,
      target: "es2022",
      lib,
      types: [],
      module,
      moduleResolution,
    };
    await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["main.ts"] }));
    for (const typescript of [sdk, project]) {
      await run("node", [join(typescript, "node_modules/typescript/bin/tsc")], project);
    }
  }
});

test("what the README shows is right by its types", async () => {
  const readme = await readFile(join(sdk, "README.md"), "utf8");
  const examples = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code ?? "");
  assert.ok(examples.length >= 5);
  const names = examples.map((_, index) => `example-${index}.ts`);
  for (const [index, code] of examples.entries()) await writeFile(join(project, names[index] ?? ""), code);
  // What an example uses besides comes from here.
  const types = ["amqplib", "express", "fastify", "@types"].map((name) => join(sdk, "node_modules", name));
  await mkdir(join(project, "node_modules/@types"), { recursive: true });
  for (const path of types) {
    const target = join(project, "node_modules", path.slice(join(sdk, "node_modules/").length));
    await rm(target, { recursive: true, force: true });
    await symlink(path, target);
  }
  const compilerOptions = {
    ...{ noEmit: true, strict: true, skipLibCheck: true, target: "es2022", module: "nodenext" },
    ...{ types: ["node"], lib: ["es2023", "dom", "dom.iterable"] },
  };
  await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: names }));
  await run("node", [join(project, "node_modules/typescript/bin/tsc")], project);
});

test("what is loaded in a browser keeps to its size", async () => {
  const report = await run(bin("size-limit"), ["--json"]);
  const sizes: { name: string; passed: boolean; size: number }[] = JSON.parse(report);
  assert.deepEqual(
    sizes.map(({ name, passed }) => [name, passed]),
    [
      [".", true],
      ["./components", true],
    ],
  );
});

test("the package says what it is", async () => {
  const { name, version, license, type, keywords } = JSON.parse(
    await readFile(join(sdk, "package.json"), "utf8"),
  );
  const cargo = await readFile(join(sdk, "../Cargo.toml"), "utf8");
  assert.deepEqual([name, license, type], ["@ocelot-apps/cc-lite", "Apache-2.0", "module"]);
  assert.deepEqual(keywords, ["ocelot-platform", "communications", "call-center", "telephony", "ai-agents"]);
  assert.equal(version, /^version = "(.*)"$/m.exec(cargo)?.[1], "the release that it belongs to");
});
