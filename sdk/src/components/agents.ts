import { say } from "./locale/index.ts";

/** What people call agents, by `agent_id`. */
export type AgentNames = ReadonlyMap<string, string>;

/** The end of an id that nobody can remember, in place of it. */
const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{6}([\da-f]{6})$/;

/** What to call whoever handles a call: their name where it is known, else their id, of a UUID the end alone. */
export function agentName(
  id: string | null | undefined,
  names: AgentNames,
  nobody = say("no_agent"),
): string {
  if (!id) return nobody;
  return names.get(id) ?? id.replace(UUID, "…$1");
}
