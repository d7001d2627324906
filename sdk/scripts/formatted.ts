// Generated TypeScript in the form that the rest has.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const biome = fileURLToPath(import.meta.resolve("@biomejs/biome/bin/biome"));
const folder = fileURLToPath(new URL("../", import.meta.url));

/** The same program, formatted. */
export function formatted(typescript: string): string {
  return execFileSync(process.execPath, [biome, "format", "--stdin-file-path=src/formatted.ts"], {
    cwd: folder,
    input: typescript,
    encoding: "utf8",
  });
}
