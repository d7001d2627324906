import type { components } from "../client/generated.ts";

/**
 * What the components show, as far as they read it. The names and units are the API's own (`/openapi.json`), so what a
 * client of the API answers fits without conversion.
 */

/** Where a call stands. The first three are calls under way. */
export type CallStatus = components["schemas"]["CallStatus"];

/** A call. Times are RFC 3339 in UTC, durations whole seconds. */
export interface Call {
  readonly id: string;
  readonly status: CallStatus;
  readonly direction: "inbound" | "outbound";
  /** The calling number, E.164, or what an erasure left of it. */
  readonly from: string;
  /** The called number, E.164, or what an erasure left of it. */
  readonly to: string;
  readonly agent_id?: string | null;
  readonly campaign_id?: string | null;
  readonly language?: string | null;
  readonly outcome?: string | null;
  readonly created_at: string;
  readonly started_at?: string | null;
  readonly answered_at?: string | null;
  readonly ended_at?: string | null;
  readonly duration?: number | null;
  readonly talk_seconds?: number | null;
  /** Counts its changes. */
  readonly version: number;
}

/** A mood in a word. */
export type MoodLabel = components["schemas"]["Label"];

/** Who says something, or whose mood it is. */
export type Party = components["schemas"]["Party"];

/** What one side said without a pause. Times are milliseconds from the call's start. */
export interface Segment {
  readonly id: string;
  readonly sequence: number;
  readonly party: Party;
  readonly text: string;
  readonly starts_ms: number;
  readonly ends_ms: number;
  /** Whether it stays as it is. */
  readonly is_final: boolean;
}

/** A call's transcript. */
export interface Transcript {
  readonly call_id: string;
  readonly status: "open" | "completed" | "failed";
  readonly segments: readonly Segment[];
}

/** An analysis of a mood: of a segment, or of the whole call. */
export interface Sentiment {
  readonly id: string;
  readonly status: "requested" | "analyzed" | "skipped" | "failed";
  readonly party: Party;
  readonly label?: MoodLabel | null;
  /** −1 (bad) to 1 (good). */
  readonly score?: number | null;
  readonly segment_id?: string | null;
  readonly segment_sequence?: number | null;
  readonly created_at: string;
}

/** How many of a campaign's contacts stand where; `total` is the sum of the others. */
export interface Counters {
  readonly pending: number;
  readonly in_progress: number;
  readonly reached: number;
  readonly exhausted: number;
  readonly skipped: number;
  readonly total: number;
}

/** A campaign. */
export interface Campaign {
  readonly id: string;
  readonly name: string;
  readonly status: "draft" | "scheduled" | "running" | "paused" | "completed" | "canceled" | "failed";
  readonly counters: Counters;
  readonly started_at?: string | null;
  readonly ended_at?: string | null;
}

/** Calls that began or ended within some time. */
export interface Window {
  readonly started: number;
  readonly ended: number;
  readonly answered: number;
  /** 0 to 1; null when no call ended. */
  readonly answered_rate?: number | null;
  readonly average_talk_seconds?: number | null;
}

/** Counts for a wallboard. */
export interface Stats {
  readonly at: string;
  readonly now: {
    readonly queued: number;
    readonly ringing: number;
    readonly in_progress: number;
    /** How long the call that waits longest has waited, in seconds; 0 when none waits. */
    readonly longest_waiting_seconds: number;
  };
  readonly last_hour: Window;
}

/** A mood that turned negative, for somebody to look at. */
export interface Alert {
  readonly id: string;
  readonly call_id: string;
  /** When it was told, RFC 3339. */
  readonly at: string;
  /** −1 to 0. */
  readonly score: number;
  readonly party: Party;
  /** Whether it is about the whole call, which then has ended. */
  readonly whole_call: boolean;
  /** Who handles the call; null when it is not known. */
  readonly agent_id: string | null;
}

/** The mood of a call as it was told last. */
export interface Mood {
  /** The analysis's, a UUIDv7: later ones are greater. */
  readonly id: string;
  readonly label: MoodLabel;
  readonly score: number;
}

/** Whether what is shown is what is. */
export interface Connection {
  /** `slowed` while the service asks for fewer requests, so that what is shown may be behind. */
  readonly state: "connecting" | "live" | "slowed" | "lost";
  /** Since when it is lost; null otherwise. */
  readonly lost_since: Date | null;
}
