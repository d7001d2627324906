import { css, html, nothing, type PropertyValues } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { type AgentNames, agentName } from "./agents.ts";
import { define, TickingElement } from "./element.ts";
import { clock, language, say, time } from "./locale/index.ts";
import type { Call, MoodLabel, Segment, Sentiment, Transcript } from "./model.ts";
import "./mood-chart.ts";
import { moodMark } from "./mood.ts";
import { grouped } from "./numbers.ts";
import { told, underWay } from "./store/state.ts";

/**
 * `<cc-lite-call>`: one call, with how its mood goes and what is said. While people talk, what is added comes into sight
 * by itself, unless somebody has scrolled away. Parts: `facts`, `segment`, `empty`.
 */
export class CcLiteCall extends TickingElement {
  static override properties = {
    call: { attribute: false },
    transcript: { attribute: false },
    sentiments: { attribute: false },
    names: { attribute: false },
    skew: { type: Number },
  };
  /** The call; null while it is not known. */
  declare call: Call | null;
  /** What was said; null where nothing has been written down. */
  declare transcript: Transcript | null;
  /** Analyses of its moods, in any order. */
  declare sentiments: readonly Sentiment[];
  /** What agents are called. */
  declare names: AgentNames;
  /** How far the service's clock is ahead, in milliseconds. */
  declare skew: number;
  #atEnd = true;

  constructor() {
    super();
    this.call = null;
    this.transcript = null;
    this.sentiments = [];
    this.names = new Map();
    this.skew = 0;
  }

  static override styles = [
    ...TickingElement.styles,
    css`
      .status {
        display: flex;
        flex-wrap: wrap;
        gap: 0.2rem 1rem;
        align-items: baseline;
        padding-block-end: 0.9rem;
      }
      .agent {
        font-size: 1.6rem;
        font-weight: 600;
      }
      .clock {
        font-family: var(--_figures);
        font-size: 1.6rem;
        margin-inline-start: auto;
      }
      dl {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr));
        gap: 0.7rem 1.2rem;
        padding-block: 0.9rem;
        border-block: 1px solid var(--_line);
      }
      dt {
        font-size: 0.85rem;
        color: var(--_quiet);
      }
      h3 {
        padding-block: 1.4rem 0.6rem;
        font-size: 1rem;
        font-weight: 600;
      }
      ol {
        max-block-size: 24rem;
        overflow-y: auto;
      }
      li {
        display: grid;
        grid-template-columns: 3.2rem minmax(0, 1fr) 1.4rem;
        gap: 0 0.7rem;
        padding: 0.55rem 0;
      }
      .at,
      .speaker {
        font-size: 0.85rem;
        color: var(--_quiet);
      }
      .speaker {
        display: block;
      }
      .by-customer .speaker {
        color: var(--_ink);
        font-weight: 600;
      }
      .partial .text {
        font-style: italic;
        color: var(--_quiet);
      }
      .text {
      }
    `,
  ];

  protected override willUpdate(changed: PropertyValues<this>): void {
    const list = this.renderRoot.querySelector("ol");
    if (changed.has("transcript")) {
      this.#atEnd = !list || list.scrollHeight - list.scrollTop - list.clientHeight < 40;
    }
  }

  protected override updated(changed: PropertyValues<this>): void {
    const list = this.renderRoot.querySelector("ol");
    if (list && changed.has("transcript") && this.#atEnd) list.scrollTop = list.scrollHeight;
  }

  protected override render() {
    const { call } = this;
    if (!call) return html`<p class="quiet" part="empty">${say("loading")}</p>`;
    const begun = Date.parse(call.answered_at ?? call.started_at ?? call.created_at);
    const live = underWay(call);
    const seconds = live ? (Date.now() + this.skew - begun) / 1000 : (call.talk_seconds ?? 0);
    return html`
      <p class="status" data-status=${call.status}>
        <span class="agent">${agentName(call.agent_id, this.names)}</span>
        <span class="quiet">${say(call.status)}</span>
        <span class="clock">${clock(seconds)}</span>
      </p>
      <dl part="facts">
        ${this.#fact("from", grouped(call.from))} ${this.#fact("to", grouped(call.to))}
        ${this.#fact("began", time(new Date(call.started_at ?? call.created_at)))}
        ${this.#fact("language", this.#spoken(call.language))}
        ${this.#fact("lasted", call.duration == null ? "" : clock(call.duration))}
        ${this.#fact("outcome", call.outcome && call.outcome !== call.status ? call.outcome : "")}
      </dl>
      <h3>${say("mood_over_time")}</h3>
      <cc-lite-mood-chart .sentiments=${this.sentiments} .segments=${this.transcript?.segments ?? []}></cc-lite-mood-chart>
      <h3>${say("transcript")}</h3>
      ${this.#transcript()}
    `;
  }

  #fact(name: "from" | "to" | "began" | "language" | "lasted" | "outcome", value: string) {
    return value === ""
      ? nothing
      : html`<div>
          <dt>${say(name)}</dt>
          <dd>${value}</dd>
        </div>`;
  }

  /** The name of a language in the reader's own. */
  #spoken(tag: string | null | undefined): string {
    if (!tag) return "";
    try {
      return new Intl.DisplayNames(language(), { type: "language" }).of(tag) ?? tag;
    } catch {
      return tag;
    }
  }

  #transcript() {
    const segments = this.transcript?.segments ?? [];
    if (segments.length === 0) return html`<p class="empty" part="empty">${say("no_transcript")}</p>`;
    const moods = new Map<number, MoodLabel>();
    for (const one of told(this.sentiments)) {
      if (one.segment_sequence && one.label) moods.set(one.segment_sequence, one.label);
    }
    return html`<ol tabindex="0" aria-label=${say("transcript")}>
      ${repeat(
        segments,
        (segment) => segment.sequence,
        (segment) => this.#segment(segment, moods.get(segment.sequence)),
      )}
    </ol>`;
  }

  #segment(segment: Segment, mood: MoodLabel | undefined) {
    return html`<li part="segment" class="by-${segment.party} ${segment.is_final ? "" : "partial"}" data-sequence=${segment.sequence}>
      <span class="at">${clock(segment.starts_ms / 1000)}</span>
      <span>
        <span class="speaker">${say(segment.party)}${segment.is_final ? "" : html` · ${say("partial")}`}</span>
        <span class="text" lang=${this.call?.language || nothing}>${segment.text}</span>
      </span>
      ${mood ? moodMark(mood) : html`<span></span>`}
    </li>`;
  }
}

define("cc-lite-call", CcLiteCall);
