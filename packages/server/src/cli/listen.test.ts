import { verify } from "@weft/receiver";
import { createClient } from "@weft/sdk";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Receiver, status } from "../delivery/fixtures/receiver.ts";
import { runWeft, startCommand, startWeft, temporaryFolder, type WeftProcess } from "./fixtures/weft-process.ts";

const folder = temporaryFolder();
let weft: WeftProcess;
let receiver: Receiver;

beforeAll(async () => {
  [weft, receiver] = await Promise.all([startWeft(["dev", "--data", folder.path]), Receiver.start()]);
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

function listen(name: string, ...args: string[]) {
  return startCommand(["listen", "--json", "--name", name, ...args], { WEFT_URL: weft.url });
}

function trigger(...args: string[]) {
  return runWeft(["trigger", ...args, "--json"], { WEFT_URL: weft.url });
}

test("a program gets the event with its real signature, and its response is the attempt in Weft", async () => {
  await using listening = listen("forwarded", "--forward-to", receiver.url("/in?a=1"));
  const { subscription_id: id } = await listening
    .line(({ event }) => event === "connected")
    .then(() => listening.line(({ event }) => event === "listening"));
  const { stdout: secret } = await runWeft(["listen", "--print-secret", "--name", "forwarded"], { WEFT_URL: weft.url });
  receiver.respond = (response) => response.writeHead(202).end("thanks");
  await trigger("sync.completed");
  const printed = await listening.line(({ event }) => event === "delivery");
  expect(printed).toMatchObject({ event_type: "sync.completed", attempt: 1, status: 202, became: "delivered" });
  const [received] = receiver.received;
  expect(received).toMatchObject({ method: "POST", path: "/in?a=1", body: printed.body });
  await verify(received?.body ?? "", received?.headers ?? {}, secret.trim());
  const { delivery_attempts } = await createClient({ url: weft.url }).webhooks.getSubscription(String(id));
  expect(delivery_attempts).toMatchObject([{ status: "success", response_status_code: 202, response: "thanks" }]);
});

test("refusals of the program and failed connections are printed and recorded, with the time of the next attempt", async () => {
  receiver.respond = status(500);
  await using refusing = listen("refused", "--forward-to", receiver.url(), "--types", "sync.failed");
  await using absent = listen("absent", "--forward-to", "http://127.0.0.1:9/in", "--types", "sync.failed");
  for (const one of [refusing, absent]) await one.line(({ event }) => event === "connected");
  await trigger("sync.completed");
  await trigger("sync.failed");
  const isDelivery = ({ event }: Record<string, unknown>) => event === "delivery";
  const again = { event_type: "sync.failed", became: "retrying", next_attempt_at: expect.any(String) };
  expect(await refusing.line(isDelivery)).toMatchObject({ ...again, status: 500, error: null });
  const error = "connect: The connection could not be made (ECONNREFUSED).";
  expect(await absent.line(isDelivery)).toMatchObject({ ...again, status: null, error });
});

test("events without a listener are delivered when one connects", async () => {
  const env = { WEFT_URL: weft.url };
  await runWeft(["listen", "--print-secret", "--name", "later", "--types", "collection.created"], env);
  const { stdout } = await trigger("collection.created");
  await using listening = listen("later", "--types", "collection.created");
  const printed = await listening.line(({ event }) => event === "delivery");
  expect(printed.message_id).toBe(JSON.parse(stdout).id);
});

test.each(["SIGINT", "SIGTERM"] as const)(
  "%s ends it with 0 when running requests have a response and are reported",
  async (signal) => {
    const began = Promise.withResolvers<() => void>();
    receiver.respond = (response) => began.resolve(() => void response.writeHead(200).end());
    await using listening = listen(`stopped-${signal}`, "--forward-to", receiver.url(), "--types", "sync.running");
    await listening.line(({ event }) => event === "connected");
    await trigger("sync.running");
    const reply = await began.promise;
    listening.send(signal);
    reply();
    const { exitCode, stdout } = await listening.ended;
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('"became":"delivered"')]);
  },
);

test("an invalid target is reported with a sentence", async () => {
  const printed = async (...args: string[]) => {
    const { exitCode, stderr } = await runWeft(["listen", ...args], { WEFT_URL: weft.url });
    return [exitCode, stderr];
  };
  expect(await printed("--forward-to", "ftp://x")).toEqual([2, expect.stringContaining("is not a URL to forward to")]);
  expect(await printed("--forward-to", "http://u:p@localhost")).toEqual([
    2,
    expect.stringContaining("is not a URL to forward to"),
  ]);
  expect(await printed("--types", "nothing.known")).toEqual([2, expect.stringContaining("not in the catalogue")]);
  expect(await printed("--name", "a b")).toEqual([2, expect.stringContaining("A name consists of")]);
  expect(await printed("--timeout", "0")).toEqual([2, expect.stringContaining("--timeout is")]);
  expect(await printed("--url", "http://127.0.0.1:1")).toEqual([
    1,
    expect.stringContaining("Start Weft with `weft dev`"),
  ]);
});
