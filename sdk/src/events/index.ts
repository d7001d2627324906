/**
 * cc-lite's events: types, names, routing keys and guards as the service's AsyncAPI document describes them, and a consumer
 * for RabbitMQ that loses none and handles none twice.
 *
 * @module
 */
export type { AmqpChannel, AmqpConnection, AmqpMessage } from "./amqp.ts";
export { type ConsumerNotice, type ConsumerOptions, consumeEvents } from "./consumer.ts";
export * from "./generated.ts";
export { EventError, isEventType, parseEvent, subjectOf } from "./parse.ts";
export { deadLetterQueue, declareQueue, type QueueOptions } from "./queue.ts";
export type { Schema } from "./schema.ts";
export { memorySeen, type SeenStore } from "./seen.ts";
