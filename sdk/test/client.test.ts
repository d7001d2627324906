import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createClient, memoryTokens, NetworkError, ProblemError, storedTokens } from "../src/client/index.ts";
import { Gateway } from "./gateway.ts";
import { ADMIN, Service } from "./service.ts";
import { collectGarbage, eventually } from "./wait.ts";

const CALL = { direction: "inbound", from: "+420601123456", to: "+420222333444" } as const;

let service: Service;
before(async () => {
  service = await Service.start();
});
after(() => service.end());

/** A client that is logged in, by way of a gateway that can be made to fail. */
async function throughGateway(retry = {}) {
  const gateway = await Gateway.start(service.url);
  const tokens = memoryTokens();
  const client = createClient({ baseUrl: gateway.url, tokens, retry });
  await client.login(ADMIN);
  return { gateway, client, tokens, [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose]() };
}

async function refusal(request: Promise<unknown>): Promise<ProblemError> {
  const error = await request.then(
    () => assert.fail("it was not refused"),
    (thrown) => thrown,
  );
  assert.ok(error instanceof ProblemError, `${error}`);
  return error;
}

test("a call is made, read and changed, with the types of the API's document", async () => {
  const client = createClient({ baseUrl: service.url });
  await client.login(ADMIN);
  const { data: call, response } = await client.POST("/calls", {
    body: { ...CALL, metadata: { order: "7" } },
  });
  assert.equal(response.status, 201);
  const status: "queued" | "ringing" | "in_progress" | string = call.status;
  assert.equal(status, "queued");
  const path = { id: call.id };
  const started = await client.POST("/calls/{id}/start", { params: { path }, body: {} });
  assert.equal(started.data.status, "in_progress");
  const read = await client.GET("/calls/{id}", { params: { path } });
  assert.deepEqual(read.data, started.data);
  // @ts-expect-error: there is no such path
  await assert.rejects(client.GET("/cals"), ProblemError);
  // @ts-expect-error: a path's parameters are needed
  await assert.rejects(client.GET("/calls/{id}"), ProblemError);
  // @ts-expect-error: a call has a direction
  await assert.rejects(client.POST("/calls", { body: { from: CALL.from, to: CALL.to } }), ProblemError);
  const nothing: undefined = (
    await client.POST("/auth/password", {
      body: { current_password: ADMIN.password, new_password: ADMIN.password },
    })
  ).data;
  assert.equal(nothing, undefined);
});

test("a refusal says what is wrong for programs and for people", async () => {
  const client = createClient({ baseUrl: service.url, language: "cs" });
  await client.login(ADMIN);
  const field = await refusal(client.POST("/calls", { body: { ...CALL, from: "nobody" } }));
  assert.deepEqual(
    [field.status, field.is("invalid-field"), field.errors[0]?.pointer],
    [422, true, "#/from"],
  );
  assert.match(field.message, /[ěščřžýáíé]/, "in Czech");
  assert.ok(field.requestId);

  const { data: call } = await client.POST("/calls", { body: CALL });
  const params = { path: { id: call.id } };
  await client.POST("/calls/{id}/end", { params, body: {} });
  const state = await refusal(client.POST("/calls/{id}/start", { params, body: {} }));
  assert.equal(state.type, "urn:cc-lite:problem:call-state");
  assert.deepEqual([state.status, state.current_state], [409, "canceled"]);
  assert.ok(Array.isArray(state.allowed_actions));
  const stale = await refusal(
    client.PATCH("/calls/{id}", {
      params: { ...params, header: { "If-Match": '"1"' } },
      body: { metadata: {} },
    }),
  );
  assert.deepEqual([stale.status, stale.is("version-conflict")], [412, true]);
});

test("a wrong password is refused and keeps no tokens", async () => {
  const tokens = memoryTokens();
  const client = createClient({ baseUrl: service.url, tokens });
  const wrong = await refusal(client.login({ ...ADMIN, password: "not this one" }));
  assert.deepEqual([wrong.status, wrong.is("credentials-rejected")], [401, true]);
  assert.equal(await tokens.get(), undefined);
  assert.ok((await refusal(client.GET("/auth/me"))).is("token-missing"));
});

