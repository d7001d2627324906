import { backoff, pause } from "../pause.ts";
import { NetworkError } from "./problem.ts";
import { delayAfter, type RetryOptions } from "./retry.ts";

/** Sends a request as it is. */
export type Send = (request: Request) => Promise<Response>;

/**
 * The same request once more, for a body can be sent once. Hold it and `request` while it is under way: in Node a request
 * hears of being aborted only while it and those that it was copied from are held.
 */
export function copyOf(request: Request): Request {
  return new Request(request.clone(), { signal: request.signal });
}

/**
 * Sends requests by `fetch`, again where that is safe: see {@link RetryOptions}. Gives the answer, whatever its status.
 * Throws {@link NetworkError} when none came, and the signal's reason when the request was aborted.
 */
export function persistent(fetch: Send, { attempts = 3, maxDelay = 5000 }: RetryOptions): Send {
  return async (request) => {
    // A refresh token that was just used is answered by the same successor.
    const refresh = request.url.endsWith("/auth/refresh");
    const repeatable = request.method === "GET" || request.headers.has("idempotency-key") || refresh;
    for (let failures = 1; ; failures++) {
      const last = !repeatable || failures >= attempts;
      const sent = last ? request : copyOf(request);
      let delay: number;
      try {
        const response = await fetch(sent);
        const asked = last ? undefined : await delayUntilAgain(response, failures, maxDelay);
        if (asked === undefined) return response;
        delay = asked;
        response.body?.cancel().catch(() => {});
      } catch (error) {
        if (sent.signal.aborted) throw request.signal.reason;
        if (last) throw new NetworkError(error);
        delay = backoff(failures, 250, maxDelay);
      }
      await pause(delay, request.signal);
      request.signal.throwIfAborted();
    }
  };
}

async function delayUntilAgain(response: Response, failures: number, maxDelay: number) {
  if (response.status !== 409) return delayAfter(response, failures, maxDelay);
  // The first attempt, whose answer was lost, is still being worked on: its answer will be there in a moment.
  const { type } = await response
    .clone()
    .json()
    .catch(() => ({}));
  return type === "urn:cc-lite:problem:idempotency-key-in-use" ? backoff(failures, 500, maxDelay) : undefined;
}
