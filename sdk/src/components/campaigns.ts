import { css, html, svg } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { CcLiteElement, define } from "./element.ts";
import { type Key, percent, say } from "./locale/index.ts";
import type { Campaign, Counters } from "./model.ts";

/** The parts of a campaign's bar in their order: what is counted, how it is called and drawn. */
const SHARES: readonly (readonly [keyof Counters, Key, string])[] = [
  ["reached", "reached", "var(--_good)"],
  ["exhausted", "not_reached", "var(--_quiet)"],
  ["skipped", "skipped", "var(--_line)"],
  ["in_progress", "on_their_way", "var(--_accent)"],
];

/**
 * `<cc-lite-campaigns>`: how far campaigns are. Parts: `campaign`, `bar`, `empty`.
 */
export class CcLiteCampaigns extends CcLiteElement {
  static override properties = { campaigns: { attribute: false } };
  /** What to show, in this order. */
  declare campaigns: readonly Campaign[];

  constructor() {
    super();
    this.campaigns = [];
  }

  static override styles = [
    ...CcLiteElement.styles,
    css`
      li {
        padding-block: 0.8rem;
      }
      .paused {
        color: var(--_quiet);
      }
      .head {
        display: flex;
        gap: 1rem;
        justify-content: space-between;
        align-items: baseline;
      }
      h3 {
        overflow: hidden;
        text-overflow: ellipsis;
        font-size: 1.05rem;
        font-weight: 600;
      }
      .done {
        font-family: var(--_figures);
        font-size: 1.3rem;
        white-space: nowrap;
      }
      svg {
        display: block;
        inline-size: 100%;
        block-size: 0.6rem;
        margin-block: 0.3rem 0.4rem;
        border: 1px solid var(--_line);
        border-radius: 0.3rem;
      }
      .counts {
        font-size: 0.9rem;
        color: var(--_quiet);
      }
    `,
  ];

  protected override render() {
    return html`
      <h2>${say("campaigns")}</h2>
      ${
        this.campaigns.length === 0
          ? html`<p class="empty" part="empty">${say("no_campaigns")}</p>`
          : html`<ul>
              ${repeat(
                this.campaigns,
                (campaign) => campaign.id,
                (campaign) => this.#campaign(campaign),
              )}
            </ul>`
      }
    `;
  }

  #campaign(campaign: Campaign) {
    const { counters } = campaign;
    const done = counters.reached + counters.exhausted + counters.skipped;
    const paused = campaign.status === "paused" ? say("paused") : "";
    let x = 0;
    const bars = SHARES.map(([name, , fill]) => {
      const width = counters.total > 0 ? (100 * counters[name]) / counters.total : 0;
      const bar = svg`<rect x=${x} y="0" width=${width} height="10" fill=${fill} />`;
      x += width;
      return bar;
    });
    const counts = [...SHARES.map(([name, key]) => [name, key] as const), ["pending", "pending"] as const]
      .filter(([name]) => counters[name] > 0)
      .map(([name, key]) => `${counters[name]} ${say(key)}`);
    return html`<li part="campaign" data-campaign=${campaign.id}>
      <div class="head">
        <h3>${campaign.name} <span class="paused">${paused}</span></h3>
        <span class="done">${percent(counters.total > 0 ? done / counters.total : 0)}</span>
      </div>
      <svg part="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">${bars}</svg>
      <p class="counts">${say("contacts_done", { done, n: counters.total })}${counts.length > 0 ? ` · ${counts.join(" · ")}` : ""}</p>
    </li>`;
  }
}

define("cc-lite-campaigns", CcLiteCampaigns);
