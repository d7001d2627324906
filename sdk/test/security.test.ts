import assert from "node:assert/strict";
import { createHmac, createPrivateKey, type KeyObject } from "node:crypto";
import { after, before, test } from "node:test";
import express from "express";
import fastify from "fastify";
import { decodeJwt, decodeProtectedHeader, SignJWT } from "jose";
import { createClient, memoryTokens } from "../src/client/index.ts";
import {
  type Claims,
  claimsOf,
  createVerifier,
  expressGuard,
  fastifyGuard,
  guard,
  hasRole,
  Refusal,
} from "../src/security/index.ts";
import { makeKeyPair, publish, published, signingKey, signWith } from "./keys.ts";
import { ADMIN, Service } from "./service.ts";
import { eventually } from "./wait.ts";

let service: Service;
let privateKey: KeyObject;
/** Tokens of the administrator and of an agent, made by the service. */
let admin: { access_token: string; refresh_token: string };
let agent: { access_token: string };

async function login(from: Service, credentials = ADMIN) {
  const tokens = memoryTokens();
  const client = createClient({ baseUrl: from.url, tokens });
  await client.login(credentials);
  return { client, ...((await tokens.get()) ?? assert.fail("no tokens")) };
}

before(async () => {
  service = await Service.start();
  privateKey = createPrivateKey(await signingKey(service));
  const { client, ...tokens } = await login(service);
  admin = tokens;
  const credentials = { email: "eva@localhost", password: "a good password" };
  await client.POST("/users", { body: { ...credentials, role: "agent" } });
  agent = await login(service, credentials);
});
after(() => service.end());

async function refused(verified: Promise<Claims>): Promise<Refusal> {
  const error = await verified.then(
    () => assert.fail("it was let in"),
    (thrown) => thrown,
  );
  assert.ok(error instanceof Refusal, `${error.stack}`);
  return error;
}

/** The administrator's token with other claims or another header, signed with the service's own key unless told otherwise. */
async function forged(claims: object, header: object = {}, key: KeyObject | Uint8Array = privateKey) {
  const { alg = "EdDSA", ...kept } = decodeProtectedHeader(admin.access_token);
  return new SignJWT({ ...decodeJwt(admin.access_token), ...claims })
    .setProtectedHeader({ alg, ...kept, ...header })
    .sign(key);
}

test("a token of the service is let in, and its claims are typed", async () => {
  const verifier = createVerifier({ baseUrl: service.url });
  const claims = await verifier.verify(admin.access_token);
  assert.deepEqual([claims.email, claims.role, claims.org], [ADMIN.email, "admin", "default"]);
  assert.deepEqual(await verifier.authorize(`Bearer ${admin.access_token}`), claims);
  const byKeys = createVerifier({ jwksUrl: `${service.url}/.well-known/jwks.json` });
  assert.deepEqual(await byKeys.verify(admin.access_token), claims);
  const alsoNamed = await forged({}, { alg: "Ed25519" });
  assert.equal((await verifier.verify(alsoNamed)).sub, claims.sub, "RFC 9864's name");
});

test("whatever the service would not make is refused with what to do", async () => {
  const verifier = createVerifier({ baseUrl: service.url });
  const { kid } = decodeProtectedHeader(admin.access_token);
  const [head, body, signature] = admin.access_token.split(".") as [string, string, string];
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const [key] = await published(service);
  const publicPem = Buffer.from(await service.read(".keys/ed25519_public.pem"));
  const macHead = encoded({ alg: "HS256", typ: "JWT", kid });
  const mac = createHmac("sha256", publicPem).update(`${macHead}.${body}`).digest("base64url");
  const now = Math.floor(Date.now() / 1000);
  const stranger = await makeKeyPair();
  const cases: [string, string, RegExp][] = [
    ["a refresh token", admin.refresh_token, /refresh token: send the access_token/],
    ["another issuer", await forged({ iss: "elsewhere" }), /not of the issuer cc-lite .*CC_LITE_ISSUER/],
    ["another audience", await forged({ aud: "elsewhere" }), /not for cc-lite .*CC_LITE_AUDIENCE/],
    ["no issuer", await forged({ iss: undefined }), /not of the issuer cc-lite/],
    ["an end that has passed", await forged({ exp: now - 6 }), /has ended: refresh it/],
    ["a begin that is to come", await forged({ nbf: now + 60 }), /nbf/],
    ["a life of days", await forged({ iat: now - 90_000, nbf: now - 90_000 }), /has ended/],
    ["no session", await forged({ sid: undefined }), /sid/],
    ["no organisation", await forged({ org: "" }), /org/],
    ["a role that is none", await forged({ role: "root" }), /role/],
    ["another type of token", await forged({}, { typ: "at+jwt" }), /typ/],
    ["an unsigned one", `${encoded({ alg: "none", typ: "JWT", kid })}.${body}.`, /EdDSA/],
    ["a MAC by the public key", `${macHead}.${body}.${mac}`, /EdDSA/],
    [
      "a key that comes with it",
      await forged({}, { jwk: stranger.jwk, kid: stranger.kid }, stranger.privateKey),
      /does not publish/,
    ],
    ["a stranger's key under our name", await forged({}, {}, stranger.privateKey), /signature is not right/],
    ["no key's name", await forged({}, { kid: undefined }), /no token that can be read/],
    [
      "what is critical and unknown",
      `${encoded({ ...key, alg: "EdDSA", typ: "JWT", kid, crit: ["x"], x: 1 })}.${body}.${signature}`,
      /cannot|can be read/,
    ],
    ["another signature", `${head}.${body}.${signature.slice(0, -4)}AAAA`, /signature is not right/],
    ["no token at all", "none", /no token that can be read/],
  ];
  for (const [what, token, sentence] of cases) {
    const refusal = await refused(verifier.verify(token));
    assert.match(refusal.message, sentence, what);
    assert.equal(refusal.status, 401, what);
    assert.ok(
      !JSON.stringify(refusal.answer()).includes(token.split(".")[1] ?? token.padEnd(99)),
      "the answer holds no token",
    );
  }
});

