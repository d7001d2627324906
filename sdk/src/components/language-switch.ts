import { css, html } from "lit";
import { CcLiteElement, define } from "./element.ts";
import { LANGUAGES, language, say, setLanguage } from "./locale/index.ts";

/**
 * `<cc-lite-language>`: chooses the language of all components. Dispatches `change` on itself afterwards, so that an app
 * can keep the choice. Part: `option`.
 */
export class CcLiteLanguage extends CcLiteElement {
  static override styles = [
    ...CcLiteElement.styles,
    css`
      div {
        display: flex;
        gap: 0.15rem;
      }
      button {
        min-block-size: 2.5rem;
        padding: 0 0.55rem;
        font-size: 0.95rem;
        border: 1px solid transparent;
        border-radius: 0.4rem;
        background: none;
        color: var(--_quiet);
      }
      button:hover {
        color: var(--_ink);
      }
      [aria-pressed="true"] {
        border-color: var(--_line);
        background: var(--_raised);
        color: var(--_ink);
        font-weight: 600;
      }
    `,
  ];

  protected override render() {
    return html`<div role="group" aria-label=${say("choose_language")}>
      ${[...LANGUAGES].map(
        ([tag, name]) =>
          html`<button
            part="option"
            lang=${tag}
            aria-pressed=${language() === tag}
            @click=${() => {
              setLanguage(tag);
              this.dispatchEvent(new Event("change"));
            }}
          >
            ${name}
          </button>`,
      )}
    </div>`;
  }
}

define("cc-lite-language", CcLiteLanguage);
