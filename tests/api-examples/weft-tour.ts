import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../../packages/server/src/delivery/fixtures/manual-clock.ts";
import { type Receiver, status } from "../../packages/server/src/delivery/fixtures/receiver.ts";
import type { ExampleRecorder } from "./recorder.ts";

interface Tour {
  readonly api: ExampleRecorder;
  readonly receiver: Receiver;
  /** A folder that the source `directory` may read. */
  readonly folder: string;
}

/** Uses the API of Weft as a platform does, from the first event type to the deletion of an organization. */
export async function tourWeft({ api, receiver, folder }: Tour): Promise<void> {
  const { eventId, subscriptionId } = await publishAndDeliver(api, receiver);
  await inspect(api, eventId, subscriptionId);
  await recover(api, subscriptionId, receiver);
  await listen(api);
  await syncFolder(api, folder);
  await administer(api);
  await api.call("deleteSubscription", { path: [subscriptionId] });
  await api.call("deleteEventType", { path: ["invoice.paid"] });
  for (const operation of ["getVersion", "getLiveness", "getHealth", "getReadiness"]) await api.call(operation);
}

async function publishAndDeliver(api: ExampleRecorder, receiver: Receiver) {
  const properties = { invoice: { type: "integer" } };
  const schema = { type: "object", properties, required: ["invoice"], examples: [{ invoice: 42 }] };
  await api.call("createEventType", {
    body: { name: "invoice.paid", description: "An invoice was paid.", schemas: { 1: schema } },
  });
  await api.call("updateEventType", { path: ["invoice.paid"], body: { group: "billing" } });
  await api.call("getEventType", { path: ["invoice.paid"] });
  await api.call("listEventTypes", { query: { limit: "1" } });
  const { id: subscriptionId } = await api.call("createSubscription", {
    body: { url: receiver.url("/webhooks"), event_types: ["invoice.*"], retry_schedule: [], description: "Invoices" },
  });
  await api.call("getSubscription", { path: [subscriptionId], query: { include_secret: "true" } });
  await api.call("updateSubscription", { path: [subscriptionId], body: { filters: { invoice: [42, 43] } } });
  await api.call("rotateSecret", { path: [subscriptionId] });
  receiver.respond = status(503);
  const { id: eventId } = await publishInvoice(api, 42);
  await untilAttempted(api, subscriptionId, "failed", 1);
  receiver.respond = status(204);
  await api.call("resendMessage", { path: [eventId] });
  await untilAttempted(api, subscriptionId, "success", 1);
  await api.call("sendTestEvent", { path: [subscriptionId], body: { event_type: "invoice.paid" } });
  await untilAttempted(api, subscriptionId, "success", 2);
  await api.call("listSubscriptions", { query: { limit: "1" } });
  return { eventId: eventId as string, subscriptionId: subscriptionId as string };
}

function publishInvoice(api: ExampleRecorder, invoice: number) {
  const event_id = `invoice-${invoice}-paid`;
  return api.call("publishEvents", { body: { event_type: "invoice.paid", event_id, payload: { invoice } } });
}

async function untilAttempted(
  api: ExampleRecorder,
  subscriptionId: string,
  outcome: "failed" | "success",
  attempts: number,
): Promise<void> {
  await until(`attempts were recorded as ${outcome}: ${attempts}`, async () => {
    const query = { status: outcome };
    return (await api.call("listAttempts", { path: [subscriptionId], query })).length === attempts;
  });
}

async function inspect(api: ExampleRecorder, eventId: string, subscriptionId: string): Promise<void> {
  await api.call("listMessages", { query: { event_types: "invoice.paid", limit: "1" } });
  await api.call("getMessage", { path: [eventId], query: { include_attempts: "true" } });
  await api.call("getMessagePayload", { path: [eventId] });
  await api.call("listMessageDeliveries", { path: [eventId] });
  await api.call("find", { query: { q: "invoice:42" } });
  const [attempt] = await api.call("listAttempts", {
    path: [subscriptionId],
    query: { status: "success", limit: "1" },
  });
  await api.call("getAttempt", { path: [attempt.id] });
  await api.call("matchRecentMessages", { body: { event_types: ["invoice.paid"], filters: { invoice: 42 } } });
  await api.call("previewNotice", {
    body: { destination: "slack", template: "Invoice {{invoice}}", message_id: eventId },
  });
  await api.call("getBacklog");
  await api.call("getStats", { query: { step: "1h" } });
  await api.call("getSubscriptionStats", { path: [subscriptionId], query: { step: "1h" } });
}

