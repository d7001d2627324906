import { html, LitElement, nothing } from "lit";
import { type Client, createClient } from "../src/client/index.ts";
import {
  type AgentNames,
  type CallState,
  CallStore,
  fromClient,
  type LiveState,
  LiveStore,
  language,
  onLanguage,
  time,
  unhappy,
} from "../src/components/index.ts";
import { keepLanguage } from "./choices.ts";
import type { Credentials } from "./login.ts";
import { ScreenTokens } from "./tokens.ts";
import { word } from "./words.ts";

/** What stands between a person and the board: nothing, a login, or the platform's gateway that does not know them. */
type Gate = "open" | "login" | "platform";

/** Where the address names the call that is shown. */
const CALL = /^#\/calls\/([^/]+)$/;

/**
 * `<cc-lite-wallboard>`: the whole app. It stands in the page itself, so that its style is the page's and its login form is
 * found by password managers.
 */
export class Wallboard extends LitElement {
  static override properties = {
    platform: { type: Boolean },
    live: { state: true },
    shown: { state: true },
    gate: { state: true },
    notice: { state: true },
    account: { state: true },
    names: { state: true },
  };
  /** Whether the platform's gateway says who is asking, so that there is nothing to log in to. */
  declare platform: boolean;
  declare private live: LiveState;
  declare private shown: CallState | null;
  declare private gate: Gate;
  declare private notice: "" | "session_over" | "logged_out";
  declare private account: { readonly id: string; readonly email: string } | null;

  declare private names: AgentNames;

