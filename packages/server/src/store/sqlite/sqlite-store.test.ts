import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { anyMessage } from "../message-store.ts";
import { accountPromises } from "../promises/accounts.ts";
import { attemptPromises } from "../promises/attempts.ts";
import { auditLogPromises } from "../promises/audit-log.ts";
import { authorizationPromises } from "../promises/authorizations.ts";
import { backlogPromises } from "../promises/backlog.ts";
import { chapter } from "../promises/chapter.ts";
import { deliveryPromises } from "../promises/deliveries.ts";
import { endedTokenPromises } from "../promises/ended-tokens.ts";
import { entityPromises } from "../promises/entities.ts";
import { eventTypePromises } from "../promises/event-types.ts";
import { fanOutPromises } from "../promises/fan-out.ts";
import { fanOutStepPromises } from "../promises/fan-out-steps.ts";
import { heldBytesPromises } from "../promises/held-bytes.ts";
import { limitPromises } from "../promises/limits.ts";
import { listenerPromises } from "../promises/listeners.ts";
import { listPromises } from "../promises/lists.ts";
import { messageSubscriptionPromises } from "../promises/message-subscriptions.ts";
import { messagePromises } from "../promises/messages.ts";
import { operatorPromises } from "../promises/operators.ts";
import { orderingPromises } from "../promises/ordering.ts";
import { outboxPromises } from "../promises/outbox.ts";
import { producerPromises } from "../promises/producers.ts";
import { recoveryPromises } from "../promises/recoveries.ts";
import { World } from "../promises/samples.ts";
import { streamPromises } from "../promises/streams.ts";
import { subscriptionPromises } from "../promises/subscriptions.ts";
import { syncJobPromises } from "../promises/sync-jobs.ts";
import { tallyPromises } from "../promises/tallies.ts";
import { taskPromises } from "../promises/tasks.ts";
import type { Store } from "../store.ts";
import { copyMigratedFile } from "./fixtures/migrated-file.ts";
import { PublishingApplication } from "./fixtures/publishing-application.ts";
import { openSqliteStore } from "./sqlite-store.ts";

const folder = mkdtempSync(join(tmpdir(), "weft-store-"));
let opened = 0;

function open(): Promise<Store> {
  opened += 1;
  const path = join(folder, `${opened}.db`);
  copyMigratedFile(path);
  return openSqliteStore({
    path,
    masterKey: "a master key for the promises",
    holder: { pid: process.pid, description: "the promises", since: "now" },
    now: 0,
  });
}

async function openWithApplication() {
  const store = await open();
  return { store, application: new PublishingApplication(join(folder, `${opened}.db`)) };
}

afterAll(() => rmSync(folder, { recursive: true }));

describe("the SQLite store keeps the promises about messages", () => messagePromises(chapter(open)));
describe("the SQLite store keeps the promises about the subscriptions of a message", () =>
  messageSubscriptionPromises(chapter(open)));
describe("the SQLite store keeps the promises about lists", () => listPromises(chapter(open)));
describe("the SQLite store keeps the promises about the backlog", () => backlogPromises(chapter(open)));
describe("the SQLite store keeps the promises about listeners", () => listenerPromises(chapter(open)));
describe("the SQLite store keeps the promises about attempts", () => attemptPromises(chapter(open)));
describe("the SQLite store keeps the promises about held bytes", () => heldBytesPromises(chapter(open)));
describe("the SQLite store keeps the promises about limits", () => limitPromises(chapter(open)));
describe("the SQLite store keeps the promises about fan-out", () => fanOutPromises(chapter(open)));
describe("the SQLite store keeps the promises about fan-outs in steps", () => fanOutStepPromises(chapter(open)));
describe("the SQLite store keeps the promises about deliveries", () => deliveryPromises(chapter(open)));
describe("the SQLite store keeps the promises about subscriptions", () => subscriptionPromises(chapter(open)));
describe("the SQLite store keeps the promises about recoveries", () => recoveryPromises(chapter(open)));
describe("the SQLite store keeps the promises about tallies", () => tallyPromises(chapter(open)));
describe("the SQLite store keeps the promises about tasks", () => taskPromises(chapter(open)));
describe("the SQLite store keeps the promises about ended tokens", () => endedTokenPromises(chapter(open)));
describe("the SQLite store keeps the promises about streams", () => streamPromises(chapter(open)));
describe("the SQLite store keeps the promises about accounts", () => accountPromises(chapter(open)));
describe("the SQLite store keeps the promises about producers", () => producerPromises(chapter(open)));
describe("the SQLite store keeps the promises about authorizations", () => authorizationPromises(chapter(open)));
describe("the SQLite store keeps the promises about sync jobs", () => syncJobPromises(chapter(open)));
describe("the SQLite store keeps the promises about entities", () => entityPromises(chapter(open)));
describe("the SQLite store keeps the promises about event types", () => eventTypePromises(chapter(open)));
describe("the SQLite store keeps the promises about order", () => orderingPromises(chapter(open)));
describe("the SQLite store keeps the promises about operators", () => operatorPromises(chapter(open)));
describe("the SQLite store keeps the promises about the audit log", () => auditLogPromises(chapter(open)));

describe("the SQLite store keeps the promises about events published in transactions", () =>
  outboxPromises(openWithApplication));

test("a look-up is answered while lists are under way", async () => {
  await using world = await World.open(open);
  const { organizationId } = world;
  const messages = Array.from({ length: 1_000 }, () => world.message());
  await world.store.acceptMessages({ organizationId, messages, idempotency: null, testOf: null });
  const everything = { ...anyMessage, status: "success" as const };
  let answered = 0;
  const lists = Array.from({ length: 200 }, async () => {
    await world.store.listMessages({ organizationId, ...everything, limit: 50, cursor: null });
    answered += 1;
  });
  await world.store.readOrganization({ organizationId });
  expect(answered).toBeLessThan(lists.length / 2);
  await Promise.all(lists);
});
