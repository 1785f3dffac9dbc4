import { createClient, type Subscription } from "@weft/sdk";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { until } from "../delivery/fixtures/manual-clock.ts";
import { Receiver, status } from "../delivery/fixtures/receiver.ts";
import {
  jsonLines,
  runWeft,
  startCommand,
  startWeft,
  temporaryFolder,
  type WeftProcess,
} from "./fixtures/weft-process.ts";

const folder = temporaryFolder();
let weft: WeftProcess;
let receiver: Receiver;
let subscription: Subscription;

beforeAll(async () => {
  [weft, receiver] = await Promise.all([startWeft(["dev", "--data", folder.path]), Receiver.start()]);
  const { webhooks } = createClient({ url: weft.url });
  subscription = await webhooks.createSubscription({
    url: receiver.url(),
    event_types: ["sync.failed"],
    // No attempt of one test is made again in another.
    retry_schedule: [3_600],
  });
});

beforeEach(() => {
  receiver.respond = status(204);
});

afterAll(async () => {
  await receiver[Symbol.asyncDispose]();
  await weft[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const isConnected = ({ event }: Record<string, unknown>) => event === "connected";

async function tail(...args: string[]) {
  const tailing = startCommand(["tail", ...args], { WEFT_URL: weft.url });
  await tailing.line(isConnected);
  return tailing;
}

async function trigger(eventType: string, url = weft.url): Promise<string> {
  const { events, webhooks } = createClient({ url });
  const payload = (await webhooks.listEventTypes()).items.find(({ name }) => name === eventType)?.example ?? {};
  return (await events.publishEvents({ event_type: eventType, payload })).id;
}

test("messages and their attempts are printed as they happen, one object per line", async () => {
  await using tailing = await tail();
  receiver.respond = status(503);
  const id = await trigger("sync.failed");
  expect(await tailing.line(({ event }) => event === "message")).toMatchObject({ id, event_type: "sync.failed" });
  expect(await tailing.line(({ event }) => event === "attempt")).toMatchObject({
    ...{ message_id: id, subscription_id: subscription.id, status: "failed", response_status_code: 503 },
    ...{ attempt_number: 1, next_attempt_at: expect.any(String) },
  });
});

/** The event types or statuses that a tail prints, after it has printed the last published message. */
async function printedBefore(last: string, args: string[], field: string): Promise<unknown[]> {
  await using tailing = await tail(...args);
  receiver.respond = status(204);
  const before = receiver.received.length;
  for (const eventType of ["sync.failed", "collection.created", "sync.completed"]) await trigger(eventType);
  await until("the first one was answered", async () => receiver.received.length > before);
  receiver.respond = status(503);
  await trigger("sync.failed");
  await trigger("collection.updated");
  await tailing.wrote(last);
  tailing.send("SIGINT");
  const { stdout } = await tailing.ended;
  return jsonLines(stdout).flatMap((line) => (isConnected(line) ? [] : [line[field]]));
}

test("only the selected event types are printed, wildcards included", async () => {
  const types = await printedBefore("collection.updated", ["--types", "sync.completed,collection.*"], "event_type");
  expect(types).toEqual(["collection.created", "sync.completed", "collection.updated"]);
  const exact = await printedBefore("collection.updated", ["--types", "collection.updated"], "event_type");
  expect(exact).toEqual(["collection.updated"]);
});

test.each(["failed", "503", "5xx"])("only attempts with the status %s are printed", async (filter) => {
  const statuses = await printedBefore('"response_status_code":503', ["--status", filter], "response_status_code");
  expect(statuses).toEqual([503]);
});

test("only deliveries to the subscription are printed", async () => {
  const { id } = subscription;
  const types = await printedBefore('"response_status_code":503', ["--subscription", id], "event_type");
  expect(new Set(types)).toEqual(new Set(["sync.failed"]));
});

test("an invalid filter is reported with a sentence", async () => {
  const failureOf = async (...args: string[]) => {
    const { exitCode, stderr } = await runWeft(["tail", ...args], { WEFT_URL: weft.url });
    return [exitCode, stderr];
  };
  expect(await failureOf("--status", "bad")).toEqual([2, expect.stringContaining("--status is success, failed")]);
  expect(await failureOf("--subscription", "a b")).toEqual([2, expect.stringContaining("is not an id")]);
  expect(await failureOf("--url", "http://127.0.0.1:1")).toEqual([
    1,
    expect.stringContaining("Start Weft with `weft dev`"),
  ]);
  await using closed = await startWeft(["serve", "--data", `${folder.path}/closed`], {
    WEFT_ADMIN_KEY: "a".repeat(40),
  });
  expect(await failureOf("--url", closed.url)).toEqual([1, expect.stringContaining("--key or WEFT_API_KEY")]);
});
