import { type Language, language, put } from "../src/components/index.ts";

const en = {
  title: "Wallboard",
  log_in: "Log in",
  log_in_intro: "With your account at this call centre.",
  email: "E-mail address",
  password: "Password",
  keep: "Stay logged in on this screen",
  keep_note: "For a screen on the wall. Not for a computer that others use.",
  logging_in: "Logging in…",
  log_out: "Log out",
  logged_in_as: "Logged in as {email}",
  fill_in: "Enter your e-mail address and your password.",
  wrong: "Address and password do not fit. Check both and try again; capital letters count.",
  too_many: "That was tried too often. You can try again in {seconds} s; what you have entered stays.",
  try_in: "Try again in {seconds} s",
  unavailable:
    "The service cannot log anybody in at the moment. Try again shortly; what you have entered stays.",
  no_network:
    "The service cannot be reached. Check the network connection, then try again; what you have entered stays.",
  other: "{detail}",
  session_over: "Your session has ended. Log in again: the wallboard goes on where it was.",
  logged_out: "You are logged out.",
  platform_over: "The platform no longer knows who you are",
  platform_over_note:
    "Log in to the platform in another tab, then come back and press the button. The wallboard goes on where it was.",
  go_on: "Go on",
  call_gone: "This call is not here any more, or you may not see it.",
  close: "Close",
  call: "Call",
  live: "Live",
  lost: "Not connected",
  connecting: "Connecting…",
} as const;

const cs: { readonly [key in keyof typeof en]: string } = {
  title: "Přehled hovorů",
  log_in: "Přihlásit se",
  log_in_intro: "Svým účtem u tohoto call centra.",
  email: "E-mailová adresa",
  password: "Heslo",
  keep: "Zůstat přihlášen na této obrazovce",
  keep_note: "Pro obrazovku na zdi. Ne pro počítač, který používají i jiní.",
  logging_in: "Přihlašuje se…",
  log_out: "Odhlásit se",
  logged_in_as: "Přihlášen {email}",
  fill_in: "Zadejte e-mailovou adresu a heslo.",
  wrong: "Adresa a heslo k sobě nepatří. Zkontrolujte obojí a zkuste to znovu; na velikosti písmen záleží.",
  too_many: "Pokusů bylo příliš mnoho. Znovu to můžete zkusit za {seconds} s; co jste zadali, zůstane.",
  try_in: "Zkusit znovu za {seconds} s",
  unavailable: "Služba teď nemůže nikoho přihlásit. Zkuste to za chvíli; co jste zadali, zůstane.",
  no_network:
    "Služba není dostupná. Zkontrolujte připojení k síti a zkuste to znovu; co jste zadali, zůstane.",
  other: "{detail}",
  session_over: "Vaše přihlášení skončilo. Přihlaste se znovu: přehled bude pokračovat, kde byl.",
  logged_out: "Jste odhlášeni.",
  platform_over: "Platforma už neví, kdo jste",
  platform_over_note:
    "Přihlaste se k platformě v jiné záložce, vraťte se a stiskněte tlačítko. Přehled bude pokračovat, kde byl.",
  go_on: "Pokračovat",
  call_gone: "Tento hovor už tu není, nebo ho nesmíte vidět.",
  close: "Zavřít",
  call: "Hovor",
  live: "Živě",
  lost: "Bez spojení",
  connecting: "Připojuje se…",
};

const catalogues: { readonly [tag in Language]: { readonly [key in keyof typeof en]: string } } = { en, cs };

/** What the wallboard has words for besides the components. */
export type Word = keyof typeof en;

/** The wallboard's words in the current language. */
export function word(key: Word, values: { readonly [name: string]: string | number } = {}): string {
  return put(catalogues[language()][key], values);
}
