import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { attemptCountPromises } from "../attempt-counts/promises.ts";
import { attemptPromises } from "../attempts/promises.ts";
import { auditLogPromises } from "../audit/promises.ts";
import { authorizationPromises } from "../authorizations/promises.ts";
import { backlogPromises } from "../backlog/promises.ts";
import { heldBytesPromises } from "../deliveries/held-bytes-promises.ts";
import { messageSubscriptionPromises } from "../deliveries/message-subscription-promises.ts";
import { orderingPromises } from "../deliveries/ordering-promises.ts";
import { deliveryPromises } from "../deliveries/promises.ts";
import { entityPromises } from "../entities/promises.ts";
import { eventTypePromises } from "../event-types/promises.ts";
import { fanOutPromises } from "../fan-out/promises.ts";
import { fanOutStepPromises } from "../fan-out/step-promises.ts";
import { chapter as chapterOf } from "../fixtures/chapter.ts";
import { World } from "../fixtures/samples.ts";
import { listenerPromises } from "../listeners/promises.ts";
import { mcpSubscriptionPromises } from "../mcp-subscriptions/promises.ts";
import { anyMessage } from "../messages/interface.ts";
import { listPromises } from "../messages/list-promises.ts";
import { messagePromises } from "../messages/promises.ts";
import { operatorPromises } from "../operational-events/promises.ts";
import { organizationPromises } from "../organizations/promises.ts";
import { outboxPromises } from "../outbox/promises.ts";
import { receiverTokenPromises } from "../receiver-tokens/promises.ts";
import { recordPromises } from "../records/promises.ts";
import { recoveryPromises } from "../recoveries/promises.ts";
import { retentionPromises } from "../retention/promises.ts";
import { revokedTokenPromises } from "../revoked-tokens/promises.ts";
import { producerPromises } from "../source-connections/promises.ts";
import type { Store } from "../store.ts";
import { streamPromises } from "../streams/promises.ts";
import { subscriptionPromises } from "../subscriptions/promises.ts";
import { syncJobPromises } from "../sync-jobs/promises.ts";
import { taskPromises } from "../tasks/promises.ts";
import { limitPromises } from "../throttle-states/promises.ts";
import { copyMigratedFile } from "./fixtures/migrated-file.ts";
import { PublishingApplication } from "./fixtures/publishing-application.ts";
import { openStoreWithoutThreads } from "./fixtures/store-without-threads.ts";
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

/** The promises of a chapter share a store with its threads. A store for one promise does without them, which take long to start. */
function chapter(openShared: () => Promise<Store>) {
  return chapterOf(openShared, () => {
    opened += 1;
    return openStoreWithoutThreads(join(folder, `${opened}.db`), 0);
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
describe("the SQLite store keeps the promises about attempt counts", () => attemptCountPromises(chapter(open)));
describe("the SQLite store keeps the promises about tasks", () => taskPromises(chapter(open)));
describe("the SQLite store keeps the promises about the tokens of receivers", () =>
  receiverTokenPromises(chapter(open)));
describe("the SQLite store keeps the promises about the subscriptions of agents", () =>
  mcpSubscriptionPromises(chapter(open)));
describe("the SQLite store keeps the promises about retention", () => retentionPromises(chapter(open)));
describe("the SQLite store keeps the promises about revoked tokens", () => revokedTokenPromises(chapter(open)));
describe("the SQLite store keeps the promises about streams", () => streamPromises(chapter(open)));
describe("the SQLite store keeps the promises about organizations", () => organizationPromises(chapter(open)));
describe("the SQLite store keeps the promises about records of any organization", () => recordPromises(chapter(open)));
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

test("a look-up returns while lists are being read", async () => {
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
