// What is needed of amqplib (0.10 and newer), so that its types need not be installed by who does not use it.

/** A message that was delivered. */
export interface AmqpMessage {
  readonly content: Uint8Array;
  readonly fields: { readonly redelivered?: boolean; readonly deliveryTag: number };
}

/** A channel of {@link AmqpConnection}. */
export interface AmqpChannel {
  assertQueue(queue: string, options: object): Promise<unknown>;
  bindQueue(queue: string, exchange: string, pattern: string): Promise<unknown>;
  prefetch(count: number): Promise<unknown>;
  consume(queue: string, onMessage: (message: AmqpMessage | null) => void): Promise<{ consumerTag: string }>;
  cancel(consumerTag: string): Promise<unknown>;
  ack(message: AmqpMessage): void;
  nack(message: AmqpMessage, allUpTo: boolean, requeue: boolean): void;
  close(): Promise<void>;
  on(event: string, listener: (...values: never[]) => void): unknown;
}

/** A connection: what `connect` of amqplib gives. */
export interface AmqpConnection {
  createChannel(): Promise<AmqpChannel>;
  close(): Promise<void>;
  on(event: string, listener: (...values: never[]) => void): unknown;
}
