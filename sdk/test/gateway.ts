// A gateway between client and service that can be made to fail, as real ones do.
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the gateway does with a request instead of passing it on and its answer back. */
export type Fault =
  /** The service does what is asked, and the connection breaks before the answer comes. */
  | "lose the answer"
  /** The connection breaks before the service hears of it. */
  | "lose the request"
  /** The connection breaks amid the answer. */
  | "cut the answer short"
  /** No answer comes. */
  | "keep waiting"
  /** Answers in place of the service. */
  | { status: number; headers?: Record<string, string>; body?: string };

/** A request that came by. */
export interface Seen {
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
}

/** An HTTP gateway in front of a service. */
export class Gateway implements AsyncDisposable {
  /** All requests that came, the failed ones too. */
  readonly seen: Seen[] = [];
  /** What happens to the next requests whose path begins like this, one after the other. */
  readonly faults: { path: string; fault: Fault }[] = [];
  readonly #server: Server;
  readonly #target: string;

  private constructor(target: string) {
    this.#target = target;
    this.#server = createServer((incoming, outgoing) => this.#pass(incoming, outgoing));
  }

  /** Starts one on a free port. */
  static async start(target: string): Promise<Gateway> {
    const gateway = new Gateway(target);
    await new Promise<void>((resolve) => gateway.#server.listen(0, "127.0.0.1", resolve));
    return gateway;
  }

  /** Where it listens. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Has the next requests to `path` fail like this. */
  fail(path: string, ...faults: Fault[]): void {
    this.faults.push(...faults.map((fault) => ({ path, fault })));
  }

  /** Breaks all connections there are. */
  cut(): void {
    this.#server.closeAllConnections();
  }

  /** The requests of a path that came. */
  to(path: string): Seen[] {
    return this.seen.filter((seen) => seen.path === path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const path = incoming.url ?? "/";
    this.seen.push({ method: incoming.method ?? "", path, headers: incoming.headers });
    const at = this.faults.findIndex((planned) => path.startsWith(planned.path));
    const fault = at < 0 ? undefined : this.faults.splice(at, 1)[0]?.fault;
    if (fault === "lose the request") {
      incoming.socket.destroy();
    } else if (fault === "keep waiting") {
      incoming.resume();
    } else if (typeof fault === "object") {
      incoming.resume();
      outgoing.writeHead(fault.status, fault.headers).end(fault.body);
    } else {
      const { method, headers } = incoming;
      const passed = request(`${this.#target}${path}`, { method: method ?? "GET", headers }, (answer) => {
        if (fault === "cut the answer short") {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.resume().on("end", () => incoming.socket.destroy());
          outgoing.write("{");
        } else if (fault) {
          answer.resume().on("end", () => incoming.socket.destroy());
        } else {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
          answer.on("error", () => outgoing.destroy());
        }
      });
      passed.on("error", () => outgoing.destroy());
      outgoing.on("close", () => passed.destroy());
      incoming.pipe(passed);
    }
  }
}
