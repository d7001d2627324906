import { LANGUAGES, type Language } from "../src/components/index.ts";

const KEY = "cc-lite.language";

/** The language that was chosen on this screen before. */
export function chosenLanguage(): Language | undefined {
  try {
    const kept = localStorage.getItem(KEY) as Language;
    return LANGUAGES.has(kept) ? kept : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps the choice, where the browser lets it. */
export function keepLanguage(language: Language): void {
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // It holds for this page then.
  }
}
