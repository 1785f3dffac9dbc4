import { afterAll, describe } from "vitest";
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
import { chapter } from "../fixtures/chapter.ts";
import { machineClock } from "../fixtures/machine-clock.ts";
import { listenerPromises } from "../listeners/promises.ts";
import { mcpSubscriptionPromises } from "../mcp-subscriptions/promises.ts";
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
import { streamPromises } from "../streams/promises.ts";
import { subscriptionPromises } from "../subscriptions/promises.ts";
import { syncJobPromises } from "../sync-jobs/promises.ts";
import { taskPromises } from "../tasks/promises.ts";
import { limitPromises } from "../throttle-states/promises.ts";
import { PublishingApplication } from "./fixtures/publishing-application.ts";
import { TestDatabases } from "./fixtures/test-databases.ts";
import { openPostgresStore } from "./postgres-store.ts";

const databases = new TestDatabases();
afterAll(() => databases[Symbol.asyncDispose]());

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
  return openPostgresStore(
    {
      url,
      masterKey: "a master key for the promises",
      retentionMs: 90 * 86_400_000,
      connectionsMax: 4,
      preparesStatements: true,
    },
    machineClock,
  );
}

describe("the Postgres store keeps the promises about messages", () => messagePromises(chapter(open)));
describe("the Postgres store keeps the promises about the subscriptions of a message", () =>
  messageSubscriptionPromises(chapter(open)));
describe("the Postgres store keeps the promises about lists", () => listPromises(chapter(open)));
describe("the Postgres store keeps the promises about the backlog", () => backlogPromises(chapter(open)));
describe("the Postgres store keeps the promises about listeners", () => listenerPromises(chapter(open)));
describe("the Postgres store keeps the promises about attempts", () => attemptPromises(chapter(open)));
describe("the Postgres store keeps the promises about held bytes", () => heldBytesPromises(chapter(open)));
describe("the Postgres store keeps the promises about limits", () => limitPromises(chapter(open)));
describe("the Postgres store keeps the promises about fan-out", () => fanOutPromises(chapter(open)));
describe("the Postgres store keeps the promises about fan-outs in steps", () => fanOutStepPromises(chapter(open)));
describe("the Postgres store keeps the promises about deliveries", () => deliveryPromises(chapter(open)));
describe("the Postgres store keeps the promises about subscriptions", () => subscriptionPromises(chapter(open)));
describe("the Postgres store keeps the promises about recoveries", () => recoveryPromises(chapter(open)));
describe("the Postgres store keeps the promises about attempt counts", () => attemptCountPromises(chapter(open)));
describe("the Postgres store keeps the promises about tasks", () => taskPromises(chapter(open)));
describe("the Postgres store keeps the promises about the tokens of receivers", () =>
  receiverTokenPromises(chapter(open)));
describe("the Postgres store keeps the promises about the subscriptions of agents", () =>
  mcpSubscriptionPromises(chapter(open)));
describe("the Postgres store keeps the promises about retention", () => retentionPromises(chapter(open)));
describe("the Postgres store keeps the promises about revoked tokens", () => revokedTokenPromises(chapter(open)));
describe("the Postgres store keeps the promises about streams", () => streamPromises(chapter(open)));
describe("the Postgres store keeps the promises about organizations", () => organizationPromises(chapter(open)));
describe("the Postgres store keeps the promises about records of any organization", () =>
  recordPromises(chapter(open)));
describe("the Postgres store keeps the promises about producers", () => producerPromises(chapter(open)));
describe("the Postgres store keeps the promises about authorizations", () => authorizationPromises(chapter(open)));
describe("the Postgres store keeps the promises about sync jobs", () => syncJobPromises(chapter(open)));
describe("the Postgres store keeps the promises about entities", () => entityPromises(chapter(open)));
describe("the Postgres store keeps the promises about order", () => orderingPromises(chapter(open)));
describe("the Postgres store keeps the promises about operators", () => operatorPromises(chapter(open)));
describe("the Postgres store keeps the promises about the audit log", () => auditLogPromises(chapter(open)));
describe("the Postgres store keeps the promises about event types", () => eventTypePromises(chapter(open)));
describe("the Postgres store keeps the promises about events published in transactions", () =>
  outboxPromises(openWithApplication));
