import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Client,
  type Connection,
  createClient,
  memoryTokens,
  ProblemError,
  type StreamMessage,
} from "../src/client/index.ts";
import { EventStreamParser } from "../src/client/sse.ts";
import { Gateway } from "./gateway.ts";
import { ADMIN, Service } from "./service.ts";
import { collectGarbage, eventually } from "./wait.ts";

const CALL = { direction: "inbound", from: "+420601123456", to: "+420222333444" } as const;

/** Makes a call and begins it; its id. */
async function begin(client: Client): Promise<string> {
  const { data: call } = await client.POST("/calls", { body: CALL });
  await client.POST("/calls/{id}/start", { params: { path: { id: call.id } }, body: {} });
  return call.id;
}

/** Follows the stream in the background, and keeps what it gives. */
function listen(client: Client, options: Parameters<Client["stream"]>[0] = {}) {
  const messages: StreamMessage[] = [];
  const connections: Connection[] = [];
  const leave = new AbortController();
  const stream = client.stream({
    onConnection: (connection) => connections.push(connection),
    signal: leave.signal,
    ...options,
  });
  const ended = (async () => {
    for await (const message of stream) messages.push(message);
  })();
  const opened = (times = 1) =>
    eventually(
      `${times} connections`,
      () => connections.filter(({ state }) => state === "open").length >= times,
    );
  const calls = () =>
    messages.flatMap((told) =>
      told.kind === "event" && "call_id" in told.event.data ? told.event.data.call_id : [],
    );
  const heard = (call: string) => eventually(`${call} to be heard of`, () => calls().includes(call));
  return {
    messages,
    connections,
    opened,
    calls,
    heard,
    ended,
    leave: () => leave.abort(),
    [Symbol.asyncDispose]: async () => {
      leave.abort();
      await ended;
    },
  };
}

test("events come as they happen, with their types, and only those that were asked for", async () => {
  await using service = await Service.start();
  const client = createClient({ baseUrl: service.url });
  await client.login(ADMIN);
  await using all = listen(client);
  await using ends = listen(client, { types: ["call.ended"] });
  await Promise.all([all.opened(), ends.opened()]);
  const { data: quiet } = await client.POST("/calls", { body: CALL });
  await using ofOne = listen(client, { callId: quiet.id });
  await ofOne.opened();
  const call = await begin(client);
  await client.POST("/calls/{id}/end", { params: { path: { id: call } }, body: { outcome: "sold" } });
  await client.POST("/calls/{id}/start", { params: { path: { id: quiet.id } }, body: {} });
  await Promise.all([all.heard(quiet.id), ends.heard(call), ofOne.heard(quiet.id)]);
  assert.deepEqual(all.calls(), [call, call, quiet.id]);
  assert.deepEqual(ofOne.calls(), [quiet.id]);
  assert.equal(ends.messages.length, 1);
  const [message] = ends.messages;
  assert.ok(message?.kind === "event" && message.event.type === "call.ended");
  assert.equal(message.event.data.outcome, "sold");
});

test("a broken connection and a restarted service cost no event, and none is told twice", async () => {
  await using service = await Service.start();
  await using gateway = await Gateway.start(service.url);
  const client = createClient({ baseUrl: gateway.url });
  await client.login(ADMIN);
  await using stream = listen(client, { types: ["call.started"] });
  await stream.opened();
  const made = [await begin(client)];
  await stream.heard(made[0] as string);
  gateway.cut();
  await eventually("the connection to be lost", () =>
    stream.connections.some(({ state }) => state === "closed"),
  );
  made.push(await begin(client));
  await stream.opened(2);
  await service.restart();
  made.push(await begin(client));
  await stream.opened(3);
  await service.kill();
  await service.resume();
  made.push(await begin(client));
  await stream.opened(4);
  made.push(await begin(client));
  await stream.heard(made.at(-1) as string);
  assert.deepEqual(stream.calls(), made);
  assert.ok(
    gateway.seen.every(({ path }) => !/token/.test(path)),
    "no token is in a URL",
  );
});

