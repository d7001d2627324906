// What the components know and say, apart from how they look: no browser is needed for it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "../src/client/index.ts";
import { agentName } from "../src/components/agents.ts";
import { fromClient } from "../src/components/from-client.ts";
import { cs } from "../src/components/locale/cs.ts";
import { en, type Words } from "../src/components/locale/en.ts";
import {
  ago,
  clock,
  minutes,
  number,
  percent,
  preferred,
  put,
  say,
  setLanguage,
} from "../src/components/locale/index.ts";
import type { Call, MoodLabel, Party, Sentiment } from "../src/components/model.ts";
import { grouped, masked } from "../src/components/numbers.ts";
import { LiveStore } from "../src/components/store/live-store.ts";
import { judged, nothing, withAlerts, withCall } from "../src/components/store/state.ts";
import { CallCentre } from "./call-centre.ts";
import { Gateway } from "./gateway.ts";
import { ADMIN, Service } from "./service.ts";
import { eventually } from "./wait.ts";

test("each sentence has every plural form of its language, and both languages put in the same things", () => {
  const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
  const forms = (words: Words) => (typeof words === "string" ? [words] : Object.values(words));
  // Of whole numbers, which are all that is counted; fractions have a form of their own in Czech.
  const needed = (language: string) =>
    [...new Set(Array.from({ length: 200 }, (_, n) => new Intl.PluralRules(language).select(n)))].sort();
  for (const [key, english] of Object.entries<Words>(en)) {
    const czech = cs[key as keyof typeof en];
    for (const [language, words] of [
      ["en", english],
      ["cs", czech],
    ] as const) {
      if (typeof words !== "string") assert.deepEqual(Object.keys(words).sort(), needed(language), key);
    }
    assert.equal(typeof czech, typeof english, `${key} needs plural forms in both languages or in none`);
    const wanted = placeholders(forms(english).at(-1) ?? "");
    // "Only the newest call is shown." names no number, and has no need to.
    for (const form of forms(czech)) {
      for (const name of placeholders(form)) assert.ok(wanted.includes(name), `${key}: {${name}} in ${form}`);
    }
    assert.deepEqual(placeholders(forms(czech).at(-1) ?? ""), wanted, key);
  }
});

test("numbers decide on words as Czech and English have it", () => {
  setLanguage("cs");
  const calls = [0, 1, 2, 4, 5, 21].map((n) => say("on_calls", { n }));
  assert.deepEqual(calls, ["0 hovorů", "1 hovor", "2 hovory", "4 hovory", "5 hovorů", "21 hovorů"]);
  assert.deepEqual([number(12345.678), percent(0.256)], ["12\u00a0345,68", "26\u00a0%"]);
  assert.deepEqual([ago(1), ago(4), minutes(5)], ["před 1 minutou", "před 4 minutami", "5 min"]);
  setLanguage("en");
  assert.deepEqual([say("on_calls", { n: 1 }), say("on_calls", { n: 2 })], ["1 call", "2 calls"]);
  assert.equal(put("{who} of {n}", { who: "Ada", n: 1200 }), "Ada of 1,200");
  assert.deepEqual(
    [preferred(["de", "cs-CZ"]), preferred(["de"]), preferred(["en-GB", "cs"])],
    ["cs", "en", "en"],
  );
  assert.deepEqual(
    [clock(0), clock(59.9), clock(61), clock(3723), clock(-5)],
    ["0:00", "0:59", "1:01", "1:02:03", "0:00"],
  );
});

test("of a number the last digits are shown where many see it, and groups of three where one asked for it", () => {
  assert.deepEqual([masked("+420601123456"), masked("erased")], ["··· 456", "erased"]);
  assert.deepEqual(
    [grouped("+420601123456"), grouped("erased")],
    ["+420\u00a0601\u00a0123\u00a0456", "erased"],
  );
});