test("too many wrong passwords are told with the time to wait, at once", async () => {
  const client = createClient({ baseUrl: service.url });
  const credentials = { email: "somebody@localhost", password: "not this one" };
  const seen: ProblemError[] = [];
  while (seen.at(-1)?.status !== 429 && seen.length < 20) seen.push(await refusal(client.login(credentials)));
  const limited = seen.at(-1);
  assert.equal(limited?.type, "urn:cc-lite:problem:too-many-attempts");
  assert.ok((limited?.retryAfter ?? 0) > 0);
});

test("without a service there is a network error that says what to do", async () => {
  const client = createClient({ baseUrl: "http://127.0.0.1:1", retry: { attempts: 1 } });
  await assert.rejects(client.GET("/health"), (error: unknown) => {
    assert.ok(error instanceof NetworkError && error.cause instanceof Error);
    assert.match(error.message, /check the network/);
    return true;
  });
});

test("an answer that breaks off is a network error too", async () => {
  await using way = await throughGateway();
  way.gateway.fail("/stats", "cut the answer short");
  await assert.rejects(way.client.GET("/stats"), NetworkError);
});

test("an aborted request ends with the signal's reason", async () => {
  const client = createClient({ baseUrl: service.url });
  const reason = new Error("left the page");
  await assert.rejects(client.GET("/health", { signal: AbortSignal.abort(reason) }), reason);
});

test("a request that waits is aborted, whatever the garbage collector took meanwhile", async () => {
  await using way = await throughGateway();
  const { gateway, client } = way;
  for (const path of ["/stats", "/calls"] as const) {
    gateway.fail(path, "keep waiting");
    const leave = new AbortController();
    const { signal } = leave;
    const asked =
      path === "/stats" ? client.GET(path, { signal }) : client.POST(path, { body: CALL, signal });
    await eventually("the request", () => gateway.to(path).length > 0);
    collectGarbage();
    leave.abort();
    await assert.rejects(asked, { name: "AbortError" });
  }
});

test("a write whose answer is lost is repeated under the same key and done once", async () => {
  await using way = await throughGateway();
  const { gateway, client } = way;
  gateway.fail("/calls", "lose the answer", "lose the request");
  const metadata = { mark: crypto.randomUUID() };
  const { data: call, response } = await client.POST("/calls", { body: { ...CALL, metadata } });
  assert.equal(response.headers.get("idempotency-replayed"), "true");
  const keys = gateway.to("/calls").map(({ headers }) => headers["idempotency-key"]);
  assert.equal(keys.length, 3);
  assert.equal(new Set(keys).size, 1);
  const marked = (await client.list("/calls").take(100)).filter(
    ({ metadata: kept }) => kept?.mark === metadata.mark,
  );
  assert.deepEqual(
    marked.map(({ id }) => id),
    [call.id],
  );
  await client.POST("/calls", { body: CALL });
  assert.notEqual(
    gateway.to("/calls").at(-1)?.headers["idempotency-key"],
    keys[0],
    "another write has another key",
  );
});

test("a key of one's own is kept", async () => {
  await using way = await throughGateway();
  const { gateway, client } = way;
  const header = { "Idempotency-Key": crypto.randomUUID() };
  const first = await client.POST("/calls", { params: { header }, body: CALL });
  const again = await client.POST("/calls", { params: { header }, body: CALL });
  assert.equal(again.data.id, first.data.id);
  assert.equal(gateway.to("/calls")[0]?.headers["idempotency-key"], header["Idempotency-Key"]);
});

