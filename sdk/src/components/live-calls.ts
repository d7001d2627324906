import { css, html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { type AgentNames, agentName } from "./agents.ts";
import { choose, define, TickingElement } from "./element.ts";
import { lane } from "./lane.ts";
import { clock, minutes, say } from "./locale/index.ts";
import type { Call, Mood } from "./model.ts";
import { callMood } from "./mood.ts";
import { masked } from "./numbers.ts";
import { byId, underWay } from "./store/state.ts";

/** Whom a call has chosen: `detail` is its id. */
export type OpenCallEvent = CustomEvent<string>;

/**
 * `<cc-lite-live-calls>`: calls under way, each as a line on a common scale of time that ends now, so that long and waiting
 * ones stand out. Unhappy customers come first, then who waits, each the longest first. Of telephone numbers the last
 * digits are shown alone.
 *
 * Dispatches `cc-lite-open` (an {@link OpenCallEvent}) when somebody chooses a call.
 * Parts: `search`, `call`, `agent`, `mood`, `duration`, `empty`.
 */
export class CcLiteLiveCalls extends TickingElement {
  static override properties = {
    calls: { attribute: false },
    moods: { attribute: false },
    truncated: { type: Boolean },
    names: { attribute: false },
    skew: { type: Number },
    wanted: { state: true },
  };
  /** The calls, in any order. */
  declare calls: readonly Call[];
  /** Their customers' moods, by call. */
  declare moods: ReadonlyMap<string, Mood>;
  /** Whether there are more calls than these. */
  declare truncated: boolean;
  /** What agents are called. */
  declare names: AgentNames;
  /** How far the service's clock is ahead, in milliseconds. */
  declare skew: number;
  declare private wanted: string;

  constructor() {
    super();
    this.calls = [];
    this.moods = new Map();
    this.truncated = false;
    this.names = new Map();
    this.skew = 0;
    this.wanted = "";
  }

  static override styles = [
    ...TickingElement.styles,
    css`
      :host {
        container-type: inline-size;
      }
      header {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem 1rem;
        align-items: center;
        justify-content: space-between;
        min-block-size: 2.7rem;
        padding-block-end: 0.4rem;
      }
      input {
        flex: 0 1 17rem;
        min-inline-size: 0;
        padding: 0.5rem 0.75rem;
        border: 1px solid var(--_line);
        border-radius: 0.4rem;
        background: var(--_raised);
      }
      input::placeholder {
        color: var(--_quiet);
        opacity: 1;
      }
      .axis,
      button {
        display: grid;
        grid-template: "mood who lane time" / 1.6rem minmax(7rem, 1.1fr) minmax(6rem, 2fr) 5.4rem;
        gap: 0 0.9rem;
        padding-inline: 0.5rem;
      }
      .axis span {
        grid-area: lane;
        display: flex;
        justify-content: space-between;
        padding-block-end: 0.2rem;
        font-size: 0.85rem;
        color: var(--_quiet);
      }
      b {
        font-weight: 400;
      }
      button {
        align-items: center;
        min-block-size: 3.6rem;
        padding-block: 0.45rem;
      }
      .negative-call {
        background: var(--_bad-paper);
      }
      .over {
        opacity: 0.75;
      }
      .mood {
        grid-area: mood;
        display: grid;
        font-size: 1.25rem;
        justify-content: center;
      }
      .who {
        grid-area: who;
        min-inline-size: 0;
      }
      .agent {
        display: block;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        font-size: 1.15rem;
        font-weight: 600;
      }
      .line {
        grid-area: lane;
        display: block;
      }
      .line svg {
        display: block;
        inline-size: 100%;
        block-size: 0.9rem;
      }
      .duration {
        grid-area: time;
        text-align: end;
        font-family: var(--_figures);
        font-size: 1.5rem;
        letter-spacing: -0.02em;
      }
      .waits .duration {
        color: var(--_wait);
      }
      .negative-call .duration {
        color: var(--_bad);
      }
      .about {
        font-size: 0.92rem;
        color: var(--_quiet);
        white-space: nowrap;
      }
      .negative-call .about {
        color: var(--_ink);
      }
      @container (inline-size < 34rem) {
        button {
          grid-template: "mood who time" auto ". lane lane" auto / 1.6rem minmax(0, 1fr) auto;
          row-gap: 0.35rem;
        }
        .axis {
          display: none;
        }
        .line svg {
          block-size: 0.55rem;
        }
        input {
          flex-basis: 100%;
        }
      }
    `,
  ];

  protected override render() {
    const now = Date.now() + this.skew;
    const found = this.#sorted().filter((call) => this.#fits(call));
    return html`
      <header>
        <h2>${say("live_calls")}</h2>
        <input
          part="search"
          type="search"
          autocomplete="off"
          aria-label=${say("find_call")}
          placeholder=${say("find_call")}
          .value=${this.wanted}
          @input=${(event: Event) => {
            this.wanted = (event.target as HTMLInputElement).value;
          }}
        />
      </header>
      ${
        found.length === 0
          ? html`<p class="empty" part="empty">
              ${this.calls.length === 0 ? say("no_calls") : say("no_calls_found")}
            </p>`
          : html`<p class="axis" aria-hidden="true">
                <span><b>${minutes(10)}</b><b>${minutes(5)}</b><b>${say("now")}</b></span>
              </p>
              <ul>
              ${repeat(
                found,
                (call) => call.id,
                (call) => this.#call(call, now),
              )}
            </ul>`
      }
      ${this.truncated ? html`<p class="empty">${say("first_shown", { n: this.calls.length })}</p>` : nothing}
    `;
  }

  #call(call: Call, now: number) {
    const mood = this.moods.get(call.id);
    const live = underWay(call);
    const waits = live && call.status !== "in_progress";
    const negative = live && mood?.label === "negative";
    const begun = Date.parse(call.answered_at ?? call.started_at ?? call.created_at);
    const seconds = ((call.ended_at ? Date.parse(call.ended_at) : now) - begun) / 1000;
    return html`<li>
      <button
        part="call"
        class="${negative ? "negative-call" : ""} ${waits ? "waits" : ""} ${live ? "" : "over"}"
        data-call=${call.id}
        data-status=${call.status}
        @click=${() => choose(this, call.id)}
      >
        ${callMood(mood)}
        <span class="who">
          <span class="agent" part="agent">${agentName(call.agent_id, this.names)}</span>
          <span class="about">
            ${say(call.status)} ${say(call.direction)}
            ${masked(call.direction === "inbound" ? call.from : call.to)}
          </span>
        </span>
        <span class="line">${lane(call, now, negative)}</span>
        <span class="duration" part="duration">${clock(seconds)}</span>
      </button>
    </li>`;
  }

  #sorted(): Call[] {
    const rank = (call: Call) => {
      if (!underWay(call)) return 3;
      if (this.moods.get(call.id)?.label === "negative") return 0;
      return call.status === "in_progress" ? 2 : 1;
    };
    return [...this.calls].sort((a, b) => rank(a) - rank(b) || byId(a, b));
  }

  #fits(call: Call): boolean {
    const wanted = this.wanted.trim().toLowerCase();
    const digits = wanted.replace(/[\s+]/g, "");
    return (
      agentName(call.agent_id, this.names).toLowerCase().includes(wanted) ||
      (/^\d+$/.test(digits) && (call.from.includes(digits) || call.to.includes(digits)))
    );
  }
}

define("cc-lite-live-calls", CcLiteLiveCalls);
