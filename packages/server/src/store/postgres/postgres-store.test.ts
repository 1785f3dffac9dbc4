import { afterAll, beforeAll, describe } from "vitest";
import { tallyPromises } from "../attempt-counts/promises.ts";
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
import { listenerPromises } from "../listeners/promises.ts";
import { listPromises } from "../messages/list-promises.ts";
import { messagePromises } from "../messages/promises.ts";
import { operatorPromises } from "../operational-events/promises.ts";
import { accountPromises } from "../organizations/promises.ts";
import { outboxPromises } from "../outbox/promises.ts";
import { recoveryPromises } from "../recoveries/promises.ts";
import { revokedTokenPromises } from "../revoked-tokens/promises.ts";
import { producerPromises } from "../source-connections/promises.ts";
import { streamPromises } from "../streams/promises.ts";
import { subscriptionPromises } from "../subscriptions/promises.ts";
import { syncJobPromises } from "../sync-jobs/promises.ts";
import { taskPromises } from "../tasks/promises.ts";
import { limitPromises } from "../throttle-states/promises.ts";
import { PublishingApplication } from "./fixtures/publishing-application.ts";
import { TestDatabases } from "./fixtures/test-databases.ts";
import { openPostgresStore } from "./postgres-store.ts";

let databases: TestDatabases;
beforeAll(async () => {
  databases = await TestDatabases.start();
});
// A database for each promise, of a thousand files each: on a busy disk their removal takes its time.
afterAll(() => databases[Symbol.asyncDispose](), 300_000);

const applications: PublishingApplication[] = [];
afterAll(() => Promise.all(applications.map((application) => application[Symbol.asyncDispose]())));

async function open() {
  return openAt(await databases.fresh());
}

async function openWithApplication() {
  const url = await databases.fresh();
  const store = await openAt(url);
  const application = await PublishingApplication.connect(url);
  applications.push(application);
  return { store, application };
}

function openAt(url: string) {
  return openPostgresStore({
    url,
    masterKey: "a master key for the promises",
    retentionMs: 90 * 86_400_000,
    connectionsMax: 4,
    preparesStatements: true,
  });
}

describe("the Postgres store keeps the promises about messages", () => messagePromises(open));
describe("the Postgres store keeps the promises about the subscriptions of a message", () =>
  messageSubscriptionPromises(open));
describe("the Postgres store keeps the promises about lists", () => listPromises(open));
describe("the Postgres store keeps the promises about the backlog", () => backlogPromises(open));
describe("the Postgres store keeps the promises about listeners", () => listenerPromises(open));
describe("the Postgres store keeps the promises about attempts", () => attemptPromises(open));
describe("the Postgres store keeps the promises about held bytes", () => heldBytesPromises(open));
describe("the Postgres store keeps the promises about limits", () => limitPromises(open));
describe("the Postgres store keeps the promises about fan-out", () => fanOutPromises(open));
describe("the Postgres store keeps the promises about fan-outs in steps", () => fanOutStepPromises(open));
describe("the Postgres store keeps the promises about deliveries", () => deliveryPromises(open));
describe("the Postgres store keeps the promises about subscriptions", () => subscriptionPromises(open));
describe("the Postgres store keeps the promises about recoveries", () => recoveryPromises(open));
describe("the Postgres store keeps the promises about tallies", () => tallyPromises(open));
describe("the Postgres store keeps the promises about tasks", () => taskPromises(open));
describe("the Postgres store keeps the promises about ended tokens", () => revokedTokenPromises(open));
describe("the Postgres store keeps the promises about streams", () => streamPromises(open));
describe("the Postgres store keeps the promises about accounts", () => accountPromises(open));
describe("the Postgres store keeps the promises about producers", () => producerPromises(open));
describe("the Postgres store keeps the promises about authorizations", () => authorizationPromises(open));
describe("the Postgres store keeps the promises about sync jobs", () => syncJobPromises(open));
describe("the Postgres store keeps the promises about entities", () => entityPromises(open));
describe("the Postgres store keeps the promises about order", () => orderingPromises(open));
describe("the Postgres store keeps the promises about operators", () => operatorPromises(open));
describe("the Postgres store keeps the promises about the audit log", () => auditLogPromises(open));
describe("the Postgres store keeps the promises about event types", () => eventTypePromises(open));
describe("the Postgres store keeps the promises about events published in transactions", () =>
  outboxPromises(openWithApplication));
