import type { Client } from "../client/index.ts";
import type { Message, Reader } from "./client.ts";
import type { Transcript } from "./model.ts";
import { status } from "./store/asking.ts";

/** Reads by this package's client. It keeps nothing but the transcript that was read last, in memory. */
export function fromClient(client: Pick<Client, "GET" | "stream">): Reader {
  let last: { call: string; tag: string; transcript: Transcript } | null = null;
  // What people said belongs into no cache of the browser.
  const asked = (signal: AbortSignal) => ({ signal, cache: "no-store" }) as const;
  return {
    async stats(signal) {
      return (await client.GET("/stats", asked(signal))).data;
    },
    async calls(query, signal) {
      return (await client.GET("/calls", { params: { query }, ...asked(signal) })).data;
    },
    async call(id, signal) {
      return (await client.GET("/calls/{id}", { params: { path: { id } }, ...asked(signal) })).data;
    },
    async campaigns(state, signal) {
      const query = { status: state, limit: 100 };
      return (await client.GET("/campaigns", { params: { query }, ...asked(signal) })).data;
    },
    async transcript(id, signal) {
      const known = last?.call === id ? last : null;
      const headers = known ? { "if-none-match": known.tag } : {};
      try {
        const params = { path: { id }, query: { format: "json" } } as const;
        const answer = await client.GET("/calls/{id}/transcript", { params, headers, ...asked(signal) });
        const transcript = answer.data as Transcript;
        const tag = answer.response.headers.get("etag");
        last = tag ? { call: id, tag, transcript } : null;
        return transcript;
      } catch (error) {
        const code = status(error);
        if (code === 304 && known) return known.transcript;
        if (code === 404) return null;
        throw error;
      }
    },
    async sentiments(id, signal) {
      const params = { path: { id }, query: { limit: 100 } };
      return (await client.GET("/calls/{id}/sentiment", { params, ...asked(signal) })).data;
    },
    async *follow(signal, opened): AsyncGenerator<Message, void, undefined> {
      const onConnection = ({ state }: { state: string }) => state === "open" && opened();
      for await (const message of client.stream({ signal, onConnection })) {
        if (message.kind === "reset") yield { kind: "reset" };
        else {
          const { type, timestamp, data } = message.event;
          yield { kind: "event", type, timestamp, data };
        }
      }
    },
  };
}
