import { pause } from "../../pause.ts";
import type { Message, Page, Reader } from "../client.ts";
import type { Call, Campaign, Stats } from "../model.ts";
import { asked, each, status, within } from "./asking.ts";
import type { Analyzed, Ended } from "./events.ts";
import {
  judged,
  type LiveState,
  nothing,
  underWay,
  withAlerts,
  withCall,
  withMood,
  withoutCalls,
} from "./state.ts";

/** How often counts are asked for, in milliseconds: what has no event of its own shows by them within a second. */
const LOOK = 500;
/** The longest time between two attempts while the connection is lost, in milliseconds. */
const LOOK_WHEN_LOST = 3000;
/** For how long a call that has ended stays on the screen, in milliseconds. */
const LINGER = 6000;
/** How long to wait for the stream before the lists are read without it, in milliseconds. */
const STREAM_WAIT = 2000;
/** How often the lists are read again though nothing asks for it, in milliseconds. */
const ANEW = 60_000;
/** How often campaigns are, in milliseconds: events tell of their ends alone. */
const CAMPAIGNS = 10_000;
/** How many calls of a state are read. */
const MOST = 100;
/** How many calls may be gone at once before it is not asked how each of them ended. */
const FEW = 10;
/** Of how many calls the moods are read at the begin: of those under way, and of those that ended lately. */
const MOODS = { live: 20, ended: 10, within: 30 * 60_000 };

/**
 * Knows what goes on, from a {@link Reader}: reads lists, follows the stream, and asks for counts so often that an answer
 * or a new call in the queue, which have no events, show within a second too. When the service goes away it keeps what
 * it knows, says since when, and reads all anew once the service is back.
 */
export class LiveStore {
  /** What is known now. */
  state: LiveState = nothing;
  /** Called when the service says that somebody has to log in again. */
  onRefused: (() => void) | null = null;
  /** Called with the id of each call that something is told of. */
  onHeard: ((callId: string) => void) | null = null;

