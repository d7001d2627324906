import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { type Client, createClient } from "../src/client/index.ts";
import {
  type CommsEvent,
  type ConsumerNotice,
  type ConsumerOptions,
  consumeEvents,
  deadLetterQueue,
  EVENT_TYPES,
  EventError,
  type EventType,
  isCallEnded,
  isEventType,
  isSentimentAnalyzed,
  memorySeen,
  parseEvent,
  ROUTING_KEYS,
  subjectOf,
} from "../src/events/index.ts";
import { connect, NO_BROKER, network, publishing } from "./broker.ts";
import { ADMIN, type Service } from "./service.ts";
import { eventually } from "./wait.ts";

const CALL = { direction: "inbound", from: "+420601123456", to: "+420222333444" } as const;

/** The document's own example of each type. */
async function examples(): Promise<CommsEvent[]> {
  const document = JSON.parse(await readFile(new URL("../asyncapi.json", import.meta.url), "utf8"));
  const messages: { examples: { payload: CommsEvent }[] }[] = Object.values(document.components.messages);
  return messages.flatMap((message) => message.examples.map(({ payload }) => payload));
}

test("each event of the document is read, with more than is known too", async () => {
  const all = await examples();
  assert.deepEqual(
    all.map(({ type }) => type),
    [...EVENT_TYPES],
  );
  for (const event of all) {
    assert.deepEqual(parseEvent(JSON.stringify(event)), event);
    assert.deepEqual(parseEvent(new TextEncoder().encode(JSON.stringify(event))), event);
    const newer = {
      ...event,
      more: 1,
      data: { ...event.data, more: [] },
      metadata: { ...event.metadata, version: "1.7.0" },
    };
    assert.deepEqual(parseEvent(newer), newer);
    assert.equal(ROUTING_KEYS[event.type], `comms.${event.type}`);
    assert.equal(isEventType(event.type), true);
  }
  const [ended] = all;
  assert.ok(ended && isCallEnded(ended) && !isSentimentAnalyzed(ended));
  const seconds: number = ended.data.talk_seconds;
  assert.equal(seconds, 170);
  assert.equal(subjectOf(ended), ended.data.call_id);
});

test("what is no event is refused with the place that does not fit", async () => {
  const [ended] = await examples();
  assert.ok(ended && isCallEnded(ended));
  const cases: [unknown, EventError["code"], RegExp][] = [
    ["{", "unreadable", /not JSON/],
    [Uint8Array.of(0xff), "unreadable", /not JSON in UTF-8/],
    ["null", "unreadable", /no type/],
    [{}, "unreadable", /no type/],
    [
      { ...ended, type: "call.paused" },
      "unknown-type",
      /call\.paused are not known here: update this package/,
    ],
    [{ ...ended, type: "toString" }, "unknown-type", /not known/],
    [{ ...ended, id: 7 }, "unreadable", /\/id is not string/],
    [{ ...ended, data: null }, "unreadable", /\/data is not object/],
    [{ ...ended, data: { ...ended.data, status: "gone" } }, "unreadable", /\/data\/status is not one of/],
    [{ ...ended, data: { ...ended.data, duration: 1.5 } }, "unreadable", /\/data\/duration is not integer/],
    [{ ...ended, data: { ...ended.data, sequence: 0 } }, "unreadable", /\/data\/sequence is less than 1/],
    [{ ...ended, data: { ...ended.data, call_id: undefined } }, "unreadable", /\/data\/call_id is missing/],
    [
      { ...ended, metadata: { ...ended.metadata, version: "2.0.0" } },
      "unreadable",
      /version 2\.0\.0, and 1\.x is known here/,
    ],
  ];
  for (const [given, code, sentence] of cases) {
    assert.throws(
      () => parseEvent(given as string),
      (error) => error instanceof EventError && error.code === code && sentence.test(error.message),
      JSON.stringify(given),
    );
  }
});

