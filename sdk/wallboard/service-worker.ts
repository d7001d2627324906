/**
 * Shows the wallboard's shell when there is no network. It keeps the wallboard's own files and nothing else: answers of
 * the API, which hold personal data, are outside of its scope and go over the network as they do without it.
 */
declare const FILES: readonly string[];
declare const RELEASE: string;

interface Worker {
  readonly registration: { readonly scope: string };
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(
    type: "install" | "activate" | "fetch",
    listener: (event: {
      readonly request: Request;
      waitUntil(work: Promise<unknown>): void;
      respondWith(answer: Promise<Response>): void;
    }) => void,
  ): void;
}

/** How long the page may take to come, in milliseconds, before it is shown as it was. */
const PATIENCE = 4000;
const worker = globalThis as unknown as Worker;
const CACHE = `cc-lite-app-${RELEASE}`;
const shell = worker.registration.scope;
const files = new Set(FILES.map((file) => new URL(file, shell).href));

worker.addEventListener("install", (event) => {
  const fetched = [shell, ...files].map((url) => new Request(url, { cache: "no-cache" }));
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(fetched))
      .then(() => worker.skipWaiting()),
  );
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => names.filter((name) => name.startsWith("cc-lite-app-") && name !== CACHE))
      .then((old) => Promise.all(old.map((name) => caches.delete(name))))
      .then(() => worker.clients.claim()),
  );
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = request.url.split(/[?#]/)[0] as string;
  if (request.method !== "GET") return;
  if (url === shell) event.respondWith(networkFirst(request));
  else if (files.has(url)) event.respondWith(kept(url).then((answer) => answer ?? fetch(request)));
});

async function kept(url: string): Promise<Response | undefined> {
  return (await caches.open(CACHE)).match(url);
}

/** The page as it is now; as it was, where it cannot be had or a proxy has nothing behind it. */
async function networkFirst(request: Request): Promise<Response> {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
    if (answer.status < 500) return answer;
  } catch {
    // Answered below.
  }
  return (await kept(shell)) ?? Response.error();
}
