/** The status of the answer that `error` is of; null when there was no answer. */
export function status(error: unknown): number | null {
  const code = (error as { status?: unknown } | null)?.status;
  return typeof code === "number" ? code : null;
}

/** How long an answer may take, in milliseconds, before the connection counts as lost. */
const PATIENCE = 6000;

/** Aborted with `running`, or when an answer takes too long. */
export function within(running: AbortSignal): AbortSignal {
  return AbortSignal.any([running, AbortSignal.timeout(PATIENCE)]);
}

/** Does `work` for each of `items`, for `width` of them at a time. */
export async function each<T>(
  width: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const rest = [...items];
  const worker = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

/** For how many milliseconds the answer that `error` is of asks to wait, as far as a screen can: a minute at most. */
export function asked(error: unknown): number {
  const seconds = (error as { retryAfter?: unknown } | null)?.retryAfter;
  return typeof seconds === "number" ? Math.min(60, seconds) * 1000 : 0;
}