test("the memory of handled events is bounded", () => {
  const seen = memorySeen(3);
  for (const id of ["a", "b", "c", "d"]) seen.add(id);
  assert.deepEqual(
    ["a", "b", "c", "d"].map((id) => seen.has(id)),
    [false, true, true, true],
  );
});

/** A consumer that runs beside the test. */
function consume<Type extends EventType>(options: Partial<ConsumerOptions<Type>> & { exchange: string }) {
  const events: CommsEvent[] = [];
  const notices: ConsumerNotice[] = [];
  const leave = new AbortController();
  const queue = options.queue ?? `queue-${crypto.randomUUID()}`;
  const ended = consumeEvents<Type>({
    handle: (event) => void events.push(event),
    retryDelay: 10,
    onNotice: (notice) => notices.push(notice),
    signal: leave.signal,
    ...options,
    queue,
    connect: options.connect ?? connect,
  });
  const told = (kind: ConsumerNotice["kind"], times = 1) =>
    eventually(
      `${kind}, ${times} times`,
      () => notices.filter((notice) => notice.kind === kind).length >= times,
    );
  const end = async () => {
    leave.abort();
    await ended;
  };
  const consumer = { queue, events, notices, told, end, ended };
  return { ...consumer, [Symbol.asyncDispose]: end };
}

async function loggedIn(service: Service): Promise<Client> {
  const client = createClient({ baseUrl: service.url });
  await client.login(ADMIN);
  return client;
}

/** Makes a call, begins and ends it; its id. */
async function call(client: Client): Promise<string> {
  const { data } = await client.POST("/calls", { body: CALL });
  const params = { path: { id: data.id } };
  await client.POST("/calls/{id}/start", { params, body: {} });
  await client.POST("/calls/{id}/end", { params, body: { outcome: "sold" } });
  return data.id;
}

/** Publishes beside the service, as a broken publisher or a repetition would. */
async function publish(exchange: string, key: string, content: Buffer | string): Promise<void> {
  const connection = await connect();
  const channel = await connection.createConfirmChannel();
  channel.publish(exchange, key, Buffer.from(content));
  await channel.waitForConfirms();
  await connection.close();
}

async function deadLetters(queue: string): Promise<string[]> {
  const connection = await connect();
  const channel = await connection.createChannel();
  const found: string[] = [];
  for (;;) {
    const message = await channel.get(deadLetterQueue(queue));
    if (!message) break;
    found.push(message.content.toString());
  }
  await connection.close();
  return found;
}

const needsBroker = { skip: NO_BROKER };

test("events of a running service are handled once and in order", needsBroker, async () => {
  await using service = await publishing();
  await using consumer = consume({ exchange: service.exchange, types: ["call.started", "call.ended"] });
  await consumer.told("consuming");
  const client = await loggedIn(service);
  const made = await Promise.all(Array.from({ length: 5 }, () => call(client)));
  await eventually("all events", () => consumer.events.length >= 10);
  for (const id of made) {
    const mine = consumer.events.filter((event) => subjectOf(event) === id);
    assert.deepEqual(
      mine.map(({ type, data }) => [type, data.sequence]),
      [
        ["call.started", 1],
        ["call.ended", 2],
      ],
    );
  }
  // The same again, as after a lost confirmation.
  const [first] = consumer.events;
  assert.ok(first);
  await publish(service.exchange, ROUTING_KEYS[first.type], JSON.stringify(first));
  await consumer.told("repeated");
  assert.equal(consumer.events.length, 10);
});

test("who asks for some types gets no others, with these types", needsBroker, async () => {
  await using service = await publishing();
  const seconds: number[] = [];
  await using consumer = consume({
    exchange: service.exchange,
    types: ["call.ended"],
    handle: ({ data }) => void seconds.push(data.talk_seconds),
  });
  await consumer.told("consuming");
  await call(await loggedIn(service));
  await eventually("the end", () => seconds.length === 1);
});

