/**
 * Registers the service worker, which shows the wallboard's shell without a network, and takes up a new release of the
 * wallboard by itself: a screen on the wall is reloaded by nobody. `calm` says whether a reload disturbs nobody.
 */
export function keepUpToDate(calm: () => boolean): void {
  const workers = navigator.serviceWorker;
  // Only pages that came over TLS, or from this machine, have it.
  if (!workers) return;
  const hadOne = workers.controller !== null;
  let replaced = false;
  workers.addEventListener("controllerchange", () => {
    replaced = hadOne;
  });
  void workers.register(script("service-worker.js") as string).then((registration) => {
    setInterval(() => {
      if (replaced && calm()) location.reload();
    }, 5000);
    setInterval(() => void registration.update().catch(() => {}), 15 * 60_000);
  });
}

interface Policies {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): unknown };
}

/** An address of a script as browsers with Trusted Types want it. */
function script(url: string): unknown {
  const { trustedTypes } = globalThis as { trustedTypes?: Policies };
  return (
    trustedTypes?.createPolicy("cc-lite", { createScriptURL: (given) => given }).createScriptURL(url) ?? url
  );
}
