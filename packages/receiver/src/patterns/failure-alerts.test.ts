import { expect, test } from "vitest";
import type { ReceivedEvent } from "../received-event.ts";
import { type AlertChannel, FailureAlerts } from "./failure-alerts.ts";
import { memoryState } from "./state-store.ts";

const noon = Date.UTC(2026, 0, 15, 12);

function ended(type: "sync.failed" | "sync.completed", minute: number, source = "github"): ReceivedEvent {
  return {
    event_type: type,
    source_type: source,
    source_connection_id: `${source}-1`,
    collection_readable_id: "engineering",
    collection_name: "Engineering",
    error: type === "sync.failed" ? "The token was revoked." : null,
    timestamp: new Date(noon + minute * 60_000).toISOString(),
  } as ReceivedEvent;
}

/** A channel that records its alerts, and refuses as many as it is set to. */
function channel(name: string) {
  const sent: string[] = [];
  const refusals = { left: 0 };
  function send(text: string): Promise<void> {
    if (refusals.left-- > 0) return Promise.reject(new Error(`${name} is away`));
    sent.push(text);
    return Promise.resolve();
  }
  const made: AlertChannel = {
    name,
    failed: ({ key, error }) => send(`${key} failed: ${error}`),
    recovered: ({ key }, at) => send(`${key} recovered ${at.slice(11, 16)}`),
  };
  return { sent, refusals, made };
}

test("an alert is sent once when a source fails and once when it syncs again", async () => {
  const { sent, made } = channel("a");
  const { handle } = new FailureAlerts({ channels: [made] });
  for (const event of [
    ended("sync.completed", 0),
    ended("sync.failed", 1),
    ended("sync.failed", 2),
    ended("sync.failed", 2),
    ended("sync.completed", 3),
    ended("sync.completed", 4),
    ended("sync.failed", 5),
  ])
    await handle(event);
  expect(sent).toEqual([
    "weft:github-1 failed: The token was revoked.",
    "weft:github-1 recovered 12:03",
    "weft:github-1 failed: The token was revoked.",
  ]);
});

test("an earlier event that arrives later changes nothing", async () => {
  const { sent, made } = channel("a");
  const { handle } = new FailureAlerts({ channels: [made] });
  await handle(ended("sync.failed", 1));
  await handle(ended("sync.completed", 5));
  await handle(ended("sync.failed", 3));
  expect(sent).toHaveLength(2);
});

test("a channel that failed is notified when the event is delivered again, and the others are not notified twice", async () => {
  const [near, far] = [channel("near"), channel("far")];
  const { handle } = new FailureAlerts({ channels: [near.made, far.made] });
  far.refusals.left = 1;
  await expect(handle(ended("sync.failed", 1))).rejects.toThrow("1 of 2 channels could not be told.");
  await handle(ended("sync.failed", 1));
  await handle(ended("sync.failed", 1));
  expect([near.sent.length, far.sent.length]).toEqual([1, 1]);
});

test("a collection is stale while a source of it fails, with the source and the reason", async () => {
  const store = memoryState();
  const alerts = new FailureAlerts({ channels: [], store });
  await alerts.handle(ended("sync.failed", 1, "github"));
  await alerts.handle(ended("sync.failed", 2, "slack"));
  // Another process with the same store sees the same state.
  const seen = new FailureAlerts({ channels: [], store });
  expect(await seen.staleness("engineering")).toMatchObject({
    failing: [{ sourceType: "github", error: "The token was revoked." }, { sourceType: "slack" }],
  });
  expect(await seen.staleness("sales")).toBeNull();
  await alerts.handle(ended("sync.completed", 3, "github"));
  expect((await seen.staleness("engineering"))?.failing).toHaveLength(1);
  await alerts.handle(ended("sync.completed", 3, "slack"));
  expect(await seen.staleCollections()).toEqual([]);
});

test("two channels with one name are refused, because one of them would never be notified", () => {
  expect(() => new FailureAlerts({ channels: [channel("a").made, channel("a").made] })).toThrow(TypeError);
});