test("an event that cannot be handled now is tried again before those behind it", needsBroker, async () => {
  await using service = await publishing();
  const tried: string[] = [];
  await using consumer = consume({
    exchange: service.exchange,
    handle: ({ type }) => {
      tried.push(type);
      if (tried.length < 3) throw new Error("not now");
    },
  });
  await consumer.told("consuming");
  await call(await loggedIn(service));
  await eventually("the end", () => tried.includes("call.ended"));
  assert.deepEqual(tried.slice(0, 4), ["call.started", "call.started", "call.started", "call.ended"]);
  assert.deepEqual(await deadLetters(consumer.queue), []);
});

test(
  "what can never be handled goes to the queue for dead letters, and holds nothing up",
  needsBroker,
  async () => {
    await using service = await publishing();
    const handled: string[] = [];
    await using consumer = consume({
      exchange: service.exchange,
      attempts: 2,
      handle: ({ type }) => {
        if (type === "call.started") throw new Error("never");
        handled.push(type);
      },
    });
    await consumer.told("consuming");
    await publish(service.exchange, "comms.call.ended", "no JSON");
    await publish(service.exchange, "comms.call.paused", JSON.stringify({ type: "call.paused" }));
    await consumer.told("unknown");
    await call(await loggedIn(service));
    await eventually("the end", () => handled.includes("call.ended"));
    await consumer.told("parked", 2);
    const letters: string[] = [];
    await eventually(
      "two dead letters",
      async () => letters.push(...(await deadLetters(consumer.queue))) >= 2,
    );
    assert.equal(letters[0], "no JSON");
    assert.equal(JSON.parse(letters[1] as string).type, "call.started");
  },
);

test("a lost connection costs no event, and what was handled is not handled again", needsBroker, async () => {
  await using service = await publishing();
  const client = await loggedIn(service);
  await using way = await network();
  let lose = true;
  const handled: string[] = [];
  await using consumer = consume({
    exchange: service.exchange,
    connect: () => connect(way.url),
    handle: async (event) => {
      handled.push(event.id);
      if (!lose) return;
      lose = false;
      // The work is done, and the connection breaks before it can be acknowledged.
      way.cut();
      await consumer.told("disconnected");
    },
  });
  await consumer.told("consuming");
  await call(client);
  await consumer.told("consuming", 2);
  await call(client);
  await eventually("all four", () => handled.length >= 4);
  await consumer.told("repeated");
  assert.equal(new Set(handled).size, handled.length, "none twice");
});

test(
  "ending finishes what is being handled, and the rest waits in the queue for the next",
  needsBroker,
  async () => {
    await using service = await publishing();
    const client = await loggedIn(service);
    const handled: string[] = [];
    let finish = () => {};
    const first = consume({
      exchange: service.exchange,
      types: ["call.ended"],
      prefetch: 1,
      handle: async ({ id }) => {
        await new Promise<void>((resolve) => {
          finish = resolve;
          handled.push(id);
        });
      },
    });
    await first.told("consuming");
    await call(client);
    await call(client);
    await eventually("the first one", () => handled.length === 1);
    const ended = first.end();
    finish();
    await ended;
    await using next = consume({ exchange: service.exchange, types: ["call.ended"], queue: first.queue });
    await eventually("the second one", () => next.events.length === 1);
    assert.notEqual(next.events[0]?.id, handled[0]);
  },
);

test("a queue with other arguments is refused with what to do", needsBroker, async () => {
  await using service = await publishing();
  const queue = `queue-${crypto.randomUUID()}`;
  const connection = await connect();
  await (await connection.createChannel()).assertQueue(queue, { durable: true });
  await connection.close();
  const consumer = consume({ exchange: service.exchange, queue });
  await assert.rejects(consumer.ended, /is there with other arguments: delete it, or give another name/);
});
