import { css, html } from "lit";
import { define, TickingElement } from "./element.ts";
import { clock, percent, say } from "./locale/index.ts";
import type { Stats } from "./model.ts";

/**
 * `<cc-lite-figures>`: the three numbers that a call centre looks up at, to be read from across a room: how many talk, how
 * many wait (and for how long), and how many customers are unhappy; below them the last hour in a line.
 *
 * Parts: `figure`, `number`, `hour`. Each `figure` has `data-state` `calm` (none), `steady`, `busy`, `late` or `alarm`.
 */
export class CcLiteFigures extends TickingElement {
  static override properties = {
    stats: { attribute: false },
    unhappy: { type: Number },
    patience: { type: Number },
    skew: { type: Number },
  };
  /** The counts; null while they are not known. */
  declare stats: Stats | null;
  /** How many calls under way have an unhappy customer. */
  declare unhappy: number;
  /** After how many seconds of waiting it is too long; 60 by default. */
  declare patience: number;
  /** How far the service's clock is ahead, in milliseconds. */
  declare skew: number;

  constructor() {
    super();
    this.stats = null;
    this.unhappy = 0;
    this.patience = 60;
    this.skew = 0;
  }

  static override styles = [
    ...TickingElement.styles,
    css`
      :host {
        container-type: inline-size;
      }
      .figures {
        display: grid;
        grid-template-columns: repeat(3, minmax(0, 1fr));
        border-block: 1px solid var(--_line);
      }
      .figure {
        display: grid;
        grid-template: "number label" 1fr "number note" auto / auto minmax(0, 1fr);
        column-gap: clamp(0.5rem, 1.4cqi, 1.6rem);
        padding: clamp(0.5rem, 1.1cqi, 1.4rem) clamp(0.7rem, 2.2cqi, 2rem);
      }
      .figure + .figure {
        border-inline-start: 1px solid var(--_line);
      }
      dt {
        grid-area: label;
        align-self: end;
        font-size: clamp(0.95rem, 2.1cqi, 2rem);
        font-weight: 600;
        line-height: 1.2;
      }
      .number {
        grid-area: number;
        font-family: var(--_figures);
        font-size: clamp(3.2rem, 12.5cqi, 13rem);
        font-weight: 300;
        letter-spacing: -0.05em;
        line-height: 1;
        margin-inline-start: -0.04em;
      }
      .note {
        grid-area: note;
        padding-block-end: clamp(0.5rem, 1.4cqi, 1.5rem);
        font-size: clamp(0.85rem, 1.5cqi, 1.3rem);
        color: var(--_quiet);
      }
      [data-state="calm"] .number {
        color: var(--_quiet);
      }
      :is([data-state="busy"], [data-state="late"]) :is(.number, dt) {
        color: var(--_wait);
      }
      [data-state="late"] {
        background: var(--_wait-paper);
      }
      [data-state="alarm"] {
        background: var(--_bad-paper);
      }
      [data-state="alarm"] :is(.number, dt) {
        color: var(--_bad);
      }
      :is([data-state="alarm"], [data-state="late"]) .number {
        font-weight: 600;
      }
      :is([data-state="alarm"], [data-state="late"]) .note {
        color: var(--_ink);
      }
      @container (inline-size < 44rem) {
        .figure {
          grid-template: "label" auto "number" auto "note" 1fr / minmax(0, 1fr);
        }
        .note {
          padding: 0.2rem 0 0;
        }
      }
      .hour {
        display: flex;
        flex-wrap: wrap;
        gap: 0.1rem 1.6rem;
        padding: 0.7rem clamp(0.7rem, 2.2cqi, 2rem);
        border-block-end: 1px solid var(--_line);
        font-size: clamp(0.85rem, 1.5cqi, 1.1rem);
        color: var(--_quiet);
      }
      .hour strong {
        font-weight: 600;
        color: var(--_ink);
      }
    `,
  ];

  protected override render() {
    const now = this.stats?.now;
    const waiting = now ? now.queued + now.ringing : 0;
    // Between two counts the time goes on by itself.
    const since = this.stats ? (Date.now() + this.skew - Date.parse(this.stats.at)) / 1000 : 0;
    const longest = (now?.longest_waiting_seconds ?? 0) + Math.max(0, since);
    return html`
      <dl class="figures">
        ${this.#figure("talking", now?.in_progress, now?.in_progress ? "steady" : "calm", now ? say("on_calls", { n: now.in_progress + waiting }) : "")}
        ${this.#figure(
          "waiting",
          now && waiting,
          waiting === 0 ? "calm" : longest > this.patience ? "late" : "busy",
          waiting > 0 ? say("longest_waiting", { time: clock(longest) }) : say("nobody_waits"),
        )}
        ${this.#figure(
          "unhappy",
          now && this.unhappy,
          this.unhappy > 0 ? "alarm" : "calm",
          this.unhappy > 0 ? say("unhappy_calls", { n: this.unhappy }) : say("all_calm"),
        )}
      </dl>
      ${this.#hour()}
    `;
  }

  #figure(name: "talking" | "waiting" | "unhappy", count: number | undefined, state: string, note: string) {
    return html`<div class="figure" part="figure" data-figure=${name} data-state=${state}>
      <dt>${say(name)}</dt>
      <dd class="number" part="number">${count ?? "–"}</dd>
      <dd class="note">${note}</dd>
    </div>`;
  }

  #hour() {
    const hour = this.stats?.last_hour;
    const rate = hour?.answered_rate;
    const talk = hour?.average_talk_seconds;
    return html`<p class="hour" part="hour">
      <strong>${say("last_hour")}</strong>
      <span>${say("ended_calls", { n: hour?.ended ?? 0 })}</span>
      ${rate == null ? "" : html`<span>${say("answered_rate", { rate: percent(rate) })}</span>`}
      ${talk == null ? "" : html`<span>${say("talk_average", { time: clock(talk) })}</span>`}
    </p>`;
  }
}

define("cc-lite-figures", CcLiteFigures);
