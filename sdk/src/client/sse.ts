/** One message of a stream of server-sent events. */
export interface ServerSentEvent {
  /** Its kind; `message` when it names none. */
  readonly event: string;
  /** What it says; empty in a message that only tells a position. */
  readonly data: string;
  /** The position that the stream is at with it. */
  readonly id: string | undefined;
}

/**
 * Reads server-sent events from pieces of text, wherever these are cut (HTML standard, 9.2.6 "Interpreting an event
 * stream"). Other than there, messages without data are given too: they tell positions.
 */
export class EventStreamParser {
  /** How long to wait before connecting again, in milliseconds, where the stream says so. */
  retry: number | undefined;
  #rest = "";
  #event = "";
  #data: string[] = [];
  #id: string | undefined;
  #named = false;

  /** Takes the next piece and gives what is complete with it. */
  *push(text: string): Generator<ServerSentEvent, void, undefined> {
    this.#rest += text;
    // A carriage return at the end may be the first half of a line's end.
    const lines = this.#rest.split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line) this.#field(line);
      else yield* this.#dispatch();
    }
  }

  #field(line: string): void {
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") this.#event = value;
    else if (name === "data") this.#data.push(value);
    else if (name === "retry" && /^\d+$/.test(value)) this.retry = Number(value);
    else if (name === "id" && !value.includes("\0")) {
      this.#id = value;
      this.#named = true;
    }
  }

  *#dispatch(): Generator<ServerSentEvent, void, undefined> {
    if (this.#data.length > 0 || this.#named) {
      yield { event: this.#event || "message", data: this.#data.join("\n"), id: this.#id };
    }
    this.#event = "";
    this.#data = [];
    this.#named = false;
  }
}
