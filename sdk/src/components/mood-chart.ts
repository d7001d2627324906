import { css, html, nothing, svg } from "lit";
import { CcLiteElement, define } from "./element.ts";
import { clock, number, say } from "./locale/index.ts";
import type { MoodLabel, Party, Segment, Sentiment } from "./model.ts";
import { moodMark } from "./mood.ts";
import { told } from "./store/state.ts";

/** A mood at a moment of the call. */
interface Point {
  /** Seconds from the call's start. */
  readonly at: number;
  readonly score: number;
  readonly label: MoodLabel;
  readonly party: Party;
}

/**
 * `<cc-lite-mood-chart>`: how the mood went over a call, from analyses of its segments, as a line; the same as a table for
 * who would rather read it. Parts: `chart`, `table`, `empty`.
 */
export class CcLiteMoodChart extends CcLiteElement {
  static override properties = {
    sentiments: { attribute: false },
    segments: { attribute: false },
  };
  /** Analyses, in any order. Those of the whole call are left out. */
  declare sentiments: readonly Sentiment[];
  /** What they are about: says when it was said. */
  declare segments: readonly Segment[];

  constructor() {
    super();
    this.sentiments = [];
    this.segments = [];
  }

  static override styles = [
    ...CcLiteElement.styles,
    css`
      .chart {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: 0.2rem 0.6rem;
        font-size: 0.85rem;
        color: var(--_quiet);
      }
      .scale {
        display: flex;
        flex-direction: column;
        justify-content: space-between;
        font-size: 1rem;
      }
      svg.plot {
        inline-size: 100%;
        block-size: 8.5rem;
        background: var(--_raised);
      }
      .times {
        grid-column: 2;
        display: flex;
        justify-content: space-between;
      }
      summary {
        min-block-size: 2rem;
        color: var(--_accent);
        cursor: pointer;
      }
      table {
        inline-size: 100%;
        border-collapse: collapse;
        font-size: 0.92rem;
      }
      th {
        text-align: start;
        font-weight: 600;
      }
      th,
      td {
        padding: 0.25rem 0.6rem 0.25rem 0;
        border-block-end: 1px solid var(--_line);
      }
      .score {
        text-align: end;
        padding-inline-end: 0;
      }
      .mood {
        display: inline-flex;
        gap: 0.4rem;
        align-items: center;
      }
    `,
  ];

  protected override render() {
    const points = this.#points();
    const last = points.at(-1);
    if (!last) return html`<p class="empty" part="empty">${say("no_moods")}</p>`;
    const ends = Math.max(...this.segments.map((segment) => segment.ends_ms / 1000), last.at, 1);
    const summary = say("mood_summary", { n: points.length, label: say(last.label).toLowerCase() });
    return html`
      <div class="chart" part="chart">
        <div class="scale" aria-hidden="true">${moodMark("positive")}${moodMark("neutral")}${moodMark("negative")}</div>
        <svg class="plot" viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label="${say("mood_over_time")}: ${summary}">
          <rect x="0" y="62.5" width="100" height="37.5" fill="var(--_bad-paper)" />
          <path d="M0 50H100" stroke="var(--_line)" vector-effect="non-scaling-stroke" />
          ${this.#line(points, "agent", ends)} ${this.#line(points, "customer", ends)}
        </svg>
        <div class="times" aria-hidden="true">
          <span>${clock(0)}</span>
          ${
            points.some((point) => point.party === "agent")
              ? html`<span>━━ ${say("customer")} &nbsp; ┅┅ ${say("agent")}</span>`
              : nothing
          }
          <span>${clock(ends)}</span>
        </div>
      </div>
      <details>
        <summary>${say("as_table")}</summary>
        <table part="table">
          <caption class="hidden">${say("mood_over_time")}</caption>
          <thead>
            <tr>
              <th scope="col">${say("time")}</th>
              <th scope="col">${say("who")}</th>
              <th scope="col">${say("mood")}</th>
              <th scope="col" class="score">${say("score")}</th>
            </tr>
          </thead>
          <tbody>
            ${points.map(
              (point) =>
                html`<tr>
                  <td>${clock(point.at)}</td>
                  <td>${say(point.party)}</td>
                  <td>${moodMark(point.label, true)}</td>
                  <td class="score">${number(point.score)}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </details>
    `;
  }

  #line(points: readonly Point[], party: Party, ends: number) {
    const own = points.filter((point) => point.party === party);
    if (own.length === 0) return nothing;
    const places = own.map((point) => `${(100 * point.at) / ends} ${50 - 45 * point.score}`);
    const customer = party === "customer";
    return svg`
      <path d="M${places.join("L")}" fill="none" stroke=${customer ? "var(--_ink)" : "var(--_quiet)"} stroke-width="2"
        stroke-dasharray=${customer ? "none" : "2 5"} stroke-linejoin="round" vector-effect="non-scaling-stroke" />
      ${own.map((point, index) => {
        const paint = {
          positive: "var(--_good)",
          negative: "var(--_bad)",
          mixed: "var(--_wait)",
          neutral: "var(--_quiet)",
        };
        // A line without length has round ends that no stretching makes oval.
        return svg`<path d="M${places[index]}h0" stroke=${paint[point.label]} stroke-width=${customer ? 10 : 6} stroke-linecap="round"
          vector-effect="non-scaling-stroke" />`;
      })}`;
  }

  /** The newest analysis of each segment, in the order of the call. */
  #points(): Point[] {
    const bySequence = new Map(this.segments.map((segment) => [segment.sequence, segment]));
    const newest = new Map<number, Sentiment>();
    for (const one of told(this.sentiments)) {
      if (one.segment_sequence) newest.set(one.segment_sequence, one);
    }
    return [...newest]
      .sort(([a], [b]) => a - b)
      .flatMap(([sequence, { score, label, party }]) => {
        const segment = bySequence.get(sequence);
        if (!segment || !label) return [];
        return [{ at: (segment.starts_ms + segment.ends_ms) / 2000, score: score ?? 0, label, party }];
      });
  }
}

define("cc-lite-mood-chart", CcLiteMoodChart);