test("agents have their names where they are known, and of ids nobody can read the end", () => {
  const id = "01a2235c-7bce-71a5-a2b4-7e60d6821abb";
  const names = new Map([[id, "Ada"]]);
  const called = [
    agentName(id, names),
    agentName(id, new Map()),
    agentName("eva.mala", names),
    agentName(null, names),
  ];
  assert.deepEqual(called, ["Ada", "…821abb", "eva.mala", "No agent yet"]);
});

function call(id: string, version = 1): Call {
  const from = "+420601123456";
  const created_at = "2026-02-02T02:40:00Z";
  return {
    id,
    version,
    status: "in_progress",
    direction: "inbound",
    from,
    to: from,
    agent_id: "eva",
    created_at,
  };
}

function mood(minute: number, label: MoodLabel, party: Party, segment: number | null): Sentiment {
  const created_at = `2026-02-02T02:${minute}:00Z`;
  const segment_id = segment === null ? null : `segment-${segment}`;
  return {
    id: `${minute}`,
    status: "analyzed",
    party,
    label,
    score: -0.5,
    segment_id,
    segment_sequence: segment,
    created_at,
  };
}

test("only a turn to the worse is an alert, and the customer's newest mood is that of the call", () => {
  const told = [
    mood(45, "negative", "customer", null),
    mood(40, "neutral", "customer", 1),
    mood(41, "negative", "customer", 2),
    mood(42, "negative", "customer", 3),
    mood(43, "negative", "agent", 4),
    mood(44, "positive", "customer", 5),
  ];
  const { mood: now, alerts } = judged(call("a"), told);
  assert.deepEqual(
    alerts.map(({ id, party, whole_call }) => [id, party, whole_call]),
    [
      ["41", "customer", false],
      ["43", "agent", false],
      ["45", "customer", true],
    ],
  );
  assert.equal(now?.label, "negative");
  assert.equal(judged(call("a"), told.slice(1)).mood?.label, "positive");
});

test("an older answer that comes late takes nothing back, and an alert that comes twice stands there once", () => {
  const newer = withCall(nothing, call("a", 3));
  assert.equal(withCall(newer, call("a", 2)), newer);
  const { alerts } = judged(call("a"), [mood(41, "negative", "customer", 2)]);
  const state = withAlerts(withAlerts(nothing, alerts), alerts);
  assert.deepEqual(
    state.alerts.map((alert) => alert.id),
    ["41"],
  );
  const many = Array.from({ length: 40 }, (_, index) => mood(10 + index, "negative", "customer", null));
  const kept = withAlerts(nothing, judged(call("a"), many).alerts).alerts.map((alert) => alert.id);
  assert.deepEqual([kept.length, kept[0], kept.at(-1)], [30, "49", "20"]);
});

test("a store that lost its connection knows afterwards what happened meanwhile, moods and ends among it", async () => {
  await using service = await Service.start();
  await using gateway = await Gateway.start(service.url);
  const centre = await CallCentre.at(service.url);
  const [goes, stays] = [await centre.begin("eva"), await centre.begin("petr")];
  const client = createClient({ baseUrl: gateway.url, retry: { attempts: 1 } });
  await client.login(ADMIN);
  const store = new LiveStore(fromClient(client));
  try {
    store.start();
    const known = () => [...store.state.calls.keys()].sort();
    await eventually("both calls", () => store.state.connection.state === "live" && known().length === 2);
    await service.stop();
    await eventually("the loss", () => store.state.connection.lost_since);
    assert.deepEqual(known(), [goes, stays].sort());
    await service.resume();
    const again = await CallCentre.at(service.url);
    await again.end(goes);
    await again.speak(stays, 1, "customer", "Still nobody.", ["negative", -0.6]);
    await eventually(
      "what is now",
      () => store.state.connection.state === "live" && known().join() === stays,
    );
    await eventually("the mood", () => store.state.moods.get(stays)?.label === "negative");
    assert.deepEqual(
      store.state.alerts.map((alert) => [alert.call_id, alert.agent_id]),
      [[stays, "petr"]],
    );
  } finally {
    store.stop();
  }
});
