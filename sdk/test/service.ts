// A real cc-lite for tests: a process of its own, with ports, keys and a database in a folder of its own.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** The first administrator of each service that is started here. */
export const ADMIN = { email: "admin@localhost", password: "correct horse battery" };

/** How long a service may take to start or to end, in milliseconds: much longer than it does. */
const SOON = 30_000;

/** Settings by the names of their environment variables, as `cc-lite --help` shows them. */
export type Settings = Record<string, string>;

/** A line of the service's log. */
interface Line {
  level: string;
  message: string;
  port?: number;
  management_port?: number;
}

/** The program: `CC_LITE_PROGRAM`, which `testbed with-broker` sets, or else what cargo built last here. */
export function program(): string {
  const target = fileURLToPath(new URL("../../target/", import.meta.url));
  const triples = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu", "."];
  const built = triples.map((triple) => join(target, triple, "release/cc-lite")).find(existsSync);
  const found = process.env.CC_LITE_PROGRAM ?? built;
  if (!found)
    throw new Error(
      "There is no cc-lite to test with: run `cargo build --release --workspace --bins` first.",
    );
  return found;
}

/**
 * A running cc-lite, standalone and without a broker unless the settings say otherwise.
 *
 * ```ts
 * await using service = await Service.start({ CC_LITE_ACCESS_TOKEN_TTL: "1m" });
 * await fetch(`${service.url}/health`);
 * ```
 */
export class Service implements AsyncDisposable {
  /** Where its keys and database are; removed when it ends. */
  readonly folder: string;
  /** What it logged, over all its starts; for looking at when something goes wrong. */
  readonly log: Line[] = [];
  #settings: Settings;
  #child: ChildProcess | undefined;
  #port = 0;
  #managementPort = 0;

  private constructor(folder: string, settings: Settings) {
    this.folder = folder;
    this.#settings = settings;
  }

  /** Starts one and waits until it serves. */
  static async start(settings: Settings = {}): Promise<Service> {
    const service = new Service(await mkdtemp(join(tmpdir(), "cc-lite-sdk-")), settings);
    try {
      await service.resume();
    } catch (error) {
      await service.end();
      throw error;
    }
    return service;
  }

  /** The API's address, base path included, without a slash at the end. */
  get url(): string {
    const platform = this.#settings.CC_LITE_MODE === "platform" ? "/api/communications" : "/";
    return `${this.origin}${(this.#settings.CC_LITE_BASE_PATH ?? platform).replace(/\/$/, "")}`;
  }

  /** Scheme, host and port. */
  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** The management port's address. */
  get managementUrl(): string {
    return `http://127.0.0.1:${this.#managementPort}`;
  }

  /** The key directory. */
  get keys(): string {
    return join(this.folder, ".keys");
  }

  /**
   * Starts it again after {@link stop} or {@link kill}, on the ports that it had; `settings` are added to those that it
   * had.
   */
  async resume(settings: Settings = {}): Promise<void> {
    Object.assign(this.#settings, settings);
    // It ends with this process, however that ends: a test that is killed leaves nothing behind.
    const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", program()], {
      cwd: this.folder,
      env: {
        CC_LITE_PORT: `${this.#port}`,
        CC_LITE_MANAGEMENT_PORT: `${this.#managementPort}`,
        CC_LITE_ADMIN_EMAIL: ADMIN.email,
        CC_LITE_ADMIN_PASSWORD: ADMIN.password,
        ENABLE_EVENTS: "false",
        ...this.#settings,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    let errors = "";
    child.stderr?.on("data", (data) => {
      errors += data;
    });
    const serving = new Promise<Line>((resolve) => {
      createInterface({ input: child.stdout as NodeJS.ReadableStream }).on("line", (text) => {
        const line = JSON.parse(text) as Line;
        this.log.push(line);
        if (line.message.startsWith("serving the API")) resolve(line);
      });
    });
    const failed = (why: string) => new Error(`cc-lite did not start: ${why}\n${errors}${this.#lastLines()}`);
    const line = await Promise.race([
      serving,
      once(child, "error").then(([error]) => Promise.reject(failed(`${error}`))),
      once(child, "exit").then(([code]) => Promise.reject(failed(`it ended with ${code}`))),
      late(`cc-lite to serve`),
    ]);
    this.#port = line.port ?? 0;
    this.#managementPort = line.management_port ?? 0;
  }

  /** Ends it in order, as a deployment does; its folder stays. One that has ended is left as it is. */
  async stop(): Promise<void> {
    await this.#signal("SIGTERM");
  }

  /** Ends it as a crash would; its folder stays. */
  async kill(): Promise<void> {
    await this.#signal("SIGKILL");
  }

  /** Ends it in order and starts it again on the same ports, with `settings` besides those that it had. */
  async restart(settings: Settings = {}): Promise<void> {
    await this.stop();
    await this.resume(settings);
  }

  /** Ends it and removes its folder. */
  async end(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  /** A file of its folder as text. */
  async read(path: string): Promise<string> {
    return readFile(join(this.folder, path), "utf8");
  }

  async #signal(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await Promise.race([ended, late(`cc-lite to end; its log:\n${this.#lastLines()}`)]);
  }

  #lastLines(): string {
    return this.log
      .slice(-20)
      .map((line) => JSON.stringify(line))
      .join("\n");
  }
}

/** Fails after a while; does not keep the process alive. */
function late(what: string): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`Waited ${SOON / 1000} s for ${what}`)), SOON).unref();
  });
}
