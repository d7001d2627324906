import { memoryTokens, storedTokens, type TokenStore, type Tokens } from "../src/client/index.ts";

/**
 * Keeps a login for the tab, over reloads, or for the screen, over restarts of the browser: as whoever logs in wants it.
 * No other script runs on this page (its content security policy sees to it) that could read them.
 */
export class ScreenTokens implements TokenStore {
  /** Whether the login outlasts the tab. */
  keep: boolean;
  readonly #tab = usable("sessionStorage");
  readonly #screen = usable("localStorage");

  constructor() {
    this.keep = this.#screen.get() !== undefined;
  }

  get(): Tokens | undefined {
    return (this.#screen.get() ?? this.#tab.get()) as Tokens | undefined;
  }

  set(tokens: Tokens | undefined): void {
    const [chosen, other] = this.keep ? [this.#screen, this.#tab] : [this.#tab, this.#screen];
    other.set(undefined);
    chosen.set(tokens);
  }
}

/** The storage, or memory where the browser lets no page use it. */
function usable(name: "sessionStorage" | "localStorage"): TokenStore {
  try {
    return storedTokens(window[name]);
  } catch {
    return memoryTokens();
  }
}