async function recover(api: ExampleRecorder, subscriptionId: string, receiver: Receiver): Promise<void> {
  const since = new Date(Date.now() - 3_600_000).toISOString();
  receiver.respond = status(503);
  await publishInvoice(api, 43);
  await until("the second invoice failed", async () => {
    const body = { since, status: ["failed"], dry_run: true };
    return (await api.call("recoverByFilter", { body })).subscriptions.some(isAffected);
  });
  await api.call("previewRecovery", { path: [subscriptionId], query: { since } });
  const body = { since, scope: "undelivered" };
  const { id } = await api.call("recoverMessages", { path: [subscriptionId], body });
  const path = [subscriptionId, id];
  await until("the recovery is complete", async () => {
    const { status, outcomes } = await api.call("getRecovery", { path });
    return status === "completed" && outcomes.waiting === 0;
  });
  await api.call("listRecoveries", { path: [subscriptionId] });
  await api.call("listBackgroundTasks", { query: { limit: "1" } });
}

function isAffected({ deliveries }: { deliveries: number | null }): boolean {
  return deliveries === 1;
}

async function listen(api: ExampleRecorder): Promise<void> {
  const body = { name: "laptop", event_types: ["invoice.*"] };
  await api.call("startListener", { body });
}

async function syncFolder(api: ExampleRecorder, folder: string): Promise<void> {
  mkdirSync(join(folder, "handbook"), { recursive: true });
  writeFileSync(join(folder, "handbook", "lanes.md"), "Short lanes are served first.\n");
  await api.call("listSources");
  await api.call("getSource", { path: ["directory"] });
  await api.call("checkSource", { path: ["directory"], body: { config: { path: join(folder, "handbook") } } });
  const collection = await api.call("createCollection", { body: { name: "Handbook", readable_id: "handbook-ab12cd" } });
  const readableId = collection.readable_id as string;
  await api.call("updateCollection", { path: [readableId], body: { name: "The handbook" } });
  const connection = await api.call("createSourceConnection", {
    body: {
      short_name: "directory",
      readable_collection_id: readableId,
      name: "Handbook",
      config: { path: join(folder, "handbook") },
    },
  });
  const path = [connection.id as string];
  await untilSynced(api, path, 1);
  await api.call("getSourceConnection", { path });
  await api.call("listSourceConnections", { query: { limit: "1" } });
  await api.call("listCollectionSourceConnections", { path: [readableId], query: { limit: "1" } });
  await api.call("pauseSourceConnection", { path });
  await api.call("resumeSourceConnection", { path });
  await api.call("updateSourceConnection", { path, body: { name: "The handbook" } });
  await api.call("runSourceConnection", { path });
  await untilSynced(api, path, 2);
  await api.call("searchCollection", { path: [readableId], query: { query: "lanes" } });
  const conditions = [{ field: "airweave_system_metadata.source_name", operator: "equals", value: "directory" }];
  for (const operation of ["searchInstant", "searchClassic"]) {
    await api.call(operation, { path: [readableId], body: { query: "lanes", filter: [{ conditions }], limit: 10 } });
  }
  await api.call("searchCollectionLegacy", { path: [readableId], body: { query: "lanes", limit: 10 } });
  await api.call("getSyncId", { path });
  await api.call("getCollection", { path: [readableId] });
  await api.call("listCollections", { query: { limit: "1" } });
  await api.call("countCollections");
  await api.call("deleteSourceConnection", { path });
  await api.call("deleteCollection", { path: [readableId] });
}

async function untilSynced(api: ExampleRecorder, path: readonly string[], jobs: number): Promise<void> {
  await until(`${jobs} syncs are complete`, async () => {
    const found = await api.call("listSyncJobs", { path });
    return found.length === jobs && found.every(({ status }: { status: string }) => status === "completed");
  });
}

async function administer(api: ExampleRecorder): Promise<void> {
  const { id } = await api.call("createOrganization", { body: { name: "Acme" } });
  await api.call("listOrganizations", { query: { limit: "1" } });
  await api.call("getOrganization", { path: [id] });
  await api.call("updateOrganization", { path: [id], body: { name: "Acme Inc." } });
  await api.call("replaceOrganization", { path: [id], body: { name: "Acme Inc.", description: "Rockets" } });
  await api.call("listOwnOrganizations", { query: { limit: "1" } });
  await api.call("deleteOrganization", { path: [id] });
  const key = await api.call("createApiKey", { body: { name: "publisher", scopes: ["publish"] } });
  await api.call("listApiKeys", { query: { limit: "1" } });
  await api.call("getApiKey", { path: [key.id] });
  await api.call("rotateApiKey", { path: [key.id] });
  await api.call("deleteApiKey", { path: [key.id] });
  const other = await api.call("createApiKey", { body: { name: "other", scopes: ["read"] } });
  await api.call("deleteApiKeyById", { query: { id: other.id } });
  await api.call("createPortalSession");
  await api.call("getSession");
  await api.call("getSignInMethods");
  await api.call("listAuditLog", { query: { limit: "1" } });
}
