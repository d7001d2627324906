import type { Word } from "./words.ts";

/** Why a login did not work, as people are told it. */
export interface Refusal {
  /** The words, see {@link Word}. */
  readonly word: Word;
  /** What the service said itself, in the reader's language; empty where it said nothing. */
  readonly detail: string;
  /** For how many seconds there is no use in trying again. */
  readonly wait: number;
}

/** What to tell a person about an error of the client's `login`. */
export function refusal(error: unknown): Refusal {
  const { status, detail, retryAfter } = error as { status?: number; detail?: string; retryAfter?: number };
  const told = (word: Word, wait = 0): Refusal => ({ word, detail: detail ?? "", wait: Math.ceil(wait) });
  if (status === undefined) return told("no_network");
  if (status === 401) return told("wrong");
  if (status === 429) return told("too_many", retryAfter ?? 30);
  if (status >= 500) return told("unavailable", retryAfter ?? 0);
  return told(detail ? "other" : "unavailable");
}
