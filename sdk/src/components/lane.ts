import { html, nothing, svg } from "lit";
import type { Call } from "./model.ts";

/** How much time a line shows, in milliseconds: up to now. */
const SPAN = 10 * 60_000;

/**
 * A call as a line that ends now: first how long it waited, then how long people have talked. All lines have the same
 * scale. It shows nothing that the words beside it do not say.
 */
export function lane(call: Call, now: number, negative: boolean) {
  const x = (at: number) => 100 * Math.min(1, Math.max(0, 1 - (now - at) / SPAN));
  const begun = x(Date.parse(call.started_at ?? call.created_at));
  const answered = call.answered_at ? x(Date.parse(call.answered_at)) : null;
  const end = call.ended_at ? x(Date.parse(call.ended_at)) : 100;
  // What has just begun is seen too.
  const from = Math.min(begun, end - 0.6);
  const waited = Math.max(0, (answered ?? end) - from);
  return html`<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
    <path d="M0 5H100" stroke="var(--_line)" stroke-width="1" vector-effect="non-scaling-stroke" />
    <path d="M50 1V9" stroke="var(--_line)" stroke-width="1" vector-effect="non-scaling-stroke" />
    <rect x=${from} y="3" width=${waited} height="4" fill="var(--_wait)" />
    ${
      answered === null
        ? nothing
        : svg`<rect x=${Math.min(answered, end - 0.6)} y="1" width=${Math.max(0.6, end - answered)} height="8"
            fill=${negative ? "var(--_bad)" : "var(--_accent)"} />`
    }
  </svg>`;
}
