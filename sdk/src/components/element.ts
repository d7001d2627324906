import { LitElement } from "lit";
import { onLanguage } from "./locale/index.ts";
import { theme } from "./theme.ts";

/** What all components share: the theme's values, and that they speak another language as soon as it is chosen. */
export class CcLiteElement extends LitElement {
  static override styles = [theme];

  #silence: (() => void) | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#silence = onLanguage(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#silence?.();
  }
}

/** A component that shows how long something lasts: it is drawn anew each second while it is on the page. */
export class TickingElement extends CcLiteElement {
  #timer: ReturnType<typeof setInterval> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#timer = setInterval(() => this.requestUpdate(), 1000);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }
}

/** Makes the element known to the page, unless it is already: two copies of this package do no harm. */
export function define(name: string, element: CustomElementConstructor): void {
  if (!customElements.get(name)) customElements.define(name, element);
}

/** Tells the page, by `cc-lite-open`, that somebody wants to see this call. */
export function choose(element: Element, callId: string): void {
  element.dispatchEvent(new CustomEvent("cc-lite-open", { detail: callId, bubbles: true, composed: true }));
}
