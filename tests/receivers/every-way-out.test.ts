import { createClient } from "@weft/sdk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RunningWeft } from "../../packages/server/src/api/fixtures/running-weft.ts";
import { forwardingSender, forwardTo } from "../../packages/server/src/cli/listening/forward.ts";
import { Listening } from "../../packages/server/src/cli/listening/listening.ts";
import { until } from "../../packages/server/src/delivery/fixtures/manual-clock.ts";
import { eventCatalogue } from "../../packages/server/src/domain/event-catalogue.ts";
import { limits } from "../../packages/server/src/domain/limits.ts";
import { TestDatabases } from "../../packages/server/src/store/postgres/fixtures/test-databases.ts";
import { BehavingReceiver } from "./behaving-receiver.ts";
import { type Behaviour, behaviours, type Expected } from "./behaviours.ts";

const timeoutSeconds = 8;
const settings = {
  // No retry happens while a test runs.
  WEFT_RETRY_SCHEDULE: "1h",
  WEFT_ATTEMPT_TIMEOUT: `${timeoutSeconds}s`,
  WEFT_VERIFY_ENDPOINTS: "false",
};
const subscriptions = "/webhooks/subscriptions";

interface ShownAttempt {
  readonly status: string;
  readonly response_status_code: number;
  readonly response: string | null;
  readonly error: string | null;
}

/** A Weft, with a receiver for each behaviour and for each way of sending, until the tests of a block are over. */
function useWeft<Way extends string>(ways: readonly Way[], env: () => Promise<Record<string, string>>) {
  const used = { receivers: new Map<Way, BehavingReceiver[]>() } as {
    weft: RunningWeft;
    receivers: Map<Way, BehavingReceiver[]>;
  };
  beforeAll(async () => {
    used.weft = await RunningWeft.start({ ...settings, ...(await env()) });
    for (const way of ways) used.receivers.set(way, await Promise.all(behaviours.map(BehavingReceiver.start)));
  });
  afterAll(async () => {
    await used.weft[Symbol.asyncDispose]();
    await Promise.all([...used.receivers.values()].flat().map((receiver) => receiver[Symbol.asyncDispose]()));
  });
  return { used, receiversOf: (way: Way) => used.receivers.get(way) ?? [] };
}

async function publish(weft: RunningWeft, eventType: string): Promise<void> {
  const payload = eventCatalogue.find(({ name }) => name === eventType)?.example;
  expect((await weft.post("/events", { event_type: eventType, payload })).status).toBe(200);
}

async function subscribe(weft: RunningWeft, body: Record<string, unknown>): Promise<string> {
  const { status, body: subscription } = await weft.post(subscriptions, { event_types: ["sync.completed"], ...body });
  expect(status).toBe(200);
  return subscription.id;
}

function attemptsOnRecord(weft: RunningWeft, subscriptionId: string): Promise<ShownAttempt[]> {
  return until("an attempt is on record", async () => {
    const { body } = await weft.get(`${subscriptions}/${subscriptionId}/attempts`);
    const made = (body as ShownAttempt[]).filter(({ status }) => status !== "pending");
    return made.length > 0 && made;
  });
}

/** The content of a record, in the words of the table. */
function outcomeOf({ status, response_status_code: code, response, error }: ShownAttempt) {
  const word = error === null ? null : error.slice(0, error.indexOf(":"));
  return { succeeded: status === "success", code, body: response, word };
}

function recordOf(expected: Expected) {
  if ("reason" in expected) return { succeeded: false, code: 0, body: null, word: expected.reason };
  const { status, body = expect.any(String), note } = expected;
  return { succeeded: status >= 200 && status < 300, code: status, body, word: note };
}

interface Result {
  readonly outcomes: readonly ReturnType<typeof outcomeOf>[];
  readonly requests: number;
}

/** Each behaviour has its outcome in one attempt, which is the receiver's only request. */
function expectOneAttemptEach(results: ReadonlyMap<Behaviour, Result>): void {
  const expectedOutcomes = behaviours.map(({ name, expected }) => [
    name,
    { outcomes: [recordOf(expected)], requests: 1 },
  ]);
  const got = [...results].map(([{ name }, result]) => [name, result]);
  expect(Object.fromEntries(got)).toEqual(Object.fromEntries(expectedOutcomes));
}

async function resultsOf(
  weft: RunningWeft,
  receivers: readonly BehavingReceiver[],
  ids: readonly string[],
): Promise<Map<Behaviour, Result>> {
  const results = receivers.map(async ({ behaviour, requests }, index) => {
    const attempts = await attemptsOnRecord(weft, ids[index] ?? "");
    return [behaviour, { outcomes: attempts.map(outcomeOf), requests: requests.length }] as const;
  });
  return new Map(await Promise.all(results));
}

async function subscribeAll(
  weft: RunningWeft,
  receivers: readonly BehavingReceiver[],
  target: Record<string, unknown>,
): Promise<string[]> {
  const ids: string[] = [];
  for (const { origin } of receivers) ids.push(await subscribe(weft, { url: `${origin}/hook`, ...target }));
  return ids;
}

