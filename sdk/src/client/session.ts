import type { components } from "./generated.ts";
import { ProblemError, problemOf } from "./problem.ts";
import type { TokenStore, Tokens } from "./tokens.ts";
import { copyOf, type Send } from "./transport.ts";

/** Seconds before its end from which on an access token is renewed, so that it does not end on its way. */
const EARLY = 10;

/** Who is logged in: sends requests with the access token, and renews that once for all who need it. */
export class Session {
  readonly #store: TokenStore;
  readonly #send: Send;
  readonly #post: (path: string, body: unknown) => Request;
  readonly #onEnd: ((problem: ProblemError) => void) | undefined;
  #renewing: Promise<string | undefined> | undefined;

  constructor(
    store: TokenStore,
    send: Send,
    post: (path: string, body: unknown) => Request,
    onEnd?: (problem: ProblemError) => void,
  ) {
    this.#store = store;
    this.#send = send;
    this.#post = post;
    this.#onEnd = onEnd;
  }

  /** Logs in and keeps the tokens. */
  async begin(credentials: { email: string; password: string }): Promise<void> {
    const response = await this.#send(this.#post("/auth/login", credentials));
    if (!response.ok) throw await problemOf(response);
    await this.#store.set(await tokensOf(response));
  }

  /** Forgets the tokens, then ends the session at the service. */
  async end(everywhere: boolean): Promise<void> {
    const tokens = await this.#store.get();
    await this.#store.set(undefined);
    if (!tokens) return;
    const { refresh_token } = tokens;
    const response = await this.#send(this.#post("/auth/logout", { refresh_token, everywhere }));
    // Refused tokens are of a session that has ended already.
    if (!response.ok && response.status !== 401) throw await problemOf(response);
  }

  /** When the access token ends, in milliseconds since 1970; `undefined` when nobody is logged in. */
  async expiresAt(): Promise<number | undefined> {
    return (await this.#store.get())?.expires_at;
  }

  /**
   * Sends a request as who is logged in, and once more with new tokens when the access token is refused. Without tokens it
   * goes as it is: a gateway may say who is asking. `margin` is for how many seconds the token has to be good still.
   */
  async send(request: Request, margin = EARLY): Promise<Response> {
    const token = await this.#token(margin);
    if (!token) return this.#send(request);
    const copy = copyOf(request);
    const response = await this.#send(withToken(copy, token));
    if (response.status !== 401) return response;
    const renewed = await this.#renew(token);
    if (!renewed) return response;
    response.body?.cancel().catch(() => {});
    return this.#send(withToken(request, renewed));
  }

  async #token(margin: number): Promise<string | undefined> {
    const tokens = await this.#store.get();
    if (!tokens) return undefined;
    const left = tokens.expires_at - Date.now();
    if (left > margin * 1000) return tokens.access_token;
    try {
      return await this.#renew(tokens.access_token);
    } catch (error) {
      // No new one can be had now. The one that is there may still do.
      const ended = error instanceof ProblemError && error.status === 401;
      if (ended || left <= 0) throw error;
      return tokens.access_token;
    }
  }

  /** A token other than the one that is no good; `undefined` when nobody is logged in any more. */
  async #renew(stale: string): Promise<string | undefined> {
    const tokens = await this.#store.get();
    // Another request or another tab has renewed it meanwhile.
    if (tokens?.access_token !== stale) return tokens?.access_token;
    this.#renewing ??= this.#refresh(tokens).finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  async #refresh(tokens: Tokens): Promise<string | undefined> {
    const { refresh_token } = tokens;
    const response = await this.#send(this.#post("/auth/refresh", { refresh_token }));
    const renewed = response.ok ? await tokensOf(response) : undefined;
    const problem = renewed ? undefined : await problemOf(response);
    const kept = await this.#store.get();
    // Meanwhile somebody logged out, or another tab has newer ones.
    if (kept?.refresh_token !== refresh_token) return kept?.access_token;
    if (renewed) {
      await this.#store.set(renewed);
      return renewed.access_token;
    }
    if (problem?.status === 401) {
      await this.#store.set(undefined);
      this.#onEnd?.(problem);
    }
    throw problem;
  }
}

async function tokensOf(response: Response): Promise<Tokens> {
  const answer = (await response.json()) as components["schemas"]["TokenAnswer"];
  const { access_token, refresh_token, expires_in } = answer;
  return { access_token, refresh_token, expires_at: Date.now() + expires_in * 1000 };
}

function withToken(request: Request, token: string): Request {
  request.headers.set("authorization", `Bearer ${token}`);
  return request;
}
