// Writes what is generated, or with --check says which of it is stale:
//   openapi.json, asyncapi.json     copies of what the service serves
//   src/client/generated.ts         the API's types
//   src/events/generated.ts         the events' types, routing keys, guards and schemas
import { readFile, writeFile } from "node:fs/promises";
import { apiTypes } from "./api-types.ts";
import { eventTypes } from "./event-types.ts";
import { formatted } from "./formatted.ts";
import { served } from "./served.ts";

const folder = new URL("../", import.meta.url);
const documents = await served();
const files = {
  ...documents,
  "src/client/generated.ts": formatted(await apiTypes(documents["openapi.json"])),
  "src/events/generated.ts": formatted(eventTypes(documents["asyncapi.json"])),
};
for (const [name, text] of Object.entries(files)) {
  const path = new URL(name, folder);
  if (!process.argv.includes("--check")) {
    await writeFile(path, text);
  } else if ((await readFile(path, "utf8").catch(() => "")) !== text) {
    console.error(`sdk/${name} is stale: run \`make generate\` and commit what it changes.`);
    process.exitCode = 1;
  }
}
