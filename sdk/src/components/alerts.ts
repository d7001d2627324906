import { css, html } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { type AgentNames, agentName } from "./agents.ts";
import { choose, define, TickingElement } from "./element.ts";
import { ago, say, time } from "./locale/index.ts";
import type { Alert } from "./model.ts";
import { moodMark } from "./mood.ts";

/**
 * `<cc-lite-alerts>`: calls that turned negative, the newest first. New ones are read out by screen readers.
 *
 * Dispatches `cc-lite-open` (its `detail` is the call's id) when somebody chooses one. Parts: `alert`, `empty`.
 */
export class CcLiteAlerts extends TickingElement {
  static override properties = {
    alerts: { attribute: false },
    names: { attribute: false },
    skew: { type: Number },
  };
  /** What to show, the newest first. */
  declare alerts: readonly Alert[];
  /** What agents are called. */
  declare names: AgentNames;
  /** How far the service's clock is ahead, in milliseconds. */
  declare skew: number;

  constructor() {
    super();
    this.alerts = [];
    this.names = new Map();
    this.skew = 0;
  }

  static override styles = [
    ...TickingElement.styles,
    css`
      button {
        grid-template-columns: 1.6rem minmax(0, 1fr) auto;
        gap: 0.6rem;
        align-items: baseline;
        min-block-size: 2.75rem;
        padding: 0.55rem 0.2rem;
      }
      .mood svg {
        translate: 0 0.12em;
      }
      .when {
        color: var(--_quiet);
        font-size: 0.9rem;
        white-space: nowrap;
      }
    `,
  ];

  protected override render() {
    return html`
      <h2>${say("alerts")}</h2>
      <div role="log" aria-label=${say("alerts")}>
        ${
          this.alerts.length === 0
            ? html`<p class="empty" part="empty">${say("no_alerts")}</p>`
            : html`<ul>
                ${repeat(
                  this.alerts,
                  (alert) => alert.id,
                  (alert) => this.#alert(alert),
                )}
              </ul>`
        }
      </div>
    `;
  }

  #alert(alert: Alert) {
    const agent = agentName(alert.agent_id, this.names, say("somebody"));
    const party = say(alert.party === "agent" ? "agent_inline" : "customer_inline");
    return html`<li>
      <button part="alert" data-call=${alert.call_id} @click=${() => choose(this, alert.call_id)}>
        ${moodMark("negative")}
        <span>${say(alert.whole_call ? "alert_call" : "alert_segment", { agent, party })}</span>
        <time class="when" datetime=${alert.at}>${this.#when(alert)}</time>
      </button>
    </li>`;
  }

  /** Within an hour how long ago, then the time. */
  #when(alert: Alert): string {
    const minutes = Math.floor((Date.now() + this.skew - Date.parse(alert.at)) / 60_000);
    if (minutes < 1) return say("now");
    return minutes < 60 ? ago(minutes) : time(new Date(alert.at));
  }
}

define("cc-lite-alerts", CcLiteAlerts);
