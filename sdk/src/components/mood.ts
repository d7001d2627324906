import { html, nothing, svg, type TemplateResult } from "lit";
import { say } from "./locale/index.ts";
import type { Mood, MoodLabel } from "./model.ts";

/** Marks of moods differ in form, so that they can be told without colours. */
const MARKS: { readonly [label in MoodLabel]: TemplateResult } = {
  positive: svg`<path d="M8 2.5 14 13H2z" fill="var(--_good)"/>`,
  neutral: svg`<circle cx="8" cy="8" r="4.5" fill="none" stroke="var(--_quiet)" stroke-width="2.2"/>`,
  mixed: svg`<path d="M8 2 14 8 8 14 2 8z" fill="none" stroke="var(--_wait)" stroke-width="2.2"/>`,
  negative: svg`<path d="M8 13.5 2 3h12z" fill="var(--_bad)"/>`,
};

/** A mood's mark, with its name beside it or, where there is no room, for screen readers alone. */
export function moodMark(label: MoodLabel, named = false): TemplateResult {
  return html`<span class="mood ${label}" part="mood"
    ><svg viewBox="0 0 16 16" width="1em" height="1em" aria-hidden="true">${MARKS[label]}</svg
    ><span class=${named ? "" : "hidden"}>${say(label)}</span></span
  >`;
}

/** The mark of a call's mood; nothing while none was told. */
export function callMood(mood: Mood | undefined, named = false): TemplateResult | typeof nothing {
  return mood ? moodMark(mood.label, named) : nothing;
}
