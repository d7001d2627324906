import createFetchClient, { type FetchResponse, type MaybeOptionalInit } from "openapi-fetch";
import type { HttpMethod, PathsWithMethod, RequiredKeysOf } from "openapi-typescript-helpers";
import type { components, paths } from "./generated.ts";
import { type Page, Pages } from "./pages.ts";
import { NetworkError, type ProblemError, problemFrom } from "./problem.ts";
import { randomKey } from "./random.ts";
import type { RetryOptions } from "./retry.ts";
import { Session } from "./session.ts";
import { follow, type StreamMessage, type StreamOptions } from "./stream.ts";
import { memoryTokens, type TokenStore } from "./tokens.ts";
import { persistent, type Send } from "./transport.ts";

/** How a client is made. */
export interface ClientOptions {
  /** Where the API is, base path included: `https://voice.example.com` or `https://platform.example.com/api/communications`. In browsers it may be relative to the page. */
  readonly baseUrl: string;
  /** Where tokens are kept; by default in memory. In platform mode there are none: the gateway says who is asking. */
  readonly tokens?: TokenStore;
  /** What people are told in, such as `cs` (`Accept-Language`); by default what the platform sends. A function is asked for each request. */
  readonly language?: string | (() => string);
  /** Headers to send with each request, such as those that a gateway expects. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How requests are repeated. */
  readonly retry?: RetryOptions;
  /** Sends requests in place of the platform's `fetch`. */
  readonly fetch?: Send;
  /** Told when the service has ended the session, so that somebody has to log in again. */
  readonly onSessionEnd?: (problem: ProblemError) => void;
}

type Media = `${string}/${string}`;
type Arguments<Init> = RequiredKeysOf<Init> extends never ? [init?: Init] : [init: Init];
type Answered<Operation, Init> =
  Operation extends Record<string | number, unknown>
    ? Exclude<FetchResponse<Operation, Init, Media>, { error: unknown }>["data"]
    : never;

/** What a request gave. */
export interface Answer<Data> {
  /** The answer's body; `undefined` when it has none. */
  readonly data: Data;
  /** The answer itself, for its status and headers. */
  readonly response: Response;
}

/**
 * Makes requests of one method: the path as the API's document writes it, then `params` (`path`, `query`, `header`),
 * `body` and whatever `fetch` takes (`signal`).
 *
 * Throws a {@link ProblemError} when the service refuses, a {@link NetworkError} when no answer comes, and the signal's
 * reason when it is aborted.
 */
export type Method<M extends HttpMethod> = <
  Path extends PathsWithMethod<paths, M>,
  Init extends MaybeOptionalInit<paths[Path], M>,
>(
  path: Path,
  ...init: Arguments<Init>
) => Promise<Answer<Answered<paths[Path][M], Init>>>;

/** Paths whose `GET` gives a list. */
export type ListPath = {
  [Path in keyof paths]: paths[Path] extends {
    get: { responses: { 200: { content: { "application/json": Page<unknown> } } } };
  }
    ? Path
    : never;
}[keyof paths];

/** What a list is of. */
export type ListItem<Path extends ListPath> = paths[Path] extends {
  get: { responses: { 200: { content: { "application/json": { items: (infer Item)[] } } } } };
}
  ? Item
  : never;

/** A client of one service, as one user. */
export interface Client {
  readonly GET: Method<"get">;
  readonly POST: Method<"post">;
  readonly PUT: Method<"put">;
  readonly PATCH: Method<"patch">;
  readonly DELETE: Method<"delete">;
  /** Goes through a list, page by page. `limit` in the query is the pages' size. */
  list<Path extends ListPath, Init extends MaybeOptionalInit<paths[Path], "get">>(
    path: Path,
    ...init: Arguments<Init>
  ): Pages<ListItem<Path>>;
  /** Follows the organisation's events as they happen, over as many connections as it takes. */
  stream(options?: StreamOptions): AsyncGenerator<StreamMessage, void, undefined>;
  /** Logs in with an account of the service (standalone mode) and keeps the tokens. Throws as requests do; is not repeated. */
  login(credentials: components["schemas"]["Login"]): Promise<void>;
  /** Forgets the tokens and ends the session, or all sessions of the user. The tokens are forgotten also where this throws. */
  logout(options?: { readonly everywhere?: boolean }): Promise<void>;
}

/** Makes a {@link Client}. */
export function createClient(options: ClientOptions): Client {
  const { baseUrl, language, headers, tokens = memoryTokens(), retry = {} } = options;
  const root = baseUrl.replace(/\/+$/, "");
  const fetch: Send = options.fetch ?? ((request) => globalThis.fetch(request));
  const send: Send = (request) => {
    for (const [name, value] of Object.entries(headers ?? {})) request.headers.set(name, value);
    const spoken = typeof language === "function" ? language() : language;
    if (spoken) request.headers.set("accept-language", spoken);
    return fetch(request);
  };
  const patient = persistent(send, retry);
  const post = (path: string, body: unknown) =>
    new Request(`${root}${path}`, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    });
  const session = new Session(tokens, patient, post, options.onSessionEnd);

  const api = createFetchClient<paths>({
    baseUrl: root,
    // Files to import are sent as they are; no route takes a bare string as JSON.
    bodySerializer: (body) =>
      typeof body === "string" || (body as unknown) instanceof Blob ? body : JSON.stringify(body),
    fetch: (request) => session.send(request),
  });
  api.use({
    onRequest: ({ request, schemaPath }) => {
      const write = request.method !== "GET" && !schemaPath.startsWith("/auth/");
      if (write && !request.headers.has("idempotency-key"))
        request.headers.set("idempotency-key", randomKey());
    },
  });
  const method = (name: "GET" | "POST" | "PUT" | "PATCH" | "DELETE") => {
    const call = api[name] as (path: string, init?: unknown) => Promise<FetchResponse<never, never, Media>>;
    return async (path: string, init?: unknown): Promise<Answer<never>> => {
      // A connection that breaks amid an answer is told by a TypeError.
      const { data, error, response } = await call(path, init).catch((failed) => {
        throw failed instanceof TypeError ? new NetworkError(failed) : failed;
      });
      if (!response.ok) throw problemFrom(error, response);
      return { data: data as never, response };
    };
  };
  const GET = method("GET");

  return {
    GET,
    POST: method("POST"),
    PUT: method("PUT"),
    PATCH: method("PATCH"),
    DELETE: method("DELETE"),
    list: (path: string, init?: { params?: { query?: object } }) =>
      new Pages(async (cursor) => {
        const query = { ...init?.params?.query, ...(cursor && { cursor }) };
        return (await GET(path, { ...init, params: { ...init?.params, query } })).data;
      }),
    stream: (streaming: StreamOptions = {}) => {
      const { types, callId } = streaming;
      const query = new URLSearchParams({
        ...(types && { types: types.join() }),
        ...(callId && { call_id: callId }),
      });
      const connect = (lastEventId: string | undefined, signal: AbortSignal) =>
        session.send(
          new Request(`${root}/stream?${query}`, {
            signal,
            headers: lastEventId ? { "last-event-id": lastEventId } : {},
          }),
          60,
        );
      return follow(connect, () => session.expiresAt(), streaming);
    },
    login: (credentials) => session.begin(credentials),
    logout: ({ everywhere = false } = {}) => session.end(everywhere),
  } as Client;
}
