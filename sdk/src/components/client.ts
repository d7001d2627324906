import type { Call, CallStatus, Campaign, Sentiment, Stats, Transcript } from "./model.ts";

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next_cursor?: string | null;
}

/** What is asked of `GET /calls`. */
export interface CallsQuery {
  readonly status?: CallStatus;
  readonly sort?: "-ended_at";
  /** RFC 3339. */
  readonly since?: string;
  /** At most 100. */
  readonly limit: number;
}

/** What the stream tells. */
export type Message =
  /** What lies between is not kept any more: read again what is shown. */
  | { readonly kind: "reset" }
  /** An event, as it is published. */
  | { readonly kind: "event"; readonly type: string; readonly timestamp: string; readonly data: unknown };

/**
 * What the components need of the API: reading, and following what happens.
 *
 * `fromClient` makes one of this package's own client; whoever has another one writes these seven. All reject with an
 * error whose `status`, where it has one, is that of HTTP: 401 means that somebody has to log in again, and an error
 * without a status that the service was not reached.
 */
export interface Reader {
  /** `GET /stats`. */
  stats(signal: AbortSignal): Promise<Stats>;
  /** `GET /calls`, one page. */
  calls(query: CallsQuery, signal: AbortSignal): Promise<Page<Call>>;
  /** `GET /calls/{id}`. */
  call(id: string, signal: AbortSignal): Promise<Call>;
  /** `GET /campaigns`, one page. */
  campaigns(status: "running" | "paused", signal: AbortSignal): Promise<Page<Campaign>>;
  /** `GET /calls/{id}/transcript`; null while there is none. */
  transcript(callId: string, signal: AbortSignal): Promise<Transcript | null>;
  /** `GET /calls/{id}/sentiment`, the newest 100. */
  sentiments(callId: string, signal: AbortSignal): Promise<Page<Sentiment>>;
  /**
   * `GET /stream` from now on, connected again for as long as `signal` lets it. `opened` is called with each connection:
   * events from then on are heard.
   */
  follow(signal: AbortSignal, opened: () => void): AsyncIterable<Message>;
}
