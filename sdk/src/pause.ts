/** Waits; ends at once, without an error, when one of the signals is aborted. */
export function pause(milliseconds: number, ...signals: (AbortSignal | null | undefined)[]): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      for (const signal of signals) signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    for (const signal of signals) signal?.addEventListener("abort", end, { once: true });
    if (signals.some((signal) => signal?.aborted)) end();
  });
}

/** A wait in milliseconds before the attempt after `failures`, spread so that many clients do not come back at once. */
export function backoff(failures: number, first: number, most: number): number {
  return Math.min(most, first * 2 ** (failures - 1)) * (0.5 + Math.random() / 2);
}
