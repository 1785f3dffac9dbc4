import { until } from "../../packages/server/src/delivery/fixtures/manual-clock.ts";
import { type Receiver, status } from "../../packages/server/src/delivery/fixtures/receiver.ts";
import type { ExampleRecorder } from "./recorder.ts";

interface Tour {
  readonly api: ExampleRecorder;
  readonly receiver: Receiver;
}

/** Uses the API for Svix' SDKs as a publisher does, from the first application to its deletion. */
export async function tourSvix({ api, receiver }: Tour): Promise<void> {
  await defineTypes(api);
  const app = "acme";
  await api.call("v1.application.create", { body: { name: "Acme", uid: app } });
  await api.call("v1.application.list", { query: { limit: "1" } });
  await api.call("v1.application.patch", { path: [app], body: { metadata: { tier: "gold" } } });
  await api.call("v1.application.update", { path: [app], body: { name: "Acme Inc.", uid: app } });
  await api.call("v1.application.get", { path: [app] });
  const endpoint = await manageEndpoint(api, app, receiver);
  const message = await deliver(api, app, endpoint, receiver);
  await recover(api, app, endpoint);
  await expunge(api, app, message);
  for (const operation of ["app-portal-access", "dashboard-access"]) {
    await api.call(`v1.authentication.${operation}`, { path: [app], body: {} });
  }
  await api.call("v1.authentication.expire-all", { path: [app], body: {} });
  await manageOperationalWebhooks(api, receiver);
  await api.call("v1.statistics.aggregate-event-types", {});
  await until("the newest task is finished", async () => {
    const { data } = await api.call("v1.background-task.list", { query: { limit: "1" } });
    return data[0].status === "finished";
  });
  await api.call("v1.endpoint.delete", { path: [app, endpoint] });
  await api.call("v1.application.delete", { path: [app] });
  await api.call("v1.event-type.delete", { path: ["invoice.paid"] });
  await api.call("v1.health.get");
  await api.call("v1.health.ping");
}

async function defineTypes(api: ExampleRecorder): Promise<void> {
  const name = "invoice.paid";
  const example = { type: "object", properties: { invoice: { type: "integer" } }, examples: [{ invoice: 42 }] };
  await api.call("v1.event-type.create", {
    body: { name, description: "An invoice was paid.", schemas: { 1: example } },
  });
  await api.call("v1.event-type.update", {
    path: [name],
    body: { description: "An invoice was paid in full.", schemas: { 1: example } },
  });
  await api.call("v1.event-type.patch", { path: [name], body: { deprecated: false } });
  await api.call("v1.event-type.get", { path: [name] });
  await api.call("v1.event-type.list", { query: { limit: "1" } });
  const schema = { type: "object", properties: { invoice: { type: "integer" } } };
  const content = { "application/json": { schema } };
  const webhooks = { "invoice.sent": { post: { description: "An invoice was sent.", requestBody: { content } } } };
  await api.call("v1.event-type.import-openapi", {
    body: { spec: { openapi: "3.1.0", info: { title: "Invoices", version: "1" }, webhooks }, dryRun: true },
  });
}

async function manageEndpoint(api: ExampleRecorder, app: string, receiver: Receiver): Promise<string> {
  const url = receiver.url("/webhooks");
  await api.call("v1.endpoint.create", { path: [app], body: { url, uid: "invoices", filterTypes: ["invoice.paid"] } });
  const path = [app, "invoices"];
  await api.call("v1.endpoint.list", { path: [app], query: { limit: "1" } });
  await api.call("v1.endpoint.patch", { path, body: { description: "Invoices" } });
  await api.call("v1.endpoint.update", { path, body: { url, uid: "invoices", description: "Invoices of Acme" } });
  await api.call("v1.endpoint.get", { path });
  await api.call("v1.endpoint.get-secret", { path });
  await api.call("v1.endpoint.rotate-secret", { path, body: {} });
  await api.call("v1.endpoint.update-headers", { path, body: { headers: { "x-tenant": "acme" } } });
  await api.call("v1.endpoint.patch-headers", { path, body: { headers: { "x-region": "eu" } } });
  await api.call("v1.endpoint.get-headers", { path });
  return "invoices";
}

async function deliver(api: ExampleRecorder, app: string, endpoint: string, receiver: Receiver): Promise<string> {
  receiver.respond = status(204);
  await api.call("v1.message.precheck", { path: [app], body: { eventType: "invoice.paid" } });
  const { id } = await api.call("v1.message.create", {
    path: [app],
    body: { eventType: "invoice.paid", eventId: "invoice-42-paid", payload: { invoice: 42 } },
  });
  await untilDelivered(api, [app, id], 1);
  const { data } = await api.call("v1.message-attempt.list-by-endpoint", {
    path: [app, endpoint],
    query: { limit: "1" },
  });
  await api.call("v1.message-attempt.get", { path: [app, id, data[0].id] });
  await api.call("v1.message-attempt.list-attempted-messages", { path: [app, endpoint] });
  await api.call("v1.message-attempt.list-attempted-destinations", { path: [app, id] });
  await api.call("v1.message.list", { path: [app], query: { limit: "1" } });
  await api.call("v1.message.get", { path: [app, id] });
  await api.call("v1.endpoint.get-stats", { path: [app, endpoint] });
  await api.call("v1.endpoint.get-attempt-stats", { path: [app, endpoint] });
  await api.call("v1.message-attempt.resend", { path: [app, id, endpoint], body: {} });
  await untilDelivered(api, [app, id], 2);
  await api.call("v1.endpoint.send-example", { path: [app, endpoint], body: { eventType: "invoice.paid" } });
  return id;
}

async function untilDelivered(api: ExampleRecorder, path: readonly string[], attempts: number): Promise<void> {
  await until(`attempts were recorded: ${attempts}`, async () => {
    const { data } = await api.call("v1.message-attempt.list-by-msg", { path });
    return data.length === attempts && data.every(({ status }: { status: number }) => status === 0);
  });
}

async function recover(api: ExampleRecorder, app: string, endpoint: string): Promise<void> {
  const path = [app, endpoint];
  const since = new Date(Date.now() - 3_600_000).toISOString();
  const { id } = await api.call("v1.endpoint.recover", { path, body: { since } });
  await api.call("v1.endpoint.replay-missing", { path, body: { since } });
  await until("the recovery is finished", async () => {
    return (await api.call("v1.background-task.get", { path: [id] })).status === "finished";
  });
}

async function expunge(api: ExampleRecorder, app: string, message: string): Promise<void> {
  const { data } = await api.call("v1.message-attempt.list-by-msg", { path: [app, message] });
  await api.call("v1.message-attempt.expunge-content", { path: [app, message, data[0].id] });
  await api.call("v1.message.expunge-content", { path: [app, message] });
}

async function manageOperationalWebhooks(api: ExampleRecorder, receiver: Receiver): Promise<void> {
  const operation = (name: string) => `v1.operational-webhook.endpoint.${name}`;
  const body = { url: receiver.url("/operations"), filterTypes: ["endpoint.disabled"] };
  const { id } = await api.call(operation("create"), { body });
  await api.call(operation("list"), { query: { limit: "1" } });
  await api.call(operation("get"), { path: [id] });
  await api.call(operation("update"), { path: [id], body: { ...body, description: "Operations" } });
  await api.call(operation("get-secret"), { path: [id] });
  await api.call(operation("rotate-secret"), { path: [id], body: {} });
  await api.call(operation("update-headers"), { path: [id], body: { headers: { "x-team": "operations" } } });
  await api.call(operation("get-headers"), { path: [id] });
  await api.call(operation("delete"), { path: [id] });
}
