import { createClient, type Subscription } from "@weft/sdk";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Receiver, status } from "../delivery/fixtures/receiver.ts";
import { prefixed } from "../domain/id.ts";
import { jsonLines, runWeft, startWeft, temporaryFolder, type WeftProcess } from "./fixtures/weft-process.ts";

const folder = temporaryFolder();
let weft: WeftProcess;
let receiver: Receiver;
let subscription: Subscription;

beforeAll(async () => {
  [weft, receiver] = await Promise.all([startWeft(["dev", "--data", folder.path]), Receiver.start()]);
  const { webhooks } = createClient({ url: weft.url });
  subscription = await webhooks.createSubscription({
    url: receiver.url(),
    event_types: ["sync.*"],
    retry_schedule: [],
  });
});

beforeEach(() => {
  receiver.respond = status(204);
  receiver.received.length = 0;
});

afterAll(async () => {
  await receiver[Symbol.asyncDispose]();
  await weft[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

function run(...args: string[]) {
  return runWeft(args, { WEFT_URL: weft.url });
}

async function publish(more: readonly string[] = []): Promise<string> {
  const { stdout } = await run(
    "events",
    "publish",
    "sync.failed",
    "--payload",
    JSON.stringify(payload),
    "--json",
    ...more,
  );
  return String(jsonLines(stdout)[0]?.id);
}

/** The state of the message's only delivery, once it is neither pending nor being sent. */
async function finished(id: string): Promise<string> {
  const { webhooks } = createClient({ url: weft.url });
  const state = async () => (await webhooks.listMessageDeliveries(id)).items[0]?.state ?? "none";
  await expect.poll(state).toMatch(/delivered|failed|skipped/);
  return await state();
}

const payload = {
  event_type: "sync.failed",
  job_id: "550e8400-e29b-41d4-a716-446655440000",
  collection_readable_id: "finance-data-ab123",
  collection_name: "Finance",
  source_connection_id: "660e8400-e29b-41d4-a716-446655440001",
  source_type: "github",
  status: "failed",
  timestamp: "2026-01-15T14:30:00Z",
  error: "Token expired",
};

test("an event is published with exactly its payload, and listed in lines of at most 80 columns", async () => {
  const text = '{"amount":1.10,"account_id":9007199254740993}';
  await createClient({ url: weft.url }).webhooks.updateSubscription(subscription.id, { event_types: ["sync.*"] });
  const id = await publish(["--event-id", "order-1"]);
  expect(
    (await run("events", "publish", "sync.failed", "--payload", JSON.stringify(payload), "--event-id", "order-1"))
      .stdout,
  ).toBe(`The event was accepted before, as message ${prefixed("msg", id)}.\n`);
  await finished(id);
  const list = await run("messages", "--since", "1h");
  expect(list.stdout.split("\n")[0]).toBe("MESSAGE                     TYPE         DELIVERIES  AGE");
  expect(list.stdout).toContain(`${prefixed("msg", id)}  sync.failed  delivered   `);
  expect(Math.max(...list.stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  const wide = await run("messages", "--wide", "--payload", "collection_name:Finance");
  expect(wide.stdout).toContain("order-1");
  expect(wide.stdout).toContain("collection_name: Finance");
  expect((await run("messages", "--payload", "collection_name:Other")).stdout).toBe("No messages match.\n");
  expect((await run("messages", "--types", "sync.*")).stdout).toContain(prefixed("msg", id));
  expect((await run("messages", "--types", "collection.*")).stdout).toBe("No messages match.\n");
  expect(jsonLines((await run("messages", "--json", "--types", "sync.failed")).stdout)).toContainEqual(
    expect.objectContaining({ id, event_id: "order-1" }),
  );
  expect((await run("events", "publish", "sync.failed", "--payload", text)).exitCode).toBe(2);
});

test("a message shows why each subscription did not receive it, and is resent", async () => {
  receiver.respond = status(500, { "x-request-id": "req_1" }, "the database is down");
  const id = await publish();
  expect(await finished(id)).toBe("failed");
  const shown = await run("message", id);
  expect(shown.stdout).toContain(`failed      ${receiver.url()} (status 500)`);
  expect(shown.stdout).toContain("The only attempt failed.");
  expect(shown.stdout).toContain('"collection_name":"Finance"');
  expect(shown.stdout).not.toContain("x-request-id");
  const wide = await run("message", id, "--wide");
  expect(wide.stdout).toContain("x-request-id: req_1\n");
  expect(wide.stdout).toContain("the database is down");
  const [json] = jsonLines((await run("message", id, "--json")).stdout);
  expect(json).toMatchObject({ delivery_attempts: [{ response_headers: { "x-request-id": "req_1" } }] });
  receiver.respond = status(204);
  expect((await run("resend", prefixed("msg", id))).stdout).toBe("Re-queued 1 delivery.\n");
  expect(await finished(id)).toBe("delivered");
  const unknown = await run("message", "msg_0000000000000000000000");
  expect([unknown.exitCode, unknown.stderr]).toEqual([1, expect.stringContaining("Message not found")]);
});

test("failed messages are counted before they are recovered, and recovered with their outcome", async () => {
  receiver.respond = status(500);
  const ids = [await publish(), await publish(), await publish()];
  for (const id of ids) expect(await finished(id)).toBe("failed");
  receiver.respond = status(204);
  receiver.received.length = 0;
  const filter = ["recover", "--types", "sync.failed", "--status", "failed", "--since", "1h"];
  const plan = await run(...filter, "--dry-run");
  expect(plan.stdout).toBe(`SUBSCRIPTION${" ".repeat(receiver.url().length - 10)}DELIVERIES\n${receiver.url()}  3\n`);
  expect(receiver.received).toEqual([]);
  const done = await run(...filter, "--wait");
  expect(done.stdout).toMatch(/completed +3 of 3/);
  for (const id of ids) expect(await finished(id)).toBe("delivered");
  expect((await run(...filter, "--dry-run")).stdout).toBe("No deliveries match.\n");
  const missing = await run("recover");
  expect([missing.exitCode, missing.stderr]).toEqual([2, expect.stringContaining("--since")]);
});

test("a subscription is created, listed, shown, tested, disabled, enabled and deleted", async () => {
  const made = await run("subscriptions", "create", receiver.url("/cli"), "--types", "collection.*", "--json");
  const [{ id: uuid, secret } = { id: "", secret: "" }] = jsonLines(made.stdout);
  const id = prefixed("ep", String(uuid));
  expect(String(secret)).toMatch(/^whsec_/);
  expect((await run("subscriptions", "list", "--search", "/cli")).stdout).toContain(`${id}  unknown  `);
  const receiving = async (type: string) => (await run("subscriptions", "list", "--types", type)).stdout;
  expect(await receiving("collection.deleted")).toContain(id);
  expect(await receiving("source_connection.*")).toBe("No subscriptions match.\n");
  const tested = await run("subscriptions", "test", id, "--type", "collection.created");
  expect(tested.stdout).toMatch(/^The endpoint returned 204 in \d+ ms: success\.\n$/);
  expect((await run("subscriptions", "disable", id)).stdout).toBe(`The subscription ${id} is disabled.\n`);
  expect((await run("subscriptions", "show", id)).stdout).toContain("State:       disabled.");
  expect((await run("subscriptions", "enable", id)).stdout).toBe(`The subscription ${id} is enabled.\n`);
  expect((await run("subscriptions", "delete", id)).stdout).toBe(`Deleted the subscription ${id}.\n`);
  expect((await run("subscriptions", "list", "--search", "/cli")).stdout).toBe("No subscriptions match.\n");
});

test("operators name an organization with --org", async () => {
  const { id } = await createClient({ url: weft.url }).organizations.createOrganization({ name: "Acme" });
  expect((await run("subscriptions", "list", "--org", id)).stdout).toBe("No subscriptions match.\n");
});

test("a list without results suggests the event type that was misspelt", async () => {
  const sentence = 'The event type "sync.faild" is not in the catalogue. Did you mean sync.failed?\n';
  expect((await run("messages", "--types", "sync.faild")).stdout).toBe(`No messages match. ${sentence}`);
  const recovery = await run("recover", "--types", "sync.faild", "--since", "1h", "--dry-run");
  expect(recovery.stdout).toBe(`No deliveries match. ${sentence}`);
  expect((await run("messages", "--types", "invoice.*")).stdout).toBe("No messages match.\n");
});

test.each([
  [["events", "publish", "sync.faild", "--payload", "{}"], "Did you mean sync.failed?"],
  [["trigger", "sync.complete"], "Did you mean sync.completed?"],
  [["subscriptions", "create", "https://example.com", "--types", "sync.*,sync.faild"], "Did you mean sync.failed?"],
  [["mesages"], "Unknown command 'mesages'. Did you mean messages? Run `weft --help`"],
  [["messages", "--since", "noon"], "--since is a duration such as 2h"],
  [["messages", "--status", "lost"], "--status is success, failed or pending"],
  [["messages", "--limit", "0"], "--limit is a whole number from 1 to 1000"],
  [["recover", "--since", "1h", "--status", "lost"], "--status is a list of failed, skipped"],
])("the mistake in %j is explained", async (args, text) => {
  const { exitCode, stderr } = await run(...args);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(text)]);
});
