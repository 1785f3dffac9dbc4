import { afterAll, beforeAll, describe } from "vitest";
import { accountPromises } from "../promises/accounts.ts";
import { attemptPromises } from "../promises/attempts.ts";
import { auditLogPromises } from "../promises/audit-log.ts";
import { authorizationPromises } from "../promises/authorizations.ts";
import { backlogPromises } from "../promises/backlog.ts";
import { deliveryPromises } from "../promises/deliveries.ts";
import { revokedTokenPromises } from "../promises/ended-tokens.ts";
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
import { streamPromises } from "../promises/streams.ts";
import { subscriptionPromises } from "../promises/subscriptions.ts";
import { syncJobPromises } from "../promises/sync-jobs.ts";
import { tallyPromises } from "../promises/tallies.ts";
import { taskPromises } from "../promises/tasks.ts";
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
