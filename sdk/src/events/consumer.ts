import { backoff, pause } from "../pause.ts";
import type { AmqpChannel, AmqpConnection, AmqpMessage } from "./amqp.ts";
import type { CommsEvent, EventOf, EventType } from "./generated.ts";
import { EventError, parseEvent, subjectOf } from "./parse.ts";
import { declareQueue, type QueueOptions } from "./queue.ts";
import { memorySeen, type SeenStore } from "./seen.ts";

/** How events are consumed. */
export interface ConsumerOptions<Type extends EventType = EventType> extends QueueOptions<Type> {
  /** Connects to the broker: `() => amqp.connect(url)`. It is called again after each loss of the connection. */
  readonly connect: () => Promise<AmqpConnection>;
  /** Does the work. The event is acknowledged once this is done; when it fails, it is called again with the same event. */
  readonly handle: (event: EventOf[Type]) => void | Promise<void>;
  /** Remembers what was handled. By default the last 10000 events, in memory: see {@link memorySeen}. */
  readonly seen?: SeenStore;
  /** How often an event is tried before it goes to the queue for dead letters. By default 5. */
  readonly attempts?: number;
  /** Milliseconds before the second attempt; it doubles with each further one, up to a minute. By default 1000. */
  readonly retryDelay?: number;
  /** How many events may be worked on at once: those of one call or campaign always one after the other. By default 20. */
  readonly prefetch?: number;
  /** Whether to make the queues. By default true; `false` where somebody else makes them. */
  readonly declare?: boolean;
  /** Ends the consumer: what is being handled is finished, the rest stays in the queue. */
  readonly signal?: AbortSignal;
  /** Told what goes on, for logs. */
  readonly onNotice?: (notice: ConsumerNotice) => void;
}

/** What goes on in a consumer. */
export type ConsumerNotice =
  | { /** Events come in. */ readonly kind: "consuming" }
  | {
      /** None come in; it connects again by itself. */ readonly kind: "disconnected";
      readonly error: unknown;
    }
  | { /** It was handled before, and was let go. */ readonly kind: "repeated"; readonly event: CommsEvent }
  | {
      /** It is of a type that is not known here, and was let go. */ readonly kind: "unknown";
      readonly error: EventError;
    }
  | {
      /** Handling it failed; it is tried again. */
      readonly kind: "failed";
      readonly event: CommsEvent;
      readonly error: unknown;
      /** The number of the attempt, from 1. */
      readonly attempt: number;
    }
  | {
      /** It went to the queue for dead letters. */
      readonly kind: "parked";
      /** The event, where it could be read. */
      readonly event: CommsEvent | undefined;
      readonly error: unknown;
    };

/** The same for whichever types, with the store chosen. */
interface Settings extends Omit<ConsumerOptions, "handle"> {
  readonly handle: (event: never) => void | Promise<void>;
  readonly seen: SeenStore;
}

/** Milliseconds to wait at most before connecting or handling again. */
const LONGEST = 60_000;
/** Milliseconds that a connection gets to end in order. */
const CLOSED_WITHIN = 5000;

/**
 * Consumes events by amqplib until `signal` is aborted, over as many connections as it takes. No event is lost: it is
 * acknowledged after it was handled, and one that cannot be handled goes to the queue for dead letters. None that
 * {@link ConsumerOptions.seen} remembers is handled again. Events of one call or campaign are handled in their order, as
 * long as one process consumes from the queue; where several do, compare `data.sequence`.
 *
 * Throws when the queue is there already with other arguments.
 *
 * ```ts
 * await consumeEvents({
 *   connect: () => amqp.connect("amqp://localhost?heartbeat=20"),
 *   queue: "billing",
 *   types: ["call.ended"],
 *   handle: async ({ data }) => charge(data.call_id, data.talk_seconds),
 *   signal,
 * });
 * ```
 */
export async function consumeEvents<Type extends EventType = EventType>(
  options: ConsumerOptions<Type>,
): Promise<void> {
  const { signal, onNotice, seen = memorySeen() } = options;
  let failures = 0;
  while (!signal?.aborted) {
    try {
      await consumeOnce({ ...options, seen }, () => {
        failures = 0;
        onNotice?.({ kind: "consuming" });
      });
    } catch (error) {
      if (signal?.aborted) return;
      if ((error as { code?: unknown }).code === 406) {
        const { queue } = options;
        throw new Error(
          `The queue ${queue} is there with other arguments: delete it, or give another name, or declare: false.`,
          { cause: error },
        );
      }
      onNotice?.({ kind: "disconnected", error });
      failures += 1;
      await pause(backoff(failures, 500, LONGEST), signal);
    }
  }
}

