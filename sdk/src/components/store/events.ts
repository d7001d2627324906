import type { Call, MoodLabel, Party } from "../model.ts";

/** What the store reads of `call.ended`. */
export interface Ended {
  readonly call_id: string;
  readonly status: Call["status"];
  readonly outcome: string;
  readonly duration: number;
  readonly talk_seconds: number;
  readonly ended_at: string;
  readonly resource_version: number;
}

/** What the store reads of `sentiment.analyzed`. */
export interface Analyzed {
  readonly call_id: string;
  readonly sentiment_id: string;
  readonly segment_id: string | null;
  readonly label: MoodLabel;
  readonly score: number;
  readonly party: Party;
  readonly alert: boolean;
}