test("a token of another service is refused with the issuer that was expected", async () => {
  await using other = await Service.start({ CC_LITE_ISSUER: "elsewhere" });
  const verifier = createVerifier({ baseUrl: service.url });
  const { access_token } = await login(other);
  assert.match(
    (await refused(verifier.verify(access_token))).message,
    /not of the issuer cc-lite .*log in again/,
  );
  const theirs = createVerifier({ baseUrl: other.url, issuer: "elsewhere" });
  assert.equal((await theirs.verify(access_token)).iss, "elsewhere");
});

test("tokens of the old and the new key are let in through a rotation, and those of a removed key no more", async () => {
  await using rotated = await Service.start();
  // The first one keeps keys as long as it may: it finds the new one by its unknown id. The other forgets them at once.
  const verifier = createVerifier({ baseUrl: rotated.url, cooldown: 0 });
  const forgetful = createVerifier({ baseUrl: rotated.url, cacheMaxAge: 50 });
  const before = await login(rotated);
  const [old] = await published(rotated);
  assert.ok(old);
  await verifier.verify(before.access_token);

  const next = await makeKeyPair();
  await publish(rotated, [old, next.jwk]);
  await verifier.verify(before.access_token);

  await signWith(rotated, next);
  const after = await login(rotated);
  assert.equal(decodeProtectedHeader(after.access_token).kid, next.kid);
  for (const token of [after.access_token, before.access_token]) {
    assert.equal((await verifier.verify(token)).email, ADMIN.email);
    assert.equal((await forgetful.verify(token)).email, ADMIN.email);
  }

  await publish(rotated, [next.jwk]);
  const refusal = await eventually("the removed key's token to be refused", () =>
    forgetful.verify(before.access_token).then(
      () => undefined,
      (error: Refusal) => error,
    ),
  );
  assert.match(refusal.message, /a key that the service does not publish \(any more\): log in again/);
  assert.equal((await forgetful.verify(after.access_token)).email, ADMIN.email);
});

test("a key that is put in the place of another at once is found as soon as its token comes", async () => {
  await using replaced = await Service.start();
  const verifier = createVerifier({ baseUrl: replaced.url, cooldown: 200 });
  const before = await login(replaced);
  await verifier.verify(before.access_token);
  const next = await makeKeyPair();
  const [old] = await published(replaced);
  assert.ok(old);
  await publish(replaced, [old, next.jwk]);
  await signWith(replaced, next);
  await publish(replaced, [next.jwk]);
  const { access_token } = await login(replaced);
  const claims = await eventually("the new key to be found", () => verifier.verify(access_token), 5000);
  assert.equal(claims.email, ADMIN.email);
  assert.equal((await refused(verifier.verify(before.access_token))).code, "token-invalid");
});

test("a service that cannot be reached is no reason to call a token invalid", async () => {
  await using away = await Service.start();
  const { access_token } = await login(away);
  await away.stop();
  const verifier = createVerifier({ baseUrl: away.url });
  const refusal = await refused(verifier.verify(access_token));
  assert.deepEqual([refusal.code, refusal.status], ["keys-unavailable", 503]);
  assert.equal(refusal.answer().headers["retry-after"], "1");
  await away.resume();
  assert.equal((await verifier.verify(access_token)).email, ADMIN.email);
});

test("settings by which rotation would not work are refused", () => {
  const baseUrl = service.url;
  assert.throws(() => createVerifier({ baseUrl, cacheMaxAge: 600_000 }), /give 1 to 60000 milliseconds/);
  assert.throws(() => createVerifier({ baseUrl, cooldown: 30_000 }), /give 0 to 5000 milliseconds/);
  assert.throws(() => createVerifier({}), /Give baseUrl/);
});

