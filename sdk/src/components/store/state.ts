import type { Alert, Call, Campaign, Connection, Mood, Party, Sentiment, Stats } from "../model.ts";

/** How many alerts are kept. */
const ALERTS = 30;

/** What is known of an organisation's calls at a moment. Values are never changed, only replaced. */
export interface LiveState {
  /** Null until they were read first. */
  readonly stats: Stats | null;
  /** Calls under way, and those that ended a moment ago, by id. */
  readonly calls: ReadonlyMap<string, Call>;
  /** Whether there are more calls under way than were read. */
  readonly truncated: boolean;
  /** The customer's mood as it was told last, by call. */
  readonly moods: ReadonlyMap<string, Mood>;
  /** The newest first. */
  readonly alerts: readonly Alert[];
  /** Campaigns that run, then those that are paused; null until they were read first. */
  readonly campaigns: readonly Campaign[] | null;
  readonly connection: Connection;
  /** How far the service's clock is ahead of this one, in milliseconds. */
  readonly skew: number;
}

/** Nothing is known yet. */
export const nothing: LiveState = {
  stats: null,
  calls: new Map(),
  truncated: false,
  moods: new Map(),
  alerts: [],
  campaigns: null,
  connection: { state: "connecting", lost_since: null },
  skew: 0,
};

/** Whether a call is under way. */
export function underWay(call: Call): boolean {
  return call.status === "queued" || call.status === "ringing" || call.status === "in_progress";
}

/** The same with this call as it is now, unless a newer version of it is known. */
export function withCall(state: LiveState, call: Call): LiveState {
  const known = state.calls.get(call.id);
  if (known && known.version > call.version) return state;
  return { ...state, calls: new Map(state.calls).set(call.id, call) };
}

/** The same without these calls; what is known of their moods goes too. */
export function withoutCalls(state: LiveState, ids: Iterable<string>): LiveState {
  const [calls, moods] = [new Map(state.calls), new Map(state.moods)];
  for (const id of ids) {
    calls.delete(id);
    moods.delete(id);
  }
  return { ...state, calls, moods };
}

/** The same with a call's mood, unless a later one is known. */
export function withMood(state: LiveState, callId: string, mood: Mood): LiveState {
  const known = state.moods.get(callId);
  return known && known.id > mood.id ? state : { ...state, moods: new Map(state.moods).set(callId, mood) };
}

/** The same with these alerts among the others; each stands there once, and the oldest go. */
export function withAlerts(state: LiveState, added: readonly Alert[]): LiveState {
  const each = new Map([...state.alerts, ...added].map((alert) => [alert.id, alert]));
  const alerts = [...each.values()].sort((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, ALERTS);
  return { ...state, alerts };
}

/** Calls under way whose customer is unhappy. */
export function unhappy(state: Pick<LiveState, "calls" | "moods">): Call[] {
  return [...state.calls.values()].filter(
    (call) => underWay(call) && state.moods.get(call.id)?.label === "negative",
  );
}

/** In the order in which they came about: ids are UUIDv7. */
export function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : 1;
}

/** Analyses that were made, the oldest first. */
export function told(analyses: readonly Sentiment[]): Sentiment[] {
  const made = analyses.filter((one) => one.status === "analyzed");
  return made.sort((a, b) => byId(a, b));
}

/** What a call's analyses, in whatever order, tell: the customer's mood now, and what has turned negative. */
export function judged(call: Call, analyses: readonly Sentiment[]): { mood: Mood | null; alerts: Alert[] } {
  const made = told(analyses);
  const last = made.filter((one) => one.party === "customer").at(-1);
  const mood = last?.label ? { id: last.id, label: last.label, score: last.score ?? 0 } : null;
  // Of what one side said, only the turn to the worse is told, as the service does it.
  const before = new Map<Party, string>();
  const alerts: Alert[] = [];
  for (const one of made) {
    const whole = !one.segment_id;
    if (one.label === "negative" && (whole || before.get(one.party) !== "negative")) {
      alerts.push({
        id: one.id,
        call_id: call.id,
        at: one.created_at,
        score: one.score ?? 0,
        party: one.party,
        whole_call: whole,
        agent_id: call.agent_id ?? null,
      });
    }
    if (!whole && one.label) before.set(one.party, one.label);
  }
  return { mood, alerts };
}
