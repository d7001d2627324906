// The broker that tests share, and a service and a consumer's names of their own on it.
import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";
import amqp, { type ChannelModel } from "amqplib";
import { Service, type Settings } from "./service.ts";

/** Where the broker is: `testbed with-broker -- npm test` starts one and says so. */
export const AMQP_URL = process.env.AMQP_URL;

/** What a test that needs a broker says when there is none. */
export const NO_BROKER = AMQP_URL ? false : "AMQP_URL names no broker: run `testbed with-broker -- npm test`";

/** Connects to the broker, or to `url`. */
export function connect(url = AMQP_URL): Promise<ChannelModel> {
  return amqp.connect(url as string);
}

/** A network between a consumer and the broker, which can break. */
export async function network(): Promise<{ url: string; cut(): void } & AsyncDisposable> {
  const broker = new URL(AMQP_URL as string);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = createConnection(Number(broker.port || 5672), broker.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on("error", () => {});
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const url = new URL(broker);
  url.host = `127.0.0.1:${port}`;
  return {
    url: url.href,
    cut,
    [Symbol.asyncDispose]: async () => {
      cut();
      server.close();
    },
  };
}

/**
 * A service that publishes to an exchange of its own. A queue takes everything, as somebody else's does: an event that no
 * queue takes would hold up those of its call behind it.
 */
export async function publishing(settings: Settings = {}): Promise<Service & { exchange: string }> {
  const exchange = `events-${crypto.randomUUID()}`;
  const connection = await connect();
  const channel = await connection.createChannel();
  await channel.assertExchange(exchange, "topic", { durable: true });
  await channel.assertQueue(`others-of-${exchange}`, { durable: true });
  await channel.bindQueue(`others-of-${exchange}`, exchange, "#");
  await connection.close();
  const service = await Service.start({
    ENABLE_EVENTS: "true",
    RABBITMQ_URL: AMQP_URL as string,
    EVENTS_EXCHANGE: exchange,
    ...settings,
  });
  return Object.assign(service, { exchange });
}