test("admins may do what supervisors may, and these what agents may", () => {
  const may = (role: Claims["role"]) =>
    (["agent", "supervisor", "admin"] as const).map((needed) => hasRole({ role }, needed));
  assert.deepEqual(may("agent"), [true, false, false]);
  assert.deepEqual(may("supervisor"), [true, true, false]);
  assert.deepEqual(may("admin"), [true, true, true]);
});

/** Something that listens, guarded: `/hello` for everybody, `/admin` for administrators. */
interface Guarded extends AsyncDisposable {
  url: string;
}

const GUARDED: Record<string, () => Promise<Guarded>> = {
  Express: async () => {
    const verifier = createVerifier({ baseUrl: service.url });
    const app = express();
    app.get("/hello", expressGuard(verifier), (request, response) => {
      response.json({ hello: claimsOf(request).email });
    });
    app.get("/admin", expressGuard(verifier, { role: "admin" }), (request, response) => {
      response.json({ hello: claimsOf(request).email });
    });
    const server = app.listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    return {
      url: `http://127.0.0.1:${port}`,
      [Symbol.asyncDispose]: async () => {
        server.closeAllConnections();
        server.close();
      },
    };
  },
  Fastify: async () => {
    const verifier = createVerifier({ baseUrl: service.url });
    const app = fastify({ forceCloseConnections: true });
    app.get("/hello", { onRequest: fastifyGuard(verifier) }, async (request) => ({
      hello: claimsOf(request).email,
    }));
    app.get("/admin", { onRequest: fastifyGuard(verifier, { role: "admin" }) }, async (request) => ({
      hello: claimsOf(request).email,
    }));
    const url = await app.listen({ port: 0, host: "127.0.0.1" });
    return { url, [Symbol.asyncDispose]: () => app.close() };
  },
};

async function behaves(ask: (path: string, authorization?: string) => Promise<Response>) {
  const greeted = await ask("/hello", `Bearer ${agent.access_token}`);
  assert.deepEqual([greeted.status, await greeted.json()], [200, { hello: "eva@localhost" }]);
  const welcome = await ask("/admin", `bearer ${admin.access_token}`);
  assert.deepEqual([welcome.status, await welcome.json()], [200, { hello: ADMIN.email }]);

  const expired = await forged({ exp: Math.floor(Date.now() / 1000) - 10 });
  const cases: [string, string | undefined, number, string, string][] = [
    ["/hello", undefined, 401, "token-missing", 'Bearer realm="cc-lite"'],
    ["/hello", "Basic YTpi", 401, "token-missing", 'Bearer realm="cc-lite"'],
    ["/hello", "Bearer", 400, "malformed-request", 'error="invalid_request"'],
    ["/hello", "Bearer a b", 400, "malformed-request", 'error="invalid_request"'],
    ["/hello", `Bearer ${expired}`, 401, "token-expired", 'error="invalid_token"'],
    ["/hello", `Bearer ${admin.refresh_token}`, 401, "token-invalid", 'error="invalid_token"'],
    ["/admin", `Bearer ${agent.access_token}`, 403, "forbidden", 'error="insufficient_scope"'],
  ];
  for (const [path, authorization, status, code, challenge] of cases) {
    const answer = await ask(path, authorization);
    const problem = await answer.json();
    assert.equal(answer.status, status, JSON.stringify(problem));
    assert.match(answer.headers.get("content-type") ?? "", /^application\/problem\+json\b/);
    const told = answer.headers.get("www-authenticate") ?? "";
    assert.ok(told.startsWith('Bearer realm="cc-lite"') && told.includes(challenge), told);
    assert.equal(problem.type, `urn:cc-lite:problem:${code}`);
    assert.equal(problem.status, status);
    assert.ok(problem.title && problem.detail);
  }
}

for (const [name, start] of Object.entries(GUARDED)) {
  test(`${name} lets in who has a token, and tells others what to do`, async () => {
    await using guarded = await start();
    await behaves((path, authorization) =>
      fetch(`${guarded.url}${path}`, { headers: authorization ? { authorization } : {} }),
    );
  });
}

test("web-standard requests are let in with a token, and others told what to do", async () => {
  const verifier = createVerifier({ baseUrl: service.url });
  const hello = (_: Request, claims: Claims) => Response.json({ hello: claims.email });
  const handlers = { "/hello": guard(verifier, hello), "/admin": guard(verifier, hello, { role: "admin" }) };
  await behaves((path, authorization) =>
    handlers[path as keyof typeof handlers](
      new Request(`http://localhost${path}`, { headers: authorization ? { authorization } : {} }),
    ),
  );
  assert.throws(() => claimsOf(new Request("http://localhost/")), /No guard has let this request in/);
});
