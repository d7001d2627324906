// Waiting for conditions, with deadlines.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** How long a condition may take to come true unless a test says otherwise, in milliseconds. */
const SOON = 10_000;

/**
 * Asks again and again until `check` gives something truthy without failing, and gives that. `what` completes the
 * sentence "Waited for …"; the error at the deadline says what was seen last.
 */
export async function eventually<T>(
  what: string,
  check: () => T | Promise<T>,
  within = SOON,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + within;
  let last: unknown;
  do {
    try {
      const seen = await check();
      if (seen) return seen;
      last = seen;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  } while (Date.now() < deadline);
  throw new Error(
    `Waited ${within} ms for ${what}; seen last: ${last instanceof Error ? last.stack : JSON.stringify(last)}`,
  );
}

/** Has the garbage collector take what nobody holds. */
export function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
}
