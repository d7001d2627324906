import type { AmqpChannel } from "./amqp.ts";
import { type EventType, EXCHANGE, ROUTING_KEYS } from "./generated.ts";

/** Which queue a consumer has. */
export interface QueueOptions<Type extends EventType = EventType> {
  /** The queue's name: one for each consumer, shared by the processes of it. */
  readonly queue: string;
  /** The types of events that it is to get; by default all, those of newer services too. */
  readonly types?: readonly Type[];
  /** The exchange of the service's `EVENTS_EXCHANGE`. */
  readonly exchange?: string;
}

/** How often the broker delivers a message to processes that die of it, before it puts it aside. */
const DELIVERY_LIMIT = 20;

/** The queue that takes what a consumer cannot handle, for people to look at. */
export function deadLetterQueue(queue: string): string {
  return `${queue}.dead`;
}

/**
 * Makes a consumer's queues where they are missing: a quorum queue, bound to the exchange by the routing keys of `types`, and
 * beside it `<queue>.dead`, to which messages go that are refused for good, without one being lost on the way.
 */
export async function declareQueue(channel: AmqpChannel, options: QueueOptions): Promise<void> {
  const { queue, types, exchange = EXCHANGE } = options;
  const dead = deadLetterQueue(queue);
  await channel.assertQueue(dead, { durable: true, arguments: { "x-queue-type": "quorum" } });
  await channel.assertQueue(queue, {
    durable: true,
    arguments: {
      "x-queue-type": "quorum",
      "x-delivery-limit": DELIVERY_LIMIT,
      "x-dead-letter-exchange": "",
      "x-dead-letter-routing-key": dead,
      "x-dead-letter-strategy": "at-least-once",
      // Without it messages could be lost on their way to the other queue, says RabbitMQ.
      "x-overflow": "reject-publish",
    },
  });
  const keys = types?.map((type) => ROUTING_KEYS[type]) ?? ["comms.#"];
  for (const key of keys) await channel.bindQueue(queue, exchange, key);
}
