import { expect, test } from "vitest";
import { until } from "../../packages/server/src/delivery/fixtures/manual-clock.ts";
import { Receiver } from "../../packages/server/src/delivery/fixtures/receiver.ts";
import type { MessageId, OrganizationId } from "../../packages/server/src/domain/id.ts";
import { PostgresServer } from "../../packages/server/src/store/postgres/fixtures/postgres-server.ts";
import { PublishingApplication } from "../../packages/server/src/store/postgres/fixtures/publishing-application.ts";
import { Nodes } from "./nodes.ts";
import { reconcile } from "./reconciliation.ts";

const event = {
  organizationId: "00000000-0000-7000-8000-000000000001" as OrganizationId,
  eventType: "collection.updated",
  payload:
    '{"event_type":"collection.updated","collection_id":"7","collection_name":"Sales","collection_readable_id":"sales",' +
    '"timestamp":"2026-01-15T14:30:00.123Z"}',
  eventId: null,
};

/** Commits one event after the other until it is stopped, through any state of the database. */
async function publishUntil(signal: AbortSignal, url: string, committed: Set<MessageId>): Promise<void> {
  while (!signal.aborted) {
    try {
      await using application = await PublishingApplication.connect(url);
      while (!signal.aborted) for (const id of await application.publish([event], "commit")) committed.add(id);
    } catch {
      // The database is unavailable: a commit without a response was not promised.
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

test("events that were committed with their changes survive crashes of nodes and of the database, and are accepted once", async () => {
  await using postgres = await PostgresServer.start({ isDurable: true });
  await using receiver = await Receiver.start();
  const url = postgres.url(await postgres.database());
  await using nodes = new Nodes(url);
  await nodes.startMany(2);
  await nodes.subscribe(receiver.url(), ["collection.*"]);
  const committed = new Set<MessageId>();
  const stopping = new AbortController();
  const publishing = Promise.all(Array.from({ length: 4 }, () => publishUntil(stopping.signal, url, committed)));
  const moves = async () => {
    const before = committed.size;
    await until("something is committed", () => committed.size > before + 50);
  };
  await moves();
  await nodes.killOne();
  await moves();
  await postgres.down("immediate");
  await postgres.up();
  await moves();
  expect(await nodes.stopAll()).toEqual([0]);
  // Events that are committed now wait until a node starts.
  await moves();
  stopping.abort();
  await publishing;
  await nodes.start();
  expect(nodes.deaths).toEqual([]);
  const { lost, notStored, pending } = await reconcile(committed, receiver, nodes.api);
  expect({ lost, notStored, pending }).toEqual({ lost: [], notStored: [], pending: 0 });
});
