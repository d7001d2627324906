import type { components } from "./generated.ts";

/** An error's document, as RFC 9457 has it. */
export type Problem = components["schemas"]["Problem"];

/** One field of a request that does not fit. */
export type FieldError = components["schemas"]["FieldError"];

/**
 * The service refused. Programs go by {@link type}; people are told {@link title} and {@link detail}, which are in the
 * client's language and say what to do next.
 */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  /** What kind of error it is, such as `urn:cc-lite:problem:call-state`; `about:blank` when a proxy answered. */
  readonly type: string;
  /** The HTTP status. */
  readonly status: number;
  /** What kind of error it is, for people. */
  readonly title: string;
  /** What to do next, for people. */
  readonly detail: string;
  /** The fields that do not fit, each with a JSON Pointer such as `#/from`; empty where that is not what is wrong. */
  readonly errors: readonly FieldError[];
  /** The state that does not allow what was asked. */
  readonly current_state: string | undefined;
  /** What that state does allow. */
  readonly allowed_actions: readonly string[];
  /** In how many seconds to try again, where the service says so. */
  readonly retryAfter: number | undefined;
  /** The request's name in the service's logs. */
  readonly requestId: string | undefined;

  /** Takes the document and the answer that it came in. */
  constructor(problem: Problem, response: Response) {
    super(`${problem.title}: ${problem.detail}`);
    this.type = problem.type;
    this.status = response.status;
    this.title = problem.title;
    this.detail = problem.detail;
    this.errors = problem.errors ?? [];
    this.current_state = problem.current_state;
    this.allowed_actions = problem.allowed_actions ?? [];
    this.retryAfter = retryAfter(response);
    this.requestId = response.headers.get("x-request-id") ?? undefined;
  }

  /** Whether it is of this kind: `is("call-state")` for `urn:cc-lite:problem:call-state`. */
  is(kind: string): boolean {
    return this.type === `urn:cc-lite:problem:${kind}`;
  }
}

/** No answer came: the network, the service or a proxy is away. `cause` is what the platform's fetch said. */
export class NetworkError extends Error {
  override readonly name = "NetworkError";

  constructor(cause: unknown) {
    super("The service could not be reached: check the network connection and the address, then try again.", {
      cause,
    });
  }
}

/** The error that an answer tells of, read from its body. */
export async function problemOf(response: Response): Promise<ProblemError> {
  return problemFrom(await response.json().catch(() => undefined), response);
}

/** The error that an answer tells of, whose body was read already. */
export function problemFrom(body: unknown, response: Response): ProblemError {
  const told = body as Partial<Problem> | undefined;
  const problem =
    typeof told?.type === "string" && typeof told.title === "string" && typeof told.detail === "string"
      ? (told as Problem)
      : {
          type: "about:blank",
          status: response.status,
          title: response.statusText || `Status ${response.status}`,
          detail: "Something in front of the service answered: try again in a moment.",
        };
  return new ProblemError(problem, response);
}

/** Seconds from now that an answer asks to wait (RFC 9110, section 10.2.3: a number or a date). */
export function retryAfter(response: Response): number | undefined {
  const value = response.headers.get("retry-after");
  if (!value) return undefined;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}
