import { cs } from "./cs.ts";
import { en, type Key, type Words } from "./en.ts";

export type { Key };

/** A language that the components speak. */
export type Language = "en" | "cs";

/** The languages that the components speak, each with its own name for itself. */
export const LANGUAGES: ReadonlyMap<Language, string> = new Map([
  ["en", "English"],
  ["cs", "Čeština"],
]);

const catalogues: { readonly [language in Language]: { readonly [key in Key]: Words } } = { en, cs };
const changed = new EventTarget();
let current: Language = preferred(globalThis.navigator?.languages ?? []);

/** The language that all components speak. */
export function language(): Language {
  return current;
}

/** Has all components speak this language from now on. */
export function setLanguage(next: Language): void {
  if (next !== current) {
    current = next;
    changed.dispatchEvent(new Event("change"));
  }
}

/** Calls back whenever another language is chosen, until what is returned is called. */
export function onLanguage(listener: () => void): () => void {
  changed.addEventListener("change", listener);
  return () => changed.removeEventListener("change", listener);
}

/** The first of these languages (BCP 47) that the components speak; English where they speak none. */
export function preferred(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const primary = tag.toLowerCase().split("-")[0];
    if (primary === "en" || primary === "cs") return primary;
  }
  return "en";
}

/**
 * The words for `key` in the current language. `{name}` in them is replaced by the value of that name, numbers as the
 * language writes them; where a number decides on the words, it is `n`.
 */
export function say(key: Key, values: { readonly [name: string]: string | number } = {}): string {
  return put(catalogues[current][key], values);
}

/** The same for words that are not the components' own, such as an app's. */
export function put(words: Words, values: { readonly [name: string]: string | number } = {}): string {
  const sentence =
    typeof words === "string"
      ? words
      : (words[new Intl.PluralRules(current).select(Number(values.n))] ?? words.other);
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name] ?? "";
    return typeof value === "number" ? number(value) : value;
  });
}

/**
 * The current language as it is written where the reader is, such as `en-GB`: how numbers and times look depends on it.
 */
function locale(): string {
  return globalThis.navigator?.languages?.find((tag) => tag.split("-")[0] === current) ?? current;
}

/** A number as the current language writes it, with at most two digits behind the point. */
export function number(value: number): string {
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: 2 }).format(value);
}

/** A part, 0 to 1, in per cent. */
export function percent(value: number): string {
  return new Intl.NumberFormat(locale(), { style: "percent", maximumFractionDigits: 0 }).format(value);
}

/** The time of day as people in the current language write it; with the date when it was not today. */
export function time(at: Date): string {
  const today = new Date().toDateString() === at.toDateString();
  return new Intl.DateTimeFormat(locale(), {
    timeStyle: "short",
    ...(today ? {} : { dateStyle: "medium" }),
  }).format(at);
}

/** So many minutes, as short as the current language has it: `10 min`. */
export function minutes(value: number): string {
  return new Intl.NumberFormat(locale(), { style: "unit", unit: "minute", unitDisplay: "short" }).format(
    value,
  );
}

/** How long ago so many minutes are: `4 minutes ago`. */
export function ago(value: number): string {
  return new Intl.RelativeTimeFormat(locale()).format(-value, "minute");
}

/** A length of time in whole seconds as `m:ss` or `h:mm:ss`, which both languages read alike. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (part: number) => String(part).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
