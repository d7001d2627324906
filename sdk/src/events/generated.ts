// Generated from asyncapi.json by `make generate`: do not change it by hand.
import type { Schema } from "./schema.ts";
/** The exchange that events are published to, unless the service's `EVENTS_EXCHANGE` says otherwise. */
export const EXCHANGE = "ocelot.events";
/** All types of events. */
export const EVENT_TYPES = [
  "call.ended",
  "call.started",
  "call.transcribed",
  "campaign.completed",
  "sentiment.analyzed",
] as const;
/** A type of events. */
export type EventType = (typeof EVENT_TYPES)[number];
/** The routing key of each type, to bind a queue by. */
export const ROUTING_KEYS = {
  "call.ended": "comms.call.ended",
  "call.started": "comms.call.started",
  "call.transcribed": "comms.call.transcribed",
  "campaign.completed": "comms.campaign.completed",
  "sentiment.analyzed": "comms.sentiment.analyzed",
} as const satisfies Record<EventType, string>;
/** The JSON document that is published for an event. */
export interface EventEnvelope<Type extends string, Data> {
  /** What happened. */ readonly type: Type;
  /** What is told of it. */ readonly data: Data;
  /** The event's id, a `UUIDv7`: the same however often it is published, so that a repetition can be told. */
  readonly id: string;
  /** About the event itself. */
  readonly metadata: {
    /** The module that published it. */ readonly module: string;
    /** Version of the event's form: within 1.x fields are added, and none is removed or gets another meaning. */
    readonly version: string;
  };
  /** The organisation that it belongs to. */
  readonly organizationId: string;
  /** The part of the platform that it happened in. */
  readonly source: string;
  /** When it happened. */
  readonly timestamp: string;
  /** Who did it: a user's id, or `system:` and what it was, such as `system:twilio` or `system:watchdog`. */
  readonly userId: string;
}
/** What `call.ended` tells. */ export interface CallEndedData {
  /** Whether both sides talked. */ readonly answered: boolean;
  /** The call. */
  readonly call_id: string;
  /** Time from the begin to the end, in whole seconds. */
  readonly duration: number;
  /** When it ended. */
  readonly ended_at: string;
  /** What came of it, as whoever ended it said; the same as `status` where they said nothing. */
  readonly outcome: string;
  /** Where its recording is; null when there is none. */
  readonly recording_url: string | null;
  /** The version that the call or campaign had after the change, as its `ETag` shows it. */
  readonly resource_version: number;
  /** The event's place among those of its call or campaign, from 1, without gaps. */
  readonly sequence: number;
  /** When it began. */
  readonly started_at: string;
  /** How it ended. `queued`, `ringing` and `in_progress` are of calls that have not, and never stand here. */
  readonly status:
    | "queued"
    | "ringing"
    | "in_progress"
    | "completed"
    | "failed"
    | "no_answer"
    | "busy"
    | "rejected"
    | "canceled";
  /** Time from the answer to the end, in whole seconds; 0 when unanswered. */
  readonly talk_seconds: number;
}
/** `call.ended`: A call ended. Every call that ends has exactly one, behind its `call.started`. */
export type CallEnded = EventEnvelope<"call.ended", CallEndedData>;
/** Whether it is `call.ended`. */ export function isCallEnded(event: {
  readonly type: string;
}): event is CallEnded {
  return event.type === "call.ended";
}
/** What `call.started` tells. */ export interface CallStartedData {
  /** The agent who handles it; null when nobody is known yet. */ readonly agent_id: string | null;
  /** The call. */
  readonly call_id: string;
  /** The campaign that it is part of; null when there is none. */
  readonly campaign_id: string | null;
  /** Which side began it. */
  readonly direction: "inbound" | "outbound";
  /** The calling number, E.164. */
  readonly from: string;
  /** The version that the call or campaign had after the change, as its `ETag` shows it. */
  readonly resource_version: number;
  /** The event's place among those of its call or campaign, from 1, without gaps. */
  readonly sequence: number;
  /** When it began. */
  readonly started_at: string;
  /** The called number, E.164. */
  readonly to: string;
}
/** `call.started`: A call began: it rings, or both sides talk. Every call that ends has had exactly one, also one that never rang. */
export type CallStarted = EventEnvelope<"call.started", CallStartedData>;
/** Whether it is `call.started`. */ export function isCallStarted(event: {
  readonly type: string;
}): event is CallStarted {
  return event.type === "call.started";
}
/** What `call.transcribed` tells. */ export interface CallTranscribedData {
  /** Mean confidence of the segments that have one, from 0 (none) to 1 (certain); null when none has. */
  readonly average_confidence: number | null;
  /** The call. */
  readonly call_id: string;
  /** Language of the transcript, a BCP 47 tag; null when unknown. */
  readonly language: string | null;
  /** The version that the call or campaign had after the change, as its `ETag` shows it. */
  readonly resource_version: number;
  /** How many segments it has. */
  readonly segment_count: number;
  /** The event's place among those of its call or campaign, from 1, without gaps. */
  readonly sequence: number;
  /** The transcript. */
  readonly transcript_id: string;
  /** Path to read it at, relative to the API's base path. */
  readonly url: string;
  /** How many words they have together. */
  readonly word_count: number;
}
/** `call.transcribed`: All that was said in a call has been written down. The text itself is never part of an event: read it at `url`. */
export type CallTranscribed = EventEnvelope<"call.transcribed", CallTranscribedData>;
/** Whether it is `call.transcribed`. */ export function isCallTranscribed(event: {
  readonly type: string;
}): event is CallTranscribed {
  return event.type === "call.transcribed";
}
/** What `campaign.completed` tells. */ export interface CampaignCompletedData {
  /** The campaign. */ readonly campaign_id: string;
  /** How many contacts stood where in the end, by the name of their status; they sum to `total`, which is among them. */
  readonly counters: Readonly<Record<string, number>>;
  /** Why it ended, such as `contacts_exhausted`. */
  readonly end_reason: string;
  /** When it ended. */
  readonly ended_at: string;
  /** How it ended: `completed`, `canceled` or `failed`. */
  readonly outcome: string;
  /** The version that the call or campaign had after the change, as its `ETag` shows it. */
  readonly resource_version: number;
  /** The event's place among those of its call or campaign, from 1, without gaps. */
  readonly sequence: number;
  /** When it began; null when it never did. */
  readonly started_at: string | null;
}
/** `campaign.completed`: A campaign has come to its end, whichever: each has exactly one. */
export type CampaignCompleted = EventEnvelope<"campaign.completed", CampaignCompletedData>;
/** Whether it is `campaign.completed`. */ export function isCampaignCompleted(event: {
  readonly type: string;
}): event is CampaignCompleted {
  return event.type === "campaign.completed";
}
/** What `sentiment.analyzed` tells. */ export interface SentimentAnalyzedData {
  /** Whether somebody should look: the mood is negative. */ readonly alert: boolean;
  /** What it was told from. */
  readonly basis: "text" | "audio";
  /** The call. */
  readonly call_id: string;
  /** How sure the analysis is, from 0 (not at all) to 1 (certain); null when it does not say. */
  readonly confidence: number | null;
  /** The mood in a word. */
  readonly label: "positive" | "neutral" | "negative" | "mixed";
  /** The name of what told it. */
  readonly method: string;
  /** Whose mood it is. */
  readonly party: "customer" | "agent" | "system";
  /** The version that the call or campaign had after the change, as its `ETag` shows it. */
  readonly resource_version: number;
  /** The mood as a number, from -1 (negative) to 1 (positive). */
  readonly score: number;
  /** The segment that it is about; null when it is about the whole call. */
  readonly segment_id: string | null;
  /** The analysis. */
  readonly sentiment_id: string;
  /** The event's place among those of its call or campaign, from 1, without gaps. */
  readonly sequence: number;
}
/** `sentiment.analyzed`: Somebody's mood was told from a call or from a segment of it: of each whole call once it has ended, and of a segment whenever it turns negative. */
export type SentimentAnalyzed = EventEnvelope<"sentiment.analyzed", SentimentAnalyzedData>;
/** Whether it is `sentiment.analyzed`. */ export function isSentimentAnalyzed(event: {
  readonly type: string;
}): event is SentimentAnalyzed {
  return event.type === "sentiment.analyzed";
}
/** Any event. */
export type CommsEvent = CallEnded | CallStarted | CallTranscribed | CampaignCompleted | SentimentAnalyzed;
/** The event of each type. */
export interface EventOf {
  "call.ended": CallEnded;
  "call.started": CallStarted;
  "call.transcribed": CallTranscribed;
  "campaign.completed": CampaignCompleted;
  "sentiment.analyzed": SentimentAnalyzed;
}
/** What is checked of each type's events: JSON Schema, without what only people read. */
export const SCHEMAS: Record<EventType, Schema> = {
  "call.ended": {
    required: ["id", "type", "source", "timestamp", "organizationId", "userId", "data", "metadata"],
    type: "object",
    properties: {
      data: {
        required: [
          "call_id",
          "status",
          "outcome",
          "answered",
          "duration",
          "talk_seconds",
          "started_at",
          "ended_at",
          "sequence",
          "resource_version",
          "recording_url",
        ],
        type: "object",
        properties: {
          answered: { type: "boolean" },
          call_id: { type: "string" },
          duration: { minimum: 0, type: "integer" },
          ended_at: { type: "string" },
          outcome: { type: "string" },
          recording_url: { type: ["string", "null"] },
          resource_version: { minimum: 1, type: "integer" },
          sequence: { minimum: 1, type: "integer" },
          started_at: { type: "string" },
          status: {
            enum: [
              "queued",
              "ringing",
              "in_progress",
              "completed",
              "failed",
              "no_answer",
              "busy",
              "rejected",
              "canceled",
            ],
            type: "string",
          },
          talk_seconds: { minimum: 0, type: "integer" },
        },
      },
      id: { type: "string" },
      metadata: {
        required: ["version", "module"],
        type: "object",
        properties: { module: { type: "string" }, version: { type: "string" } },
      },
      organizationId: { type: "string" },
      source: { type: "string" },
      timestamp: { type: "string" },
      type: { const: "call.ended", type: "string" },
      userId: { type: "string" },
    },
  },
  "call.started": {
    required: ["id", "type", "source", "timestamp", "organizationId", "userId", "data", "metadata"],
    type: "object",
    properties: {
      data: {
        required: [
          "call_id",
          "direction",
          "from",
          "to",
          "started_at",
          "sequence",
          "resource_version",
          "agent_id",
          "campaign_id",
        ],
        type: "object",
        properties: {
          agent_id: { type: ["string", "null"] },
          call_id: { type: "string" },
          campaign_id: { type: ["string", "null"] },
          direction: { enum: ["inbound", "outbound"], type: "string" },
          from: { type: "string" },
          resource_version: { minimum: 1, type: "integer" },
          sequence: { minimum: 1, type: "integer" },
          started_at: { type: "string" },
          to: { type: "string" },
        },
      },
      id: { type: "string" },
      metadata: {
        required: ["version", "module"],
        type: "object",
        properties: { module: { type: "string" }, version: { type: "string" } },
      },
      organizationId: { type: "string" },
      source: { type: "string" },
      timestamp: { type: "string" },
      type: { const: "call.started", type: "string" },
      userId: { type: "string" },
    },
  },
  "call.transcribed": {
    required: ["id", "type", "source", "timestamp", "organizationId", "userId", "data", "metadata"],
    type: "object",
    properties: {
      data: {
        required: [
          "call_id",
          "transcript_id",
          "segment_count",
          "word_count",
          "url",
          "sequence",
          "resource_version",
          "average_confidence",
          "language",
        ],
        type: "object",
        properties: {
          average_confidence: { maximum: 1, minimum: 0, type: ["number", "null"] },
          call_id: { type: "string" },
          language: { type: ["string", "null"] },
          resource_version: { minimum: 1, type: "integer" },
          segment_count: { minimum: 0, type: "integer" },
          sequence: { minimum: 1, type: "integer" },
          transcript_id: { type: "string" },
          url: { type: "string" },
          word_count: { minimum: 0, type: "integer" },
        },
      },
      id: { type: "string" },
      metadata: {
        required: ["version", "module"],
        type: "object",
        properties: { module: { type: "string" }, version: { type: "string" } },
      },
      organizationId: { type: "string" },
      source: { type: "string" },
      timestamp: { type: "string" },
      type: { const: "call.transcribed", type: "string" },
      userId: { type: "string" },
    },
  },
  "campaign.completed": {
    required: ["id", "type", "source", "timestamp", "organizationId", "userId", "data", "metadata"],
    type: "object",
    properties: {
      data: {
        required: [
          "campaign_id",
          "outcome",
          "end_reason",
          "counters",
          "ended_at",
          "sequence",
          "resource_version",
          "started_at",
        ],
        type: "object",
        properties: {
          campaign_id: { type: "string" },
          counters: { type: "object", additionalProperties: { type: "integer" } },
          end_reason: { type: "string" },
          ended_at: { type: "string" },
          outcome: { type: "string" },
          resource_version: { minimum: 1, type: "integer" },
          sequence: { minimum: 1, type: "integer" },
          started_at: { type: ["string", "null"] },
        },
      },
      id: { type: "string" },
      metadata: {
        required: ["version", "module"],
        type: "object",
        properties: { module: { type: "string" }, version: { type: "string" } },
      },
      organizationId: { type: "string" },
      source: { type: "string" },
      timestamp: { type: "string" },
      type: { const: "campaign.completed", type: "string" },
      userId: { type: "string" },
    },
  },
  "sentiment.analyzed": {
    required: ["id", "type", "source", "timestamp", "organizationId", "userId", "data", "metadata"],
    type: "object",
    properties: {
      data: {
        required: [
          "call_id",
          "sentiment_id",
          "label",
          "score",
          "party",
          "basis",
          "method",
          "alert",
          "sequence",
          "resource_version",
          "confidence",
          "segment_id",
        ],
        type: "object",
        properties: {
          alert: { type: "boolean" },
          basis: { enum: ["text", "audio"], type: "string" },
          call_id: { type: "string" },
          confidence: { maximum: 1, minimum: 0, type: ["number", "null"] },
          label: { enum: ["positive", "neutral", "negative", "mixed"], type: "string" },
          method: { type: "string" },
          party: { enum: ["customer", "agent", "system"], type: "string" },
          resource_version: { minimum: 1, type: "integer" },
          score: { maximum: 1, minimum: -1, type: "number" },
          segment_id: { type: ["string", "null"] },
          sentiment_id: { type: "string" },
          sequence: { minimum: 1, type: "integer" },
        },
      },
      id: { type: "string" },
      metadata: {
        required: ["version", "module"],
        type: "object",
        properties: { module: { type: "string" }, version: { type: "string" } },
      },
      organizationId: { type: "string" },
      source: { type: "string" },
      timestamp: { type: "string" },
      type: { const: "sentiment.analyzed", type: "string" },
      userId: { type: "string" },
    },
  },
};