describe("over SQLite", () => {
  const kinds = ["endpoint", "slack", "discord", "pagerduty"] as const;
  const targets = {
    endpoint: { event_types: ["sync.completed"] },
    slack: { event_types: ["sync.failed"], destination: "slack" },
    discord: { event_types: ["sync.running"], destination: "discord" },
    pagerduty: {
      event_types: ["sync.pending"],
      destination: "pagerduty",
      routing_key: "R0UT1NGKEY0123456789abcdef012345",
    },
  };
  const { used, receiversOf } = useWeft([...kinds, "test", "listen"], async () => ({}));

  test.each(kinds)("a delivery to a target of kind %s has the outcome of the table, in one request", async (kind) => {
    const ids = await subscribeAll(used.weft, receiversOf(kind), targets[kind]);
    await publish(used.weft, targets[kind].event_types[0] ?? "");
    expectOneAttemptEach(await resultsOf(used.weft, receiversOf(kind), ids));
  });

  test("a test event has the outcome of the table, in one request", async () => {
    const receivers = receiversOf("test");
    const own = await subscribeAll(used.weft, receivers, { event_types: ["collection.deleted"] });
    const body = { event_type: "sync.completed" };
    const sent = await Promise.all(own.map((id) => used.weft.post(`${subscriptions}/${id}/test`, body)));
    expect(sent.map((response) => outcomeOf(response.body))).toEqual(
      behaviours.map(({ expected }) => recordOf(expected)),
    );
    expectOneAttemptEach(await resultsOf(used.weft, receivers, own));
  });

  test("a delivery that `weft listen` forwards has the outcome of the table, in one request", async () => {
    const client = createClient({ url: used.weft.url });
    await using sender = forwardingSender(timeoutSeconds * 1_000);
    const results = new Map<Behaviour, Result>();
    const receivers = receiversOf("listen");
    const listeners: string[] = [];
    for (const [index] of behaviours.entries()) {
      const expectedOutcomes = { name: `behaviour-${index}`, event_types: ["collection.created"] };
      listeners.push((await client.webhooks.startListener(expectedOutcomes)).id);
    }
    await publish(used.weft, "collection.created");
    for (let from = 0; from < receivers.length; from += limits.listenersPerOrganizationMax) {
      const some = receivers.slice(from, from + limits.listenersPerOrganizationMax);
      const own = listeners.slice(from, from + limits.listenersPerOrganizationMax);
      const listenings = some.map(({ origin }, index) => {
        const forward = forwardTo(new URL(`${origin}/hook`), sender);
        const deaf = { onSeen: () => {}, onConnection: () => {} };
        return new Listening({ client, listenerId: own[index] ?? "", forward, concurrency: 1, ...deaf });
      });
      const runs = listenings.map((listening) => listening.run());
      for (const [behaviour, result] of await resultsOf(used.weft, some, own)) results.set(behaviour, result);
      await Promise.all(listenings.map((listening) => listening.stop()));
      await Promise.all(runs);
    }
    expectOneAttemptEach(results);
  });
});

describe("over PostgreSQL", () => {
  let databases: TestDatabases;
  beforeAll(async () => {
    databases = new TestDatabases();
  });
  afterAll(() => databases[Symbol.asyncDispose]());
  const { used, receiversOf } = useWeft(["endpoint"], async () => ({
    WEFT_DATABASE_URL: await databases.fresh(),
    WEFT_MASTER_KEY: Buffer.alloc(32, 7).toString("base64"),
  }));

  test("a delivery has the outcome of the table, in one request", async () => {
    const ids = await subscribeAll(used.weft, receiversOf("endpoint"), {});
    await publish(used.weft, "sync.completed");
    expectOneAttemptEach(await resultsOf(used.weft, receiversOf("endpoint"), ids));
  });
});

describe("with checks of endpoints", () => {
  const { used, receiversOf } = useWeft(["endpoint"], async () => ({ WEFT_VERIFY_ENDPOINTS: "true" }));

  test("every endpoint that sends a status line and headers is accepted, after one request", async () => {
    const checked = receiversOf("endpoint").map(async ({ behaviour, origin, requests }) => {
      const expectedOutcomes = { url: `${origin}/hook`, event_types: ["sync.completed"] };
      const { status } = await used.weft.post(subscriptions, expectedOutcomes);
      return [behaviour.name, { isAccepted: status === 200, requests: [...requests] }];
    });
    // The response to HEAD has no body that could be late.
    const isReachable = ({ name, expected }: Behaviour) =>
      "status" in expected || name === "sends a body slowly and without end";
    const expected = behaviours.map((behaviour) => [
      behaviour.name,
      { isAccepted: isReachable(behaviour), requests: ["HEAD /hook HTTP/1.1"] },
    ]);
    expect(Object.fromEntries(await Promise.all(checked))).toEqual(Object.fromEntries(expected));
  });
});
