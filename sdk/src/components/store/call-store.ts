import { pause } from "../../pause.ts";
import type { Reader } from "../client.ts";
import type { Call, Sentiment, Transcript } from "../model.ts";
import { status, within } from "./asking.ts";
import { underWay } from "./state.ts";

/** How often one asks whether anything was said in a call under way, in milliseconds: that has no events. */
const LOOK = 400;
/** How often one that has ended is, in milliseconds: its transcript may be completed, or its moods judged, later. */
const LOOK_WHEN_OVER = 5000;

/** What is known of one call. */
export interface CallState {
  readonly call: Call | null;
  readonly transcript: Transcript | null;
  readonly sentiments: readonly Sentiment[];
  /** Why it cannot be shown; null when it can be, or while the connection is lost. */
  readonly failure: unknown;
}

const nothing: CallState = { call: null, transcript: null, sentiments: [], failure: null };

/** Follows one call with its transcript and its moods, for as long as it is shown. */
export class CallStore {
  /** What is known now. */
  state: CallState = nothing;
  readonly #reader: Reader;
  readonly #listener: (state: CallState) => void;
  #running: AbortController | null = null;
  #wake: (() => void) | null = null;
  #isWoken = false;

  /** `listener` is called with each new state. */
  constructor(reader: Reader, listener: (state: CallState) => void) {
    this.#reader = reader;
    this.#listener = listener;
  }

  /** Follows this call, and no other any more. `known` is what is known of it already. */
  follow(id: string, known: Call | null): void {
    this.stop();
    this.#running = new AbortController();
    this.#set({ ...nothing, call: known });
    void this.#look(id, this.#running.signal);
  }

  /** Looks at once, since something has happened to the call. */
  look(): void {
    this.#isWoken = true;
    this.#wake?.();
  }

  /** Follows no call any more. */
  stop(): void {
    this.#running?.abort();
    this.#running = null;
  }

  #set(state: CallState): void {
    this.state = state;
    this.#listener(state);
  }

  async #look(id: string, running: AbortSignal): Promise<void> {
    for (let round = 0; !running.aborted; round++) {
      const signal = within(running);
      let wait = LOOK;
      try {
        const transcript = await this.#reader.transcript(id, signal);
        const isNews = transcript !== this.state.transcript || this.#isWoken;
        this.#isWoken = false;
        let { call, sentiments } = this.state;
        // The rest changes more seldom than people speak.
        if (!call || isNews || round % 2 === 0) {
          const answers = await Promise.all([
            this.#reader.call(id, signal),
            this.#reader.sentiments(id, signal),
          ]);
          call = answers[0];
          sentiments = answers[1].items;
        }
        if (running.aborted) return;
        this.#set({ call, transcript, sentiments, failure: null });
        if (!underWay(call)) wait = LOOK_WHEN_OVER;
      } catch (error) {
        if (running.aborted) return;
        const code = status(error);
        if (code === 403 || code === 404) {
          this.#set({ ...this.state, failure: error });
          return;
        }
        wait = 3 * LOOK;
      }
      const woken = new AbortController();
      this.#wake = () => woken.abort();
      await pause(wait, running, woken.signal);
    }
  }
}
