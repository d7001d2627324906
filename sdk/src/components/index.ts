/**
 * Custom elements that show what goes on in a call centre, and the store that they are fed from. Importing this registers
 * the elements. They take data as properties, so any source of it will do; `LiveStore` over a `Reader` is the one that
 * comes with them.
 *
 * ```ts
 * import { createClient } from "@ocelot-apps/cc-lite";
 * import { fromClient, LiveStore, unhappy } from "@ocelot-apps/cc-lite/components";
 *
 * const store = new LiveStore(fromClient(createClient({ baseUrl: "https://voice.example.com" })));
 * const list = document.querySelector("cc-lite-live-calls");
 * store.subscribe(({ calls, moods }) => Object.assign(list, { calls: [...calls.values()], moods }));
 * store.start();
 * ```
 *
 * @module
 */
export type { AgentNames } from "./agents.ts";
export { CcLiteAlerts } from "./alerts.ts";
export { CcLiteCall } from "./call-detail.ts";
export { CcLiteCampaigns } from "./campaigns.ts";
export type { CallsQuery, Message, Page, Reader } from "./client.ts";
export { CcLiteConnection } from "./connection.ts";
export { CcLiteFigures } from "./figures.ts";
export { fromClient } from "./from-client.ts";
export { CcLiteLanguage } from "./language-switch.ts";
export { CcLiteLiveCalls, type OpenCallEvent } from "./live-calls.ts";
export {
  clock,
  LANGUAGES,
  type Language,
  language,
  number,
  onLanguage,
  percent,
  preferred,
  put,
  setLanguage,
  time,
} from "./locale/index.ts";
export type * from "./model.ts";
export { CcLiteMoodChart } from "./mood-chart.ts";
export { type CallState, CallStore } from "./store/call-store.ts";
export { LiveStore } from "./store/live-store.ts";
export { type LiveState, underWay, unhappy } from "./store/state.ts";
