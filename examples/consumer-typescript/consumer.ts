// A consumer of cc-lite's events that loses none and handles none twice: it adds up how long calls were talked.
//
//   npm ci && RABBITMQ_URL=amqp://localhost node consumer.ts
//
// What stands here for any consumer: a quorum queue of its own, acknowledgements when the work is done, a limit to
// attempts with a place for what fails too often, and the event's id written in the same transaction as what it leads to.
import { DatabaseSync } from "node:sqlite";
import amqp, { type Channel, type ChannelModel, type ConsumeMessage } from "amqplib";

const url = new URL(process.env.RABBITMQ_URL ?? "amqp://localhost");
// Seconds between two signs of life, so that a broker that has gone silent is noticed.
if (!url.searchParams.has("heartbeat")) url.searchParams.set("heartbeat", "20");
const exchange = process.env.EVENTS_EXCHANGE ?? "ocelot.events";
const queue = process.env.QUEUE ?? "talk-time";
const dead = `${queue}.dead`;

/** What this consumer needs of an event. Whatever else stands there, now or later, does not matter to it. */
interface CallEnded {
  id: string;
  type: string;
  data: { call_id: string; talk_seconds: number };
}

const database = new DatabaseSync(process.env.DATABASE ?? "talk-time.db");
database.exec(`
  CREATE TABLE IF NOT EXISTS handled (id TEXT PRIMARY KEY);
  CREATE TABLE IF NOT EXISTS talk (call_id TEXT PRIMARY KEY, seconds INTEGER NOT NULL)`);

/** Handles an event once: its id and its effect are written together or not at all. Whether it was new. */
function handle(event: CallEnded): boolean {
  database.exec("BEGIN IMMEDIATE");
  try {
    const { changes } = database.prepare("INSERT INTO handled VALUES (?) ON CONFLICT DO NOTHING").run(event.id);
    if (changes > 0) {
      database.prepare("INSERT INTO talk VALUES (?, ?)").run(event.data.call_id, event.data.talk_seconds);
    }
    database.exec("COMMIT");
    return changes > 0;
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}

/** Reads a message as far as it matters here; what is no such event fails. */
function read(message: ConsumeMessage): CallEnded {
  const event = JSON.parse(message.content.toString("utf8"));
  const { call_id, talk_seconds } = event.data;
  if (typeof event.id !== "string" || typeof call_id !== "string" || typeof talk_seconds !== "number") {
    throw new Error("this is no call.ended");
  }
  return event;
}

/** Makes the queues; what was made before stays as it is. The exchange is the publisher's to make. */
async function prepare(channel: Channel): Promise<void> {
  await channel.assertQueue(dead, { durable: true, arguments: { "x-queue-type": "quorum" } });
  await channel.assertQueue(queue, {
    durable: true,
    arguments: {
      "x-queue-type": "quorum",
      // What failed this often goes to the other queue, for somebody to look at, and is confirmed there before it
      // leaves this one.
      "x-delivery-limit": 3,
      "x-dead-letter-exchange": "",
      "x-dead-letter-routing-key": dead,
      "x-dead-letter-strategy": "at-least-once",
      "x-overflow": "reject-publish",
    },
  });
  await channel.bindQueue(queue, exchange, "comms.call.ended");
  await channel.prefetch(20);
}

function receive(channel: Channel, message: ConsumeMessage): void {
  try {
    const event = read(message);
    console.log(handle(event) ? `handled ${event.id} of call ${event.data.call_id}` : `had ${event.id} already`);
    channel.ack(message);
  } catch (error) {
    console.log(`failed: ${error instanceof Error ? error.message : error}`);
    // Back into the queue, which counts.
    channel.nack(message, false, true);
  }
}

/** Consumes until the connection ends. */
async function consume(connection: ChannelModel): Promise<void> {
  const closed = new Promise<void>((resolve) => connection.once("close", () => resolve()));
  connection.on("error", (error) => console.error(`the broker: ${error.message}`));
  const channel = await connection.createChannel();
  await prepare(channel);
  console.log(`consuming from ${queue}`);
  // A queue that was deleted ends the consumer with an empty message: then all is made anew.
  await channel.consume(queue, (message) => (message ? receive(channel, message) : void connection.close()));
  await closed;
}

let stopping = false;
let current: ChannelModel | undefined;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    stopping = true;
    current?.close().catch(() => {});
  });
}
while (!stopping) {
  try {
    current = await amqp.connect(url.href);
    await consume(current);
  } catch (error) {
    console.error(`not consuming: ${error instanceof Error ? error.message : error}`);
  }
  if (!stopping) await new Promise((resolve) => setTimeout(resolve, 1000));
}
database.close();
