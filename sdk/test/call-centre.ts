// What happens in a call centre, by the API: as telephony and speech recognition would tell it.
import { type Client, createClient } from "../src/client/index.ts";
import { ADMIN } from "./service.ts";

type Party = "customer" | "agent";
type Label = "positive" | "neutral" | "negative" | "mixed";

/** One who makes calls, at the service at `url`. */
export class CallCentre {
  readonly client: Client;
  #number = 100;

  private constructor(client: Client) {
    this.client = client;
  }

  /** As the administrator. */
  static async at(url: string): Promise<CallCentre> {
    const client = createClient({ baseUrl: url });
    await client.login(ADMIN);
    return new CallCentre(client);
  }

  /** A new call in the queue; its id. */
  async queue(agent: string | null, direction: "inbound" | "outbound" = "inbound"): Promise<string> {
    const [customer, us] = [`+420601123${++this.#number}`, "+420222333444"];
    const [from, to] = direction === "inbound" ? [customer, us] : [us, customer];
    const body = { direction, from, to, agent_id: agent, language: "en" } as const;
    return (await this.client.POST("/calls", { body })).data.id;
  }

  /** A call that rings or, by default, in which people talk; its id. */
  async begin(agent: string, status: "ringing" | "in_progress" = "in_progress"): Promise<string> {
    const id = await this.queue(agent, status === "ringing" ? "outbound" : "inbound");
    await this.client.POST("/calls/{id}/start", { params: { path: { id } }, body: { status } });
    return id;
  }

  /** Somebody picks up. */
  async answer(id: string): Promise<void> {
    await this.client.POST("/calls/{id}/answer", { params: { path: { id } } });
  }

  /** People hang up. */
  async end(id: string, outcome = "resolved"): Promise<void> {
    await this.client.POST("/calls/{id}/end", { params: { path: { id } }, body: { outcome } });
  }

  /** Somebody says something, and where `mood` is given, in that mood. */
  async speak(
    id: string,
    sequence: number,
    party: Party,
    text: string,
    mood?: readonly [Label, number],
  ): Promise<void> {
    const path = { id };
    const starts_ms = sequence * 5000;
    const segment = { sequence, party, text, starts_ms, ends_ms: starts_ms + 4000, is_final: true };
    await this.client.POST("/calls/{id}/transcript/segments", {
      params: { path },
      body: { language: "en", segments: [segment] },
    });
    if (!mood) return;
    const [label, score] = mood;
    const body = { segment_sequence: sequence, label, score, method: "acme" };
    await this.client.POST("/calls/{id}/sentiment", { params: { path }, body });
  }

  /** A campaign that runs, with so many contacts of whom so many were reached; its id. */
  async campaign(name: string, contacts: number, reached: number): Promise<string> {
    const body = { name, from: "+420222333444", time_zone: "Europe/Prague" };
    const { id } = (await this.client.POST("/campaigns", { body })).data;
    const params = { path: { id } };
    for (let index = 0; index < contacts; index++) {
      const number = `+420602${String(100_000 + index)}`;
      await this.client.POST("/campaigns/{id}/contacts", { params, body: { number } });
    }
    await this.client.POST("/campaigns/{id}/start", { params });
    for (let index = 0; index < reached; index++) {
      const { contact } = (await this.client.POST("/campaigns/{id}/contacts/next", { params, body: {} }))
        .data;
      await this.client.POST("/campaigns/{id}/contacts/{contact_id}/result", {
        params: { path: { id, contact_id: contact?.id ?? "" } },
        body: { outcome: "reached" },
      });
    }
    return id;
  }
}
