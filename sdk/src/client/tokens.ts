/** What a session's requests are made with. Keep it as a password. */
export interface Tokens {
  /** Sent with each request. */
  readonly access_token: string;
  /** Gives the next pair, once. */
  readonly refresh_token: string;
  /** When the access token ends, in milliseconds since 1970 by this machine's clock. */
  readonly expires_at: number;
}

/** Where a client keeps its tokens. Each method may answer later. */
export interface TokenStore {
  /** The tokens, or nothing when nobody is logged in. */
  get(): Tokens | undefined | Promise<Tokens | undefined>;
  /** Keeps these, or forgets those that were there. */
  set(tokens: Tokens | undefined): void | Promise<void>;
}

/** Keeps tokens as long as the page or program lives: the default. */
export function memoryTokens(): TokenStore {
  let kept: Tokens | undefined;
  return {
    get: () => kept,
    set: (tokens) => {
      kept = tokens;
    },
  };
}

/**
 * Keeps tokens in `sessionStorage` (for one tab, over reloads) or `localStorage` (for all tabs). Any script of the page's
 * origin can read them: use it only where the page runs no others' scripts. Without a usable storage it forgets nothing
 * but keeps them in memory.
 */
export function storedTokens(storage: Storage, key = "cc-lite.tokens"): TokenStore {
  const memory = memoryTokens();
  return {
    get() {
      try {
        const text = storage.getItem(key);
        return text ? (JSON.parse(text) as Tokens) : undefined;
      } catch {
        return memory.get();
      }
    },
    set(tokens) {
      memory.set(tokens);
      try {
        if (tokens) storage.setItem(key, JSON.stringify(tokens));
        else storage.removeItem(key);
      } catch {
        // It is full or forbidden: the tokens are in memory.
      }
    },
  };
}
