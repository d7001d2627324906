import { css } from "lit";

/**
 * The custom properties that an app may set on any element around the components, and their values where it does not.
 *
 * | property | what it is |
 * |---|---|
 * | `--cc-paper`, `--cc-raised` | background of the page, and of what lies on it |
 * | `--cc-ink`, `--cc-quiet` | text, and text that stands back |
 * | `--cc-line` | hairlines |
 * | `--cc-accent` | what can be pressed, and calls in which people talk |
 * | `--cc-wait`, `--cc-wait-paper` | what waits, and background of what has waited for too long |
 * | `--cc-good`, `--cc-bad` | moods; `--cc-bad` is that of alerts too |
 * | `--cc-bad-paper` | background of what needs a look |
 * | `--cc-font`, `--cc-font-figures` | families of text and of large numbers |
 *
 * All values come in a light and a dark kind (`light-dark()`), chosen by the `color-scheme` of the element around them.
 * Text on `--cc-paper` and `--cc-raised` has a contrast of at least 4.5 to 1 in either.
 */
export const theme = css`
  :host {
    --_paper: var(--cc-paper, light-dark(#f5f3ee, #121512));
    --_raised: var(--cc-raised, light-dark(#fffefb, #1a1e1b));
    --_ink: var(--cc-ink, light-dark(#1c211d, #eceee7));
    --_quiet: var(--cc-quiet, light-dark(#5a615b, #9fa89f));
    --_line: var(--cc-line, light-dark(#dcd8cd, #2d332e));
    --_accent: var(--cc-accent, light-dark(#0b6459, #5fc7b4));
    --_wait: var(--cc-wait, light-dark(#8a5300, #efb04e));
    --_wait-paper: var(--cc-wait-paper, light-dark(#f6e9cb, #362a12));
    --_good: var(--cc-good, light-dark(#2f6b1f, #8fca75));
    --_bad: var(--cc-bad, light-dark(#b3261e, #ff8f80));
    --_bad-paper: var(--cc-bad-paper, light-dark(#fbe4df, #40201c));
    --_font: var(--cc-font, system-ui, sans-serif);
    --_figures: var(--cc-font-figures, var(--_font));
    display: block;
    color: var(--_ink);
    font-family: var(--_font);
    line-height: 1.4;
    overflow-wrap: anywhere;
    font-variant-numeric: tabular-nums;
  }
  :host([hidden]) {
    display: none;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  h2,
  h3,
  p,
  ul,
  ol,
  dl,
  dd,
  figure {
    margin: 0;
    padding: 0;
  }
  ul,
  ol {
    list-style: none;
  }
  h2 {
    padding-block-end: 0.5rem;
    font-size: 1.15rem;
    font-weight: 600;
  }
  li,
  .empty {
    border-block-start: 1px solid var(--_line);
  }
  li > button {
    display: grid;
    inline-size: 100%;
    border: 0;
    background: none;
    text-align: start;
  }
  li > button:hover {
    background: var(--_raised);
  }
  .empty {
    padding: 0.8rem 0;
    color: var(--_quiet);
  }
  button,
  input,
  select {
    font: inherit;
    color: inherit;
  }
  button {
    cursor: pointer;
  }
  :focus-visible {
    outline: 3px solid var(--_accent);
    outline-offset: 2px;
  }
  .quiet {
    color: var(--_quiet);
  }
  .hidden {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;
