import { createClient } from "@weft/sdk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { forwardingSender, forwardTo } from "../../packages/server/src/cli/listening/forward.ts";
import { Listening } from "../../packages/server/src/cli/listening/listening.ts";
import { limits } from "../../packages/server/src/domain/limits.ts";
import { TestDatabases } from "../../packages/server/src/store/postgres/fixtures/test-databases.ts";
import { type Behaviour, behaviours } from "./behaviours.ts";
import {
  expectOneAttemptEach,
  outcomeOf,
  publish,
  type Result,
  recordOf,
  resultsOf,
  subscribeAll,
  subscriptions,
  timeoutSeconds,
  useWeft,
} from "./sent-behaviours.ts";

describe("over SQLite", () => {
  const kinds = ["slack", "discord", "pagerduty"] as const;
  const targets = {
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
