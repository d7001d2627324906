import { backoff } from "../pause.ts";
import { retryAfter } from "./problem.ts";

/** How requests are repeated that may be repeated: reads, and writes under an `Idempotency-Key`. */
export interface RetryOptions {
  /** How often a request is sent at most; 1 repeats none. By default 3. */
  readonly attempts?: number;
  /** How long to wait at most before it is sent again, in milliseconds; who is asked to wait longer gives up at once. By default 5000. */
  readonly maxDelay?: number;
}

/** In how many milliseconds to ask again after this answer; `undefined` when it is to be taken as it is. */
export function delayAfter(response: Response, failures: number, maxDelay: number): number | undefined {
  // Gateways answer 502 and 504 when the service is being replaced.
  if (![429, 502, 503, 504].includes(response.status)) return undefined;
  const asked = retryAfter(response);
  if (asked === undefined) return backoff(failures, 250, maxDelay);
  return asked * 1000 <= maxDelay ? asked * 1000 : undefined;
}
