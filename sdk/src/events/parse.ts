import { type CommsEvent, EVENT_TYPES, type EventType, SCHEMAS } from "./generated.ts";
import { misfit } from "./schema.ts";

/** Something is no event, or none that is known here. The message says what about it does not fit. */
export class EventError extends Error {
  override readonly name = "EventError";
  /** `unreadable`: it can never be handled. `unknown-type`: a newer service tells of something new; let it pass. */
  readonly code: "unreadable" | "unknown-type";

  constructor(code: "unreadable" | "unknown-type", message: string) {
    super(message);
    this.code = code;
  }
}

/** Whether this is the name of a type of events that is known here. */
export function isEventType(type: unknown): type is EventType {
  return EVENT_TYPES.includes(type as EventType);
}

/**
 * Reads an event from what came: JSON as text or bytes, or a value that was read already. Fields that are not known are let
 * pass. Throws an {@link EventError}.
 */
export function parseEvent(content: string | Uint8Array | object): CommsEvent {
  const value = content instanceof Uint8Array || typeof content === "string" ? json(content) : content;
  const { type, metadata } = (value ?? {}) as { type?: unknown; metadata?: { version?: unknown } };
  if (typeof type !== "string")
    throw new EventError("unreadable", "It has no type, so it is no event of cc-lite.");
  if (!isEventType(type))
    throw new EventError(
      "unknown-type",
      `Events of type ${type} are not known here: update this package to handle them.`,
    );
  const version = `${metadata?.version}`;
  if (/^\d+\./.test(version) && !version.startsWith("1.")) {
    throw new EventError(
      "unreadable",
      `It has the form of version ${version}, and 1.x is known here: update this package.`,
    );
  }
  const wrong = misfit(SCHEMAS[type], value);
  if (wrong) throw new EventError("unreadable", `This is no ${type}: ${wrong}.`);
  return value as CommsEvent;
}

function json(content: string | Uint8Array): unknown {
  try {
    return JSON.parse(
      typeof content === "string" ? content : new TextDecoder("utf-8", { fatal: true }).decode(content),
    );
  } catch {
    throw new EventError("unreadable", "It is not JSON in UTF-8, so it is no event of cc-lite.");
  }
}

/** What an event is about, by id: its call or campaign. Events of one subject come in the order of their `sequence`. */
export function subjectOf({ data }: CommsEvent): string {
  return "call_id" in data ? data.call_id : data.campaign_id;
}
