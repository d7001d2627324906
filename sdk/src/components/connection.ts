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
    const { state, lost_since } = this.connection;
    const words = lost_since
      ? say("lost_since", { time: time(lost_since) })
      : state === "slowed"
        ? say("slowed")
        : null;
    // The region is there before the words are, or screen readers would not notice them.
    return html`<div role="status">
      ${words ? html`<p part="banner">${words}</p>` : nothing}
    </div>`;
  }
}

define("cc-lite-connection", CcLiteConnection);