test("429 and 503 are waited for within bounds, and beyond them told", async () => {
  await using way = await throughGateway({ maxDelay: 200 });
  const { gateway, client } = way;
  const busy = (status: number, seconds: string) => ({ status, headers: { "retry-after": seconds } });
  gateway.fail("/stats", busy(503, "0"), busy(429, "0"));
  await client.GET("/stats");
  assert.equal(gateway.to("/stats").length, 3);
  gateway.fail("/stats", busy(503, "60"));
  const refused = await refusal(client.GET("/stats"));
  assert.deepEqual([refused.status, refused.retryAfter, refused.type], [503, 60, "about:blank"]);
  assert.match(refused.detail, /try again/);
  assert.equal(gateway.to("/stats").length, 4);
  gateway.fail("/stats", busy(503, "0"), busy(503, "0"), busy(503, "0"));
  assert.equal((await refusal(client.GET("/stats"))).status, 503, "after three attempts it is told");
});

test("a list is gone through to its end, each item once, in pages of the given size", async () => {
  const client = createClient({ baseUrl: service.url });
  await client.login(ADMIN);
  const agent = crypto.randomUUID();
  const made: string[] = [];
  for (let i = 0; i < 7; i++) {
    made.unshift((await client.POST("/calls", { body: { ...CALL, agent_id: agent } })).data.id);
  }
  const list = client.list("/calls", { params: { query: { agent_id: agent, limit: 3 } } });
  const pages: number[] = [];
  for await (const page of list.pages()) pages.push(page.items.length);
  assert.deepEqual(pages, [3, 3, 1]);
  const ids: string[] = [];
  for await (const call of list) ids.push(call.id);
  assert.deepEqual(ids, made);
  assert.deepEqual((await list.take(4)).length, 4);
  // @ts-expect-error: this is no list
  client.list("/stats");
});

test("many requests share one refresh, and the new tokens are kept", async () => {
  await using way = await throughGateway();
  const { gateway, client, tokens } = way;
  const old = await tokens.get();
  assert.ok(old);
  // The access token is one that the service refuses, as after a change of keys.
  await tokens.set({ ...old, access_token: `${old.access_token}x` });
  const answers = await Promise.all(Array.from({ length: 20 }, () => client.GET("/auth/me")));
  assert.ok(answers.every(({ data }) => data.email === ADMIN.email));
  assert.equal(gateway.to("/auth/refresh").length, 1);
  assert.notEqual((await tokens.get())?.refresh_token, old.refresh_token);
});

test("a token that is about to end is renewed before it is sent", async () => {
  await using way = await throughGateway();
  const { gateway, client, tokens } = way;
  const old = await tokens.get();
  assert.ok(old);
  await tokens.set({ ...old, expires_at: Date.now() + 2000 });
  await client.GET("/auth/me");
  const paths = gateway.seen.map(({ path }) => path);
  assert.deepEqual(paths, ["/auth/login", "/auth/refresh", "/auth/me"]);
});

test("two tabs with the same tokens both go on, also when an answer is lost", async () => {
  await using way = await throughGateway();
  const { gateway, client, tokens } = way;
  const old = await tokens.get();
  assert.ok(old);
  const expired = { ...old, expires_at: Date.now() };
  await tokens.set(expired);
  const otherTokens = memoryTokens();
  await otherTokens.set(expired);
  const other = createClient({ baseUrl: gateway.url, tokens: otherTokens });
  gateway.fail("/auth/refresh", "lose the answer");
  const both = await Promise.all([client.GET("/auth/me"), other.GET("/auth/me")]);
  assert.deepEqual(
    both.map(({ data }) => data.email),
    [ADMIN.email, ADMIN.email],
  );
  assert.equal((await tokens.get())?.refresh_token, (await otherTokens.get())?.refresh_token);
});

test("an ended session is told once, and forgets its tokens", async () => {
  const tokens = memoryTokens();
  const ended: ProblemError[] = [];
  const client = createClient({
    baseUrl: service.url,
    tokens,
    onSessionEnd: (problem) => ended.push(problem),
  });
  await client.login(ADMIN);
  const other = createClient({ baseUrl: service.url });
  await other.login(ADMIN);
  await other.logout({ everywhere: true });
  const refused = await Promise.all([refusal(client.GET("/auth/me")), refusal(client.GET("/stats"))]);
  assert.deepEqual(
    refused.map(({ status, type }) => [status, type]),
    [
      [401, "urn:cc-lite:problem:session-ended"],
      [401, "urn:cc-lite:problem:session-ended"],
    ],
  );
  assert.equal(ended.length, 1);
  assert.equal(await tokens.get(), undefined);
});