  readonly #tokens = new ScreenTokens();
  readonly #client: Client = createClient({
    baseUrl: new URL("..", document.baseURI).href,
    tokens: this.#tokens,
    language,
    // The store asks again by itself, and has to know at once when an answer fails.
    retry: { attempts: 1 },
  });
  readonly #store = new LiveStore(fromClient(this.#client));
  readonly #call = new CallStore(fromClient(this.#client), (state) => {
    this.shown = state;
  });
  #shownId: string | null = null;

  constructor() {
    super();
    this.platform = false;
    this.live = this.#store.state;
    this.shown = null;
    this.gate = "open";
    this.notice = "";
    this.account = null;
    this.names = new Map();
  }

  /** Whether a reload would disturb nobody: nothing is typed or being looked at. */
  get calm(): boolean {
    const typed = [...this.querySelectorAll("input")].some((input) => input.value !== "");
    return this.gate === "open" && !this.#shownId && !typed && this.live.connection.state === "live";
  }

  protected override createRenderRoot() {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    onLanguage(() => {
      keepLanguage(language());
      this.requestUpdate();
    });
    this.#store.subscribe((state) => {
      this.live = state;
    });
    this.#store.onHeard = (id) => {
      if (id === this.#shownId) this.#call.look();
    };
    this.#store.onRefused = () => this.#refused();
    addEventListener("hashchange", () => this.#goTo());
    setInterval(() => this.requestUpdate(), 1000);
    if (this.platform || this.#tokens.get()) this.#begin();
    else this.gate = "login";
  }

  #begin(): void {
    this.gate = "open";
    this.notice = "";
    this.#store.start();
    if (!this.platform) void this.#whoIsIt();
    this.#goTo();
  }

  async #whoIsIt(): Promise<void> {
    try {
      const { data } = await this.#client.GET("/auth/me");
      this.account = data;
      if (data.role === "admin") await this.#readNames();
    } catch {
      // The footer does without.
    }
  }

  /** Whoever may see the accounts sees agents' names in place of their ids. */
  async #readNames(): Promise<void> {
    const names = new Map<string, string>();
    const users = this.#client.list("/users", { params: { query: { limit: 100 } } });
    for await (const user of users) names.set(user.id, user.name || user.email);
    this.names = names;
  }

  /** The login is worth nothing any more. What is on the screen stays, for whoever logs in again. */
  #refused(): void {
    this.#call.stop();
    this.gate = this.platform ? "platform" : "login";
    this.notice = "session_over";
  }

  async #logIn({ email, password, keep }: Credentials): Promise<void> {
    this.#tokens.keep = keep;
    await this.#client.login({ email, password });
    // Somebody else does not get to see what was on the screen.
    if (this.account && this.account.email !== email.toLowerCase()) this.#forget();
    this.#begin();
  }

  async #logOut(): Promise<void> {
    this.#forget();
    this.gate = "login";
    this.notice = "logged_out";
    await this.#client.logout().catch(() => {});
  }

  #forget(): void {
    this.#store.clear();
    this.account = null;
    if (location.hash) location.hash = "";
  }

  /** Shows the call that the address names, so that "back" closes it. */
  #goTo(): void {
    const id = CALL.exec(location.hash)?.[1] ?? null;
    if (this.gate !== "open") return;
    this.#shownId = id;
    if (id) this.#call.follow(decodeURIComponent(id), this.live.calls.get(id) ?? null);
    else {
      this.#call.stop();
      this.shown = null;
    }
  }

  protected override updated(): void {
    document.documentElement.lang = language();
    const alarm = unhappy(this.live).length;
    document.title = `${alarm > 0 ? `(${alarm}) ` : ""}${word("title")}`;
    for (const dialog of this.querySelectorAll("dialog")) {
      const wanted = dialog.dataset.wanted === "true";
      if (wanted && !dialog.open) dialog.showModal();
      if (!wanted && dialog.open) dialog.close();
    }
  }

  protected override render() {
    const began = this.live.stats !== null;
    if (this.gate === "login" && !began) {
      return html`${this.#header()}<main class="enter">${this.#login()}</main>${this.#footer()}`;
    }
    return html`
      <cc-lite-connection .connection=${this.live.connection}></cc-lite-connection>
      ${this.#header()} ${this.#board()} ${this.#footer()}
      <dialog class="call" aria-labelledby="call-title" data-wanted=${this.#shownId !== null && this.gate === "open"}
        @close=${this.#closed} @click=${this.#outside}>
        ${this.#shownId ? this.#detail() : nothing}
      </dialog>
      <dialog class="gate" aria-labelledby="gate-title" data-wanted=${this.gate !== "open"} @cancel=${(event: Event) => event.preventDefault()}>
        ${this.gate === "login" ? this.#login() : this.gate === "platform" ? this.#platformGate() : nothing}
      </dialog>
    `;
  }

  #header() {
    const { state } = this.live.connection;
    return html`<header class="top">
      <p class="brand">
        <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 6h18M10 12h12M15 18h7" /></svg>
        Voice <span class="quiet">${word("title")}</span>
      </p>
      ${this.gate === "open" ? html`<span class="state" data-state=${state}>${this.#state(state)}</span>` : nothing}
      <time class="clock">${time(new Date())}</time>
    </header>`;
  }

  #state(state: string) {
    return html`<svg viewBox="0 0 10 10" aria-hidden="true"><circle cx="5" cy="5" r="4" /></svg> ${word(
      state === "live" || state === "slowed" ? "live" : state === "lost" ? "lost" : "connecting",
    )}`;
  }

  #board() {
    const { live } = this;
    return html`<main class="board" @cc-lite-open=${this.#open}>
      <h1 class="hidden">${word("title")}</h1>
      <cc-lite-figures .stats=${live.stats} .unhappy=${unhappy(live).length} .skew=${live.skew}></cc-lite-figures>
      <div class="columns">
        <cc-lite-live-calls
          .calls=${[...live.calls.values()]}
          .moods=${live.moods}
          .names=${this.names}
          .truncated=${live.truncated}
          .skew=${live.skew}
        ></cc-lite-live-calls>
        <div class="side">
          <cc-lite-alerts .alerts=${live.alerts} .names=${this.names} .skew=${live.skew}></cc-lite-alerts>
          <cc-lite-campaigns .campaigns=${live.campaigns ?? []}></cc-lite-campaigns>
        </div>
      </div>
    </main>`;
  }

  #footer() {
    return html`<footer>
      <cc-lite-language></cc-lite-language>
      ${
        this.account && this.gate === "open"
          ? html`<span class="quiet">${word("logged_in_as", { email: this.account.email })}</span>
              <button class="plain" @click=${this.#logOut}>${word("log_out")}</button>`
          : nothing
      }
    </footer>`;
  }

  #login() {
    return html`<cc-lite-login
      .notice=${this.notice ? word(this.notice) : ""}
      .email=${this.account?.email ?? ""}
      .attempt=${(credentials: Credentials) => this.#logIn(credentials)}
    ></cc-lite-login>`;
  }

  #platformGate() {
    return html`<h2 id="gate-title">${word("platform_over")}</h2>
      <p class="note">${word("platform_over_note")}</p>
      <button class="primary" @click=${() => this.#begin()}>${word("go_on")}</button>`;
  }

  #detail() {
    const { shown } = this;
    return html`<div class="sheet">
      <header>
        <h2 id="call-title">${word("call")}</h2>
        <button class="plain" @click=${this.#close}>${word("close")}</button>
      </header>
      ${
        shown?.failure
          ? html`<p>${word("call_gone")}</p>`
          : html`<cc-lite-call
              .call=${shown?.call ?? null}
              .transcript=${shown?.transcript ?? null}
              .sentiments=${shown?.sentiments ?? []}
              .names=${this.names}
              .skew=${this.live.skew}
            ></cc-lite-call>`
      }
    </div>`;
  }

  #open(event: CustomEvent<string>): void {
    location.hash = `#/calls/${encodeURIComponent(event.detail)}`;
  }

  #close(): void {
    location.hash = "#/";
  }

  /** Escape closes the dialog itself: the address follows. */
  #closed(): void {
    if (this.gate === "open" && CALL.test(location.hash)) this.#close();
  }

  /** A press beside the sheet closes it. */
  #outside(event: Event): void {
    if (event.target === event.currentTarget) this.#close();
  }
}

customElements.define("cc-lite-wallboard", Wallboard);
