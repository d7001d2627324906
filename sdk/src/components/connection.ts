import { css, html, nothing } from "lit";
import { CcLiteElement, define } from "./element.ts";
import { say, time } from "./locale/index.ts";
import type { Connection } from "./model.ts";

/**
 * `<cc-lite-connection>`: says when what is shown is not what is any more, and since when; nothing while all is well.
 * Part: `banner`.
 */
export class CcLiteConnection extends CcLiteElement {
  static override properties = { connection: { attribute: false } };
  /** How the connection is. */
  declare connection: Connection;

  constructor() {
    super();
    this.connection = { state: "connecting", lost_since: null };
  }

  static override styles = [
    ...CcLiteElement.styles,
    css`
      p {
        padding: 0.7rem clamp(0.7rem, 2.2vi, 2rem);
        background: var(--_wait);
        color: var(--_paper);
        font-weight: 600;
      }
    `,
  ];

  protected override render() {
    const since = this.connection.lost_since;
    // The region is there before the words are, or screen readers would not notice them.
    return html`<div role="status">
      ${since ? html`<p part="banner">${say("lost_since", { time: time(since) })}</p>` : nothing}
    </div>`;
  }
}

define("cc-lite-connection", CcLiteConnection);
