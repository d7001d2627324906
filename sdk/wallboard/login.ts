import { html, nothing } from "lit";
import { CcLiteElement } from "../src/components/element.ts";
import { type Refusal, refusal } from "./refusal.ts";
import { word } from "./words.ts";

/** What somebody logs in with. */
export interface Credentials {
  readonly email: string;
  readonly password: string;
  /** Whether the login outlasts the tab. */
  readonly keep: boolean;
}

/**
 * `<cc-lite-login>`: asks for address and password. It stands in the page itself and not in a shadow, where some password
 * managers do not look. Nothing that was typed is lost by an attempt that fails, whyever it does.
 */
export class Login extends CcLiteElement {
  static override properties = {
    notice: { type: String },
    email: { type: String },
    attempt: { attribute: false },
    busy: { state: true },
    failure: { state: true },
    missing: { state: true },
    left: { state: true },
  };
  /** What to say above the form; empty for nothing. */
  declare notice: string;
  /** The address that is filled in at first. */
  declare email: string;
  /** Logs in; rejects with the client's error. */
  declare attempt: (credentials: Credentials) => Promise<void>;
  declare private busy: boolean;
  declare private failure: Refusal | null;
  declare private missing: boolean;
  declare private left: number;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor() {
    super();
    this.notice = this.email = "";
    this.attempt = async () => {};
    this.busy = this.missing = false;
    this.failure = null;
    this.left = 0;
  }

  protected override createRenderRoot() {
    return this;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  protected override render() {
    const told = this.missing ? word("fill_in") : this.#failure();
    return html`<form @submit=${this.#submit} novalidate>
      <h1>${word("log_in")}</h1>
      <p class="quiet">${this.notice || word("log_in_intro")}</p>
      <label for="email">${word("email")}</label>
      <input
        id="email"
        name="email"
        value=${this.email}
        type="email"
        autocomplete="username"
        inputmode="email"
        autocapitalize="none"
        spellcheck="false"
        aria-describedby="login-error"
        aria-invalid=${told ? "true" : nothing}
        autofocus
        required
      />
      <label for="password">${word("password")}</label>
      <input
        id="password"
        name="password"
        type="password"
        autocomplete="current-password"
        aria-describedby="login-error"
        aria-invalid=${told ? "true" : nothing}
        required
      />
      <div class="keep">
        <input id="keep" name="keep" type="checkbox" aria-describedby="keep-note" />
        <label for="keep">${word("keep")}</label>
        <p id="keep-note" class="quiet">${word("keep_note")}</p>
      </div>
      <p id="login-error" class="error" role="alert">${told}</p>
      <button class="primary" ?disabled=${this.busy || this.left > 0}>
        ${this.busy ? word("logging_in") : this.left > 0 ? word("try_in", { seconds: this.left }) : word("log_in")}
      </button>
    </form>`;
  }

  #failure(): string {
    if (!this.failure) return "";
    const { word: key, detail, wait } = this.failure;
    return word(key, { detail, seconds: wait });
  }

  async #submit(event: Event): Promise<void> {
    event.preventDefault();
    if (this.busy || this.left > 0) return;
    const fields = new FormData(event.target as HTMLFormElement);
    const email = String(fields.get("email")).trim();
    const password = String(fields.get("password"));
    this.missing = !email || !password;
    if (this.missing) {
      this.querySelector<HTMLInputElement>(email ? "#password" : "#email")?.focus();
      return;
    }
    this.busy = true;
    this.failure = null;
    try {
      await this.attempt({ email, password, keep: fields.has("keep") });
    } catch (error) {
      this.failure = refusal(error);
      this.#wait(this.failure.wait);
      if (this.failure.word === "wrong") this.querySelector<HTMLInputElement>("#password")?.focus();
    } finally {
      this.busy = false;
    }
  }

  /** Counts down until it is of use to try again. */
  #wait(seconds: number): void {
    clearInterval(this.#timer);
    const until = Date.now() + seconds * 1000;
    const count = () => {
      this.left = Math.max(0, Math.ceil((until - Date.now()) / 1000));
      if (this.left === 0) clearInterval(this.#timer);
    };
    this.#timer = setInterval(count, 250);
    count();
  }
}

customElements.define("cc-lite-login", Login);