/** Consumes over one connection, until that ends (which it throws) or the signal is aborted. */
async function consumeOnce(options: Settings, ready: () => void): Promise<void> {
  const { signal } = options;
  const connection = await options.connect();
  const work = new Work(options);
  try {
    const lost = new Promise<never>((_, reject) => {
      const end = (error?: unknown) => reject(error ?? new Error("The connection to the broker has ended."));
      connection.on("error", end);
      connection.on("close", end);
      work.onLost = end;
    });
    // It may be lost while nobody waits for it.
    lost.catch(() => {});
    const channel = await connection.createChannel();
    channel.on("error", work.lose);
    channel.on("close", work.lose);
    if (options.declare ?? true) await declareQueue(channel, options);
    await channel.prefetch(options.prefetch ?? 20);
    const { consumerTag } = await channel.consume(options.queue, (message) => {
      // The broker ends a consumer by an empty message, when its queue is deleted.
      if (message) work.take(channel, message);
      else work.lose(new Error(`The queue ${options.queue} was deleted.`));
    });
    ready();
    await Promise.race([lost, aborted(signal)]);
    await channel.cancel(consumerTag);
    await work.finish();
    await channel.close();
  } finally {
    work.lose(undefined);
    // A broken connection may never tell that it is closed.
    await Promise.race([connection.close().catch(() => {}), pause(CLOSED_WITHIN)]);
  }
}

/** What came over one connection, and how far it is. */
class Work {
  /** Told when nothing can be acknowledged any more. */
  onLost: (error?: unknown) => void = () => {};
  readonly #options: Settings;
  /** The last of the work on each call and campaign. */
  readonly #tails = new Map<string, Promise<void>>();
  readonly #over = new AbortController();

  constructor(options: Settings) {
    this.#options = options;
  }

  /** Nothing can be acknowledged any more: what was not is delivered again, to whoever connects next. */
  readonly lose = (error?: unknown): void => {
    this.#over.abort();
    this.onLost(error);
  };

  /** Waits until what is being handled is done. */
  async finish(): Promise<void> {
    await Promise.all(this.#tails.values());
  }

  take(channel: AmqpChannel, message: AmqpMessage): void {
    let event: CommsEvent;
    try {
      event = parseEvent(message.content);
    } catch (error) {
      if (error instanceof EventError && error.code === "unknown-type") {
        this.#notice({ kind: "unknown", error });
        this.#settle(() => channel.ack(message));
      } else {
        this.#park(channel, message, undefined, error);
      }
      return;
    }
    const subject = subjectOf(event);
    const before = this.#tails.get(subject) ?? Promise.resolve();
    const tail = before
      .then(() => this.#work(channel, message, event))
      .catch((error) => this.lose(error))
      .then(() => {
        if (this.#tails.get(subject) === tail) this.#tails.delete(subject);
      });
    this.#tails.set(subject, tail);
  }

  async #work(channel: AmqpChannel, message: AmqpMessage, event: CommsEvent): Promise<void> {
    const { seen, handle, attempts = 5, retryDelay = 1000, signal } = this.#options;
    const left = () => signal?.aborted || this.#over.signal.aborted;
    for (let attempt = 1; !left(); attempt++) {
      if (await seen.has(event.id)) {
        this.#notice({ kind: "repeated", event });
        return this.#settle(() => channel.ack(message));
      }
      try {
        await handle(event as never);
      } catch (error) {
        if (attempt >= attempts) return this.#park(channel, message, event, error);
        this.#notice({ kind: "failed", event, error, attempt });
        await pause(Math.min(LONGEST, retryDelay * 2 ** (attempt - 1)), this.#over.signal, signal);
        continue;
      }
      await seen.add(event.id);
      return this.#settle(() => channel.ack(message));
    }
  }

  #park(channel: AmqpChannel, message: AmqpMessage, event: CommsEvent | undefined, error: unknown): void {
    this.#settle(() => channel.nack(message, false, false));
    this.#notice({ kind: "parked", event, error });
  }

  /** Tells the broker what became of a message; what it is not told it delivers again. */
  #settle(tell: () => void): void {
    if (!this.#over.signal.aborted) tell();
  }

  #notice(notice: ConsumerNotice): void {
    this.#options.onNotice?.(notice);
  }
}

function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) resolve();
    else signal?.addEventListener("abort", () => resolve(), { once: true });
  });
}
