import type { CommsEvent, EventType } from "../events/generated.ts";
import { backoff, pause } from "../pause.ts";
import { NetworkError, ProblemError, problemOf } from "./problem.ts";
import { EventStreamParser, type ServerSentEvent } from "./sse.ts";

/** What the live stream is to give, and how. */
export interface StreamOptions {
  /** Only events of these types; by default all. */
  readonly types?: readonly EventType[];
  /** Only events of this call. */
  readonly callId?: string;
  /** The `id` of the message that was received last: all that came since is given first. By default it begins now. */
  readonly lastEventId?: string;
  /** Ends the stream: the loop over it then ends without an error. */
  readonly signal?: AbortSignal;
  /** Told when the connection comes and goes; for showing it. */
  readonly onConnection?: (connection: Connection) => void;
  /** After how many milliseconds without a sign of life the connection is given up; the service gives one every 15 s. By default 40000. */
  readonly silence?: number;
}

/** How it stands with the connection. */
export type Connection =
  | { /** Events come in. */ readonly state: "open" }
  | {
      /** None come in; it is connected again by itself. */
      readonly state: "closed";
      /** In how many milliseconds it is tried again. */
      readonly retryIn: number;
      /** Why: a {@link NetworkError} or a {@link ProblemError}; `undefined` when the service ended it in order. */
      readonly error: unknown;
    };

/** What the live stream gives. */
export type StreamMessage =
  | {
      readonly kind: "event";
      /** The position, to go on from later by `lastEventId`. */
      readonly id: string;
      /** What happened. */
      readonly event: CommsEvent;
    }
  | {
      /** What came before is not known any more: read again what you show, then go on. */
      readonly kind: "reset";
      readonly id: string;
      /** Why, for people. */
      readonly detail: string;
    };

/** Opens one connection, from a position on. `margin` is for how many seconds its token should be good. */
export type Connect = (lastEventId: string | undefined, signal: AbortSignal) => Promise<Response>;

/** Milliseconds to wait at most before connecting again. */
const LONGEST = 15_000;

/**
 * Follows the stream over as many connections as it takes: each goes on where the last one ended, so that nothing is
 * missed or told twice. Throws the {@link ProblemError} of a refusal that waiting does not mend (401, 403, 422, …).
 */
export async function* follow(
  connect: Connect,
  expiresAt: () => Promise<number | undefined>,
  { lastEventId, signal, onConnection, silence = 40_000 }: StreamOptions,
): AsyncGenerator<StreamMessage, void, undefined> {
  let position = lastEventId;
  let retry = 1000;
  let failures = 0;
  while (!signal?.aborted) {
    const connection = new AbortController();
    const stop = () => connection.abort(signal?.reason);
    signal?.addEventListener("abort", stop, { once: true });
    let error: unknown;
    try {
      const response = await connect(position, connection.signal);
      if (!response.ok || !response.body) throw await problemOf(response);
      onConnection?.({ state: "open" });
      const parser = new EventStreamParser();
      for await (const message of messages(response.body, parser, silence, connection.signal)) {
        failures = 0;
        retry = parser.retry ?? retry;
        position = message.id ?? position;
        if (message.event === "end") break;
        const told = toTell(message, position);
        if (told) yield told;
      }
    } catch (thrown) {
      if (signal?.aborted) return;
      if (!mayPass(thrown)) throw thrown;
      error = thrown;
      failures += 1;
    } finally {
      // Also when the loop over the stream was left.
      signal?.removeEventListener("abort", stop);
      connection.abort();
    }
    if (signal?.aborted) return;
    // A stream ends with its token: with a new one it can go on at once.
    const expired = !error && ((await expiresAt()) ?? Number.POSITIVE_INFINITY) < Date.now() + 1000;
    const asked = error instanceof ProblemError && error.retryAfter ? error.retryAfter * 1000 : 0;
    const retryIn = expired ? 0 : Math.max(asked, error ? backoff(failures, retry, LONGEST) : retry);
    onConnection?.({ state: "closed", retryIn, error });
    await untilOnlineOr(retryIn, signal);
  }
}

/** Reads messages until the connection ends; throws when it is silent for too long. */
async function* messages(
  body: ReadableStream<Uint8Array>,
  parser: EventStreamParser,
  silence: number,
  signal: AbortSignal,
) {
  const reader = body.getReader();
  // Not left to the request: in Node it is aborted only as long as the garbage collector leaves it.
  const stop = () => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", stop, { once: true });
  const decoder = new TextDecoder();
  try {
    for (;;) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const silent = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new NetworkError("The stream gave no sign of life.")), silence);
      });
      const { done, value } = await Promise.race([reader.read(), silent]).finally(() => clearTimeout(timer));
      if (done) return;
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
  } catch (error) {
    throw error instanceof NetworkError ? error : new NetworkError(error);
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
}

function toTell({ event, data }: ServerSentEvent, id: string | undefined): StreamMessage | undefined {
  if (!data || id === undefined) return undefined;
  const told = JSON.parse(data);
  return event === "reset" ? { kind: "reset", id, detail: told.detail } : { kind: "event", id, event: told };
}

/** Whether waiting may mend it. */
function mayPass(error: unknown): boolean {
  return (
    error instanceof NetworkError ||
    (error instanceof ProblemError && (error.status === 429 || error.status >= 500))
  );
}

/** Waits, but no longer than until a browser says that the network is back. */
async function untilOnlineOr(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  const online = new AbortController();
  const wake = () => online.abort();
  const wakers: EventTarget[] = typeof addEventListener === "function" ? [globalThis as never] : [];
  for (const target of wakers) target.addEventListener("online", wake);
  await pause(milliseconds, online.signal, signal);
  for (const target of wakers) target.removeEventListener("online", wake);
}