test("a connection that is silent for too long is made anew", async () => {
  await using service = await Service.start();
  const client = createClient({ baseUrl: service.url });
  await client.login(ADMIN);
  await using stream = listen(client, { silence: 100 });
  await stream.opened(2);
  const call = await begin(client);
  await stream.heard(call);
});

test("a position that is not known any more is told, and the stream goes on", async () => {
  await using service = await Service.start();
  const client = createClient({ baseUrl: service.url });
  await client.login(ADMIN);
  await using stream = listen(client, { lastEventId: "0000000000000000-1" });
  await eventually("the reset", () => stream.messages[0]?.kind === "reset");
  const call = await begin(client);
  await stream.heard(call);
});

test("the stream goes on with a new token when its own ends", async () => {
  await using service = await Service.start({ CC_LITE_ACCESS_TOKEN_TTL: "1m" });
  await using gateway = await Gateway.start(service.url);
  const tokens = memoryTokens();
  const client = createClient({ baseUrl: gateway.url, tokens });
  await client.login(ADMIN);
  const old = await tokens.get();
  await using stream = listen(client);
  await stream.opened();
  assert.equal(gateway.to("/auth/refresh").length, 1, "a token of a minute is renewed for a stream");
  const mine = await tokens.get();
  assert.notEqual(mine?.access_token, old?.access_token);
  // The end of the token is brought about: another role ends those that are out.
  const other = createClient({ baseUrl: service.url });
  await other.login(ADMIN);
  const { data: created } = await other.POST("/users", {
    body: { email: "eva@localhost", role: "agent", password: "a good password" },
  });
  const eva = createClient({ baseUrl: gateway.url });
  await eva.login({ email: "eva@localhost", password: "a good password" });
  await using hers = listen(eva);
  await hers.opened();
  await other.PATCH("/users/{id}", { params: { path: { id: created.id } }, body: { role: "supervisor" } });
  await hers.opened(2);
  const call = await begin(client);
  await hers.heard(call);
  assert.equal((await eva.GET("/auth/me")).data.role, "supervisor");
});

test("a stream ends with an error when the session has ended", async () => {
  await using service = await Service.start();
  const client = createClient({ baseUrl: service.url });
  await client.login(ADMIN);
  const stream = listen(client);
  await stream.opened();
  const other = createClient({ baseUrl: service.url });
  await other.login(ADMIN);
  await other.logout({ everywhere: true });
  await assert.rejects(stream.ended, (error) => error instanceof ProblemError && error.status === 401);
});

test("leaving the loop or aborting ends the connection at the service", async () => {
  await using service = await Service.start();
  const client = createClient({ baseUrl: service.url });
  await client.login(ADMIN);
  const listeners = async () =>
    /cc_lite_stream_listeners (\d+)/.exec(
      await (await fetch(`${service.managementUrl}/metrics`)).text(),
    )?.[1];
  const stream = listen(client);
  await stream.opened();
  await eventually("a listener", async () => (await listeners()) === "1");
  collectGarbage();
  stream.leave();
  await stream.ended;
  await eventually("no listener", async () => (await listeners()) === "0");

  for await (const message of client.stream({ lastEventId: "0000000000000000-1" })) {
    assert.equal(message.kind, "reset");
    await eventually("a listener", async () => (await listeners()) === "1");
    break;
  }
  await eventually("no listener", async () => (await listeners()) === "0");
});

test("server-sent events are read the same wherever their pieces are cut", () => {
  const text =
    ': hello\r\nretry: 1500\r\nid: a-1\r\n\r\nid: a-2\nevent: call.ended\ndata: {"a":\ndata: 1}\n\nevent: x\n\ndata:č\r\rid\n\n';
  const expected = [
    { event: "message", data: "", id: "a-1" },
    { event: "call.ended", data: '{"a":\n1}', id: "a-2" },
    { event: "message", data: "č", id: "a-2" },
    { event: "message", data: "", id: "" },
  ];
  for (let size = 1; size <= text.length; size++) {
    const parser = new EventStreamParser();
    const seen = [];
    for (let at = 0; at < text.length; at += size) seen.push(...parser.push(text.slice(at, at + size)));
    assert.deepEqual(seen, expected, `pieces of ${size}`);
    assert.equal(parser.retry, 1500);
  }
});
