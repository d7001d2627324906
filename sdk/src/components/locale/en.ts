/**
 * The English words. Where a number decides on them there is an entry for each plural form that English has (CLDR);
 * `{name}` is what a component puts in.
 */
export const en = {
  // Figures
  talking: "Talking",
  waiting: "Waiting",
  unhappy: "Unhappy",
  longest_waiting: "longest {time}",
  nobody_waits: "nobody waits",
  unhappy_calls: { one: "{n} call to look at", other: "{n} calls to look at" },
  all_calm: "all calm",
  on_calls: { one: "{n} call", other: "{n} calls" },
  last_hour: "Last hour",
  ended_calls: { one: "{n} call ended", other: "{n} calls ended" },
  answered_rate: "{rate} answered",
  talk_average: "{time} of talk on average",

  // Live calls
  live_calls: "Calls now",
  find_call: "Find an agent or a number",
  no_calls: "No calls at the moment.",
  no_calls_found: "No call fits what you look for.",
  first_shown: { one: "Only the newest call is shown.", other: "Only the newest {n} calls are shown." },
  no_agent: "No agent yet",
  inbound: "from",
  outbound: "to",
  now: "now",

  // States of calls
  queued: "Queued",
  ringing: "Ringing",
  in_progress: "Talking",
  completed: "Completed",
  failed: "Failed",
  no_answer: "No answer",
  busy: "Busy",
  rejected: "Rejected",
  canceled: "Canceled",

  // Moods and who has them
  positive: "Positive",
  neutral: "Neutral",
  mixed: "Mixed",
  negative: "Negative",
  customer: "Customer",
  agent: "Agent",
  system: "System",

  // A call
  began: "Began",
  lasted: "Lasted",
  from: "From",
  to: "To",
  language: "Language",
  outcome: "Outcome",
  mood_over_time: "Mood over the call",
  mood_summary: {
    one: "{n} analysis; the last one is {label}.",
    other: "{n} analyses; the last one is {label}.",
  },
  no_moods: "Nobody has told a mood of this call yet.",
  as_table: "As a table",
  time: "Time",
  who: "Who",
  mood: "Mood",
  score: "Score",
  transcript: "Transcript",
  no_transcript: "Nothing has been written down yet.",
  partial: "still being recognised",
  loading: "Loading…",

  // Campaigns
  campaigns: "Campaigns",
  no_campaigns: "No campaign is running.",
  contacts_done: { one: "{done} of {n} contact done", other: "{done} of {n} contacts done" },
  reached: "reached",
  on_their_way: "on their way",
  not_reached: "not reached",
  skipped: "left out",
  pending: "to be called",
  paused: "Paused",

  // Alerts
  alerts: "Alerts",
  no_alerts: "No alerts. Calls that turn negative show up here.",
  alert_call: "{agent}: the whole call was negative",
  alert_segment: "{agent}: the {party} is unhappy",
  customer_inline: "customer",
  agent_inline: "agent",
  somebody: "A call",

  // Connection
  lost_since: "Connection lost since {time}. You see how it was then; trying again by itself.",
  slowed: "The service asks for fewer requests, so what you see may be behind. It goes on by itself.",

  // Language
  choose_language: "Language",
} as const satisfies Catalogue;

/** A sentence, or one for each plural form. */
export type Words =
  | string
  | ({ readonly other: string } & { readonly [form in Intl.LDMLPluralRule]?: string });

/** Words by what they are for. */
export type Catalogue = { readonly [key: string]: Words };

/** What there are words for. */
export type Key = keyof typeof en;