test("a service that is away while tokens are renewed ends no session", async () => {
  await using way = await throughGateway({ attempts: 1 });
  const { gateway, client, tokens } = way;
  const old = await tokens.get();
  assert.ok(old);
  await tokens.set({ ...old, expires_at: Date.now() - 1 });
  gateway.fail("/auth/refresh", "lose the request", { status: 503 });
  await assert.rejects(client.GET("/auth/me"), NetworkError);
  assert.equal((await refusal(client.GET("/auth/me"))).status, 503);
  assert.equal((await client.GET("/auth/me")).data.email, ADMIN.email);
});

test("logging out ends the session at the service, and forgets the tokens also when that cannot be told", async () => {
  await using way = await throughGateway({ attempts: 1 });
  const { gateway, client, tokens } = way;
  const kept = await tokens.get();
  await client.logout();
  assert.equal(await tokens.get(), undefined);
  const me = await fetch(`${service.url}/auth/me`, {
    headers: { authorization: `Bearer ${kept?.access_token}` },
  });
  assert.equal(me.status, 401);
  await client.logout();

  await client.login(ADMIN);
  gateway.fail("/auth/logout", "lose the request");
  await assert.rejects(client.logout(), NetworkError);
  assert.equal(await tokens.get(), undefined);
});

test("in platform mode the gateway says who is asking, under a base path", async () => {
  const settings = { CC_LITE_MODE: "platform", CC_LITE_GATEWAY_SECRET: "0123456789abcdef" };
  await using platform = await Service.start(settings);
  assert.match(platform.url, /\/api\/communications$/);
  const headers = {
    "X-User-Id": "eva",
    "X-Org-Id": "acme",
    "X-Gateway-Secret": settings.CC_LITE_GATEWAY_SECRET,
  };
  const client = createClient({ baseUrl: `${platform.url}/`, headers });
  const { data: call } = await client.POST("/calls", { body: CALL });
  assert.deepEqual(
    (await client.list("/calls").take(9)).map(({ id }) => id),
    [call.id],
  );
  const stranger = createClient({ baseUrl: platform.url });
  assert.equal((await refusal(stranger.GET("/stats"))).status, 401);
});

test("contacts are imported from CSV as it is", async () => {
  const client = createClient({ baseUrl: service.url });
  await client.login(ADMIN);
  const { data: campaign } = await client.POST("/campaigns", {
    body: { name: "Spring", from: "+420222333444", time_zone: "Europe/Prague" },
  });
  const { data: imported } = await client.POST("/campaigns/{id}/contacts/import", {
    params: { path: { id: campaign.id } },
    headers: { "content-type": "text/csv" },
    body: "number,name\n+420601123456,Jana\n",
  });
  assert.equal(imported.added, 1, JSON.stringify(imported));
});

test("tokens outlive the page in a storage, and a broken storage does no harm", async () => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  } as unknown as Storage;
  await createClient({ baseUrl: service.url, tokens: storedTokens(storage) }).login(ADMIN);
  const reloaded = createClient({ baseUrl: service.url, tokens: storedTokens(storage) });
  assert.equal((await reloaded.GET("/auth/me")).data.email, ADMIN.email);
  await reloaded.logout();
  assert.equal(kept.size, 0);

  const fails = () => {
    throw new Error("forbidden");
  };
  const forbidden = { getItem: fails, setItem: fails, removeItem: fails } as unknown as Storage;
  const client = createClient({ baseUrl: service.url, tokens: storedTokens(forbidden) });
  await client.login(ADMIN);
  assert.equal((await client.GET("/auth/me")).data.email, ADMIN.email);
});