  readonly #reader: Reader;
  readonly #listeners = new Set<(state: LiveState) => void>();
  #running: AbortController | null = null;
  #stream: AbortController | null = null;
  /** Counts reads of lists and calls, so that what was read later wins. */
  #turn = 0;
  readonly #read = new Map<string, number>();
  /** Calls that have ended, whatever a list that was on its way says of them. */
  readonly #ended = new Set<string>();
  #reading: Promise<void> | null = null;
  #readAgain = false;
  #mismatches = 0;
  /** Whether the lists were read since the connection is there, so that what came afterwards was heard. */
  #known = false;
  #lastRead = 0;
  #campaignsRead = 0;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  /** Calls back with each new state, until what is returned is called. */
  subscribe(listener: (state: LiveState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Begins, or begins anew: with another login, for example. What is known stays. */
  start(): void {
    this.stop();
    this.#running = new AbortController();
    void this.#look(this.#running.signal);
  }

  /** Ends all requests. What is known stays. */
  stop(): void {
    this.#running?.abort();
    this.#stream?.abort();
    this.#running = this.#stream = null;
    this.#reading = null;
    this.#known = false;
  }

  /** Ends, and forgets what is known: with a logout. */
  clear(): void {
    this.stop();
    this.#ended.clear();
    this.#read.clear();
    this.#set(nothing);
  }

  #set(state: LiveState): void {
    this.state = state;
    for (const listener of this.#listeners) listener(state);
  }

  /** Asks for counts again and again; their answers also tell whether the service is there. */
  async #look(running: AbortSignal): Promise<void> {
    let wait = LOOK;
    while (!running.aborted) {
      try {
        const stats = await this.#reader.stats(within(running));
        if (running.aborted) return;
        wait = LOOK;
        await this.#counted(stats, running);
      } catch (error) {
        if (running.aborted) return;
        wait = Math.min(LOOK_WHEN_LOST, wait * 1.5);
        if (this.#failed(error)) return;
        if (status(error) === 429) wait = Math.max(wait, asked(error));
      }
      await pause(wait * (0.9 + Math.random() / 5), running);
    }
  }

  async #counted(stats: Stats, running: AbortSignal): Promise<void> {
    const { state } = this.state.connection;
    this.#set({ ...this.state, stats, skew: Date.parse(stats.at) - Date.now() });
    if (!this.#known) {
      // What happens while the lists are read is heard already. Where no stream can be had, counts have to do.
      await Promise.race([this.#follow(running), pause(STREAM_WAIT, running)]);
      await this.#readAll(running);
      this.#known = true;
      this.#set({ ...this.state, connection: { state: "live", lost_since: null } });
      return;
    }
    if (state !== "live") this.#set({ ...this.state, connection: { state: "live", lost_since: null } });
    const fits = this.#fits(stats);
    this.#mismatches = fits ? 0 : this.#mismatches + 1;
    // Counts and lists may be of different moments: what goes on not fitting is read again ever more seldom.
    const due = !fits && (this.#mismatches <= 3 || this.#mismatches % 10 === 0);
    if (Date.now() - this.#campaignsRead > CAMPAIGNS) await this.#readCampaigns(running);
    if (due || Date.now() - this.#lastRead > ANEW) await this.#readCalls(running);
  }

  /** Whether the calls that are known are as many as there are. */
  #fits({ now }: Stats): boolean {
    const counts = { queued: 0, ringing: 0, in_progress: 0 };
    for (const { status } of this.state.calls.values()) {
      if (status === "queued" || status === "ringing" || status === "in_progress") counts[status] += 1;
    }
    const same = (state: keyof typeof counts) => counts[state] === Math.min(now[state], MOST);
    return same("queued") && same("ringing") && same("in_progress");
  }

  /** Takes note of a failure; true when it is of no use to go on. */
  #failed(error: unknown): boolean {
    const code = status(error);
    const { connection } = this.state;
    // Being asked to wait is no lost connection.
    if (code === 429 && connection.state !== "lost") {
      this.#set({ ...this.state, connection: { state: "slowed", lost_since: null } });
      return false;
    }
    if (code === 401) {
      this.stop();
      this.#set({ ...this.state, connection: nothing.connection });
      this.onRefused?.();
      return true;
    }
    if (connection.state !== "lost") {
      this.#set({ ...this.state, connection: { state: "lost", lost_since: new Date() } });
    }
    this.#known = false;
    this.#stream?.abort();
    return false;
  }

  async #readAll(running: AbortSignal): Promise<void> {
    await Promise.all([this.#readCalls(running), this.#readCampaigns(running)]);
    // Moods may come in behind.
    void this.#readMoods(running).catch(() => {});
  }

  /** Reads the calls under way; while that is being done, whoever asks gets one more reading afterwards. */
  #readCalls(running: AbortSignal): Promise<void> {
    if (this.#reading) {
      this.#readAgain = true;
      return this.#reading;
    }
    const reading = (async () => {
      do {
        this.#readAgain = false;
        await this.#readCallsOnce(running);
      } while (this.#readAgain && !running.aborted);
    })().finally(() => {
      if (this.#reading === reading) this.#reading = null;
    });
    this.#reading = reading;
    return reading;
  }

  async #readCallsOnce(running: AbortSignal): Promise<void> {
    const turn = ++this.#turn;
    const states = ["queued", "ringing", "in_progress"] as const;
    const pages = await Promise.all(
      states.map((state) => this.#reader.calls({ status: state, limit: MOST }, within(running))),
    );
    if (running.aborted) return;
    this.#lastRead = Date.now();
    const listed = pages.flatMap((page) => page.items).filter((call) => !this.#ended.has(call.id));
    const ids = new Set(listed.map((call) => call.id));
    const gone = [...this.state.calls.values()]
      .filter((call) => underWay(call) && !ids.has(call.id) && (this.#read.get(call.id) ?? 0) <= turn)
      .map((call) => call.id);
    // How a few of them ended is asked for, since the lists may be ahead of the stream; many went with an outage.
    const few = gone.length <= FEW ? gone.splice(0) : [];
    for (const id of few) void this.#gone(id, running);
    let state = withoutCalls(this.state, gone);
    for (const call of listed) state = withCall(state, call);
    for (const id of gone) this.#read.delete(id);
    this.#set({ ...state, truncated: pages.some((page) => page.next_cursor) });
  }

  async #readCampaigns(running: AbortSignal): Promise<void> {
    this.#campaignsRead = Date.now();
    const pages: Page<Campaign>[] = await Promise.all(
      (["running", "paused"] as const).map((state) => this.#reader.campaigns(state, within(running))),
    );
    if (!running.aborted) this.#set({ ...this.state, campaigns: pages.flatMap((page) => page.items) });
  }

  /** What events told before this began: moods of calls under way, and alerts of those that ended lately. */
  async #readMoods(running: AbortSignal): Promise<void> {
    const since = new Date(Date.now() - MOODS.within).toISOString();
    const ended = await this.#reader.calls({ sort: "-ended_at", since, limit: MOODS.ended }, within(running));
    const live = [...this.state.calls.values()].filter((call) => call.status === "in_progress");
    await each(4, [...live.slice(0, MOODS.live), ...ended.items], async (call: Call) => {
      const { items } = await this.#reader.sentiments(call.id, within(running));
      if (running.aborted) return;
      const { mood, alerts } = judged(call, items);
      let state = withAlerts(this.state, alerts);
      if (mood && state.calls.has(call.id)) state = withMood(state, call.id, mood);
      this.#set(state);
    });
  }

  /** Follows the stream until the connection is lost; resolves once it is open. */
  #follow(running: AbortSignal): Promise<void> {
    this.#stream?.abort();
    const stream = new AbortController();
    this.#stream = stream;
    const signal = AbortSignal.any([running, stream.signal]);
    return new Promise((resolve) => {
      let opened = false;
      const onOpen = () => {
        // Whatever happened between two connections is read by this.
        if (opened) void this.#readAll(running).catch(() => {});
        opened = true;
        resolve();
      };
      void this.#hear(signal, onOpen);
    });
  }

  async #hear(signal: AbortSignal, onOpen: () => void): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const message of this.#reader.follow(signal, onOpen)) this.#heard(message, signal);
      } catch (error) {
        if (signal.aborted || (status(error) === 401 && this.#failed(error))) return;
      }
      await pause(LOOK, signal);
    }
  }

  #heard(message: Message, running: AbortSignal): void {
    if (message.kind === "reset") {
      void this.#readAll(running).catch(() => {});
      return;
    }
    const { call_id } = message.data as { call_id?: string };
    if (call_id) this.onHeard?.(call_id);
    if (message.type === "call.started") {
      void this.#began(call_id ?? "", running);
    } else if (message.type === "call.ended") {
      this.#over(message.data as Ended, running);
    } else if (message.type === "sentiment.analyzed") {
      this.#judge(message.timestamp, message.data as Analyzed);
    } else if (message.type === "campaign.completed") {
      void this.#readCampaigns(running).catch(() => {});
    }
  }

  async #began(id: string, running: AbortSignal): Promise<void> {
    if (this.#reading) this.#readAgain = true;
    try {
      const turn = ++this.#turn;
      const call = await this.#reader.call(id, within(running));
      if (running.aborted || this.#ended.has(id) || !underWay(call)) return;
      this.#read.set(id, turn);
      this.#set(withCall(this.state, call));
    } catch {
      // The counts tell that a call is missing, and the lists are read.
    }
  }

  async #gone(id: string, running: AbortSignal): Promise<void> {
    try {
      const call = await this.#reader.call(id, within(running));
      if (!running.aborted && !underWay(call)) this.#leave(call, running);
    } catch (error) {
      // It was erased, or is asked for with the next lists.
      if (status(error) === 404) this.#set(withoutCalls(this.state, [id]));
    }
  }

  #over(ended: Ended, running: AbortSignal): void {
    const {
      call_id: id,
      status,
      outcome,
      duration,
      talk_seconds,
      ended_at,
      resource_version: version,
    } = ended;
    const known = this.state.calls.get(id);
    if (!known) this.#ended.add(id);
    else this.#leave({ ...known, status, outcome, duration, talk_seconds, ended_at, version }, running);
  }

  /** Shows for a moment how a call ended, which is told by the stream and found by the lists. */
  #leave(call: Call, running: AbortSignal): void {
    if (this.#ended.has(call.id)) return;
    this.#ended.add(call.id);
    if (this.#ended.size > 1000) this.#ended.delete([...this.#ended][0] as string);
    this.#set({ ...this.state, calls: new Map(this.state.calls).set(call.id, call) });
    void pause(LINGER, running).then(() => {
      this.#read.delete(call.id);
      this.#set(withoutCalls(this.state, [call.id]));
    });
    if (call.campaign_id) void this.#readCampaigns(running).catch(() => {});
  }

  #judge(at: string, told: Analyzed): void {
    let state = this.state;
    const call = state.calls.get(told.call_id);
    if (told.party === "customer" && call) {
      state = withMood(state, told.call_id, { id: told.sentiment_id, label: told.label, score: told.score });
    }
    if (told.alert) {
      state = withAlerts(state, [
        {
          id: told.sentiment_id,
          call_id: told.call_id,
          at,
          score: told.score,
          party: told.party,
          whole_call: told.segment_id === null,
          agent_id: call?.agent_id ?? null,
        },
      ]);
    }
    this.#set(state);
  }
}
