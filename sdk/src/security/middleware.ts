import type { Claims, Role } from "./claims.ts";
import { Refusal, type RefusalAnswer } from "./refusal.ts";
import type { Verifier } from "./verifier.ts";

/** Who is let in. */
export interface GuardOptions {
  /** Only who may do what this role may; by default everybody with a good token. */
  readonly role?: Role;
}

/** What is known of requests that were let in. */
const known = new WeakMap<object, Claims>();

/** What the token of a request says that one of the guards here has let in. Throws where none has. */
export function claimsOf(request: object): Claims {
  const claims = known.get(request);
  if (!claims)
    throw new Error("No guard has let this request in: put one before whatever asks for its claims.");
  return claims;
}

/** Lets a request in, or gives what to answer it. */
async function check(
  verifier: Verifier,
  request: object,
  authorization: string | null | undefined,
  { role }: GuardOptions,
): Promise<RefusalAnswer | undefined> {
  try {
    known.set(request, await verifier.authorize(authorization, role));
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error.answer();
    throw error;
  }
}

/**
 * Guards a handler of web-standard requests (Fetch API): Deno, Bun, Hono, Next.js, service workers and others.
 *
 * ```ts
 * export default { fetch: guard(verifier, (request, claims) => Response.json({ hello: claims.email })) };
 * ```
 */
export function guard<Rest extends unknown[]>(
  verifier: Verifier,
  handler: (request: Request, claims: Claims, ...rest: Rest) => Response | Promise<Response>,
  options: GuardOptions = {},
): (request: Request, ...rest: Rest) => Promise<Response> {
  return async (request, ...rest) => {
    const refused = await check(verifier, request, request.headers.get("authorization"), options);
    if (refused) return new Response(refused.body, refused);
    return handler(request, claimsOf(request), ...rest);
  };
}

/** What is needed of a request of Express. */
export interface ExpressRequest {
  readonly headers: { readonly authorization?: string | undefined };
}

/** What is needed of an answer of Express. */
export interface ExpressResponse {
  writeHead(status: number, headers: Record<string, string>): { end(body: string): unknown };
}

/**
 * A guard for Express, and for whatever else takes handlers of its form; {@link claimsOf} gives what the token says.
 *
 * ```ts
 * app.use(expressGuard(verifier));
 * app.get("/hello", (request, response) => response.json({ hello: claimsOf(request).email }));
 * ```
 */
export function expressGuard(verifier: Verifier, options: GuardOptions = {}) {
  return (request: ExpressRequest, response: ExpressResponse, next: (error?: unknown) => void): void => {
    check(verifier, request, request.headers.authorization, options).then((refused) => {
      if (refused) response.writeHead(refused.status, { ...refused.headers }).end(refused.body);
      else next();
    }, next);
  };
}

/** What is needed of an answer of Fastify. */
export interface FastifyReply {
  code(status: number): FastifyReply;
  headers(values: Record<string, string>): FastifyReply;
  send(body: string): unknown;
}

/**
 * A hook for Fastify; {@link claimsOf} gives what the token says.
 *
 * ```ts
 * fastify.addHook("onRequest", fastifyGuard(verifier));
 * fastify.get("/hello", async (request) => ({ hello: claimsOf(request).email }));
 * ```
 */
export function fastifyGuard(verifier: Verifier, options: GuardOptions = {}) {
  return async (request: ExpressRequest, reply: FastifyReply): Promise<unknown> => {
    const refused = await check(verifier, request, request.headers.authorization, options);
    // Fastify sees by what is given back that the request is answered.
    return (
      refused &&
      reply
        .code(refused.status)
        .headers({ ...refused.headers })
        .send(refused.body)
    );
  };
}
