import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createClient } from "@weft/sdk";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Receiver, status } from "../delivery/fixtures/receiver.ts";
import {
  follow,
  runWeft,
  startCommand,
  startWeft,
  temporaryFolder,
  type WeftProcess,
} from "./fixtures/weft-process.ts";

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

test("a request that a stop aborts is a recorded attempt", async () => {
  const began = Promise.withResolvers<void>();
  receiver.respond = () => began.resolve();
  await using listening = listen("cut-off", "--forward-to", receiver.url(), "--types", "sync.pending");
  const { subscription_id: id } = await listening.line(({ event }) => event === "listening");
  await listening.line(({ event }) => event === "connected");
  await trigger("sync.pending");
  await began.promise;
  listening.send("SIGINT");
  const { exitCode, stdout } = await listening.ended;
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining('"became":"retrying"')]);
  const { delivery_attempts } = await createClient({ url: weft.url }).webhooks.getSubscription(String(id));
  const made = delivery_attempts?.filter(({ status }) => status !== "pending");
  expect(made).toMatchObject([{ status: "failed", error: expect.stringMatching(/^aborted: /) }]);
  expect(receiver.received).toHaveLength(1);
});

test("a restart of Weft loses no delivery, and the program is not called twice for a delivery that it handled", async () => {
  using own = temporaryFolder();
  const first = await startWeft(["dev", "--data", own.path]);
  const { port } = new URL(first.url);
  const began = Promise.withResolvers<() => void>();
  receiver.respond = (response) => began.resolve(() => void response.writeHead(200).end());
  const args = ["listen", "--json", "--name", "restarted", "--forward-to", receiver.url()];
  await using listening = startCommand(args, { WEFT_URL: first.url });
  await listening.line(({ event }) => event === "connected");
  await runWeft(["trigger", "sync.completed", "--url", first.url]);
  const reply = await began.promise;
  await first[Symbol.asyncDispose]();
  // The program responds while no Weft is running.
  reply();
  await using second = startCommand(["dev", "--json", "--data", own.path, "--port", port]);
  await second.line(({ event }) => event === "listening");
  const isDelivery = ({ event, became }: Record<string, unknown>) => event === "delivery" && became === "delivered";
  expect(await listening.line(isDelivery)).toMatchObject({ attempt: 1, status: 200 });
  expect(receiver.received.filter(({ method }) => method === "POST")).toHaveLength(1);
});

const bin = fileURLToPath(new URL("../../bin/weft.js", import.meta.url));
const hasScript = spawnSync("script", ["--version"], { encoding: "utf8" }).stdout?.includes("util-linux") === true;

// Without this version of `script`, a test has no terminal.
test.skipIf(!hasScript)(
  "on a terminal it is a list to navigate, from which an event is resent, and the screen is restored at the end",
  async () => {
    const line = `${process.execPath} ${bin} listen --name terminal --types sync.cancelled --url ${weft.url}`;
    const child = spawn("script", ["-qefc", line, "/dev/null"], {
      env: { PATH: process.env.PATH ?? "", TERM: "xterm-256color" },
      stdio: ["pipe", "pipe", "pipe"],
    });
    await using screen = follow(child);
    await screen.wrote("● connected");
    await trigger("sync.cancelled");
    await screen.wrote("sync.cancelled");
    child.stdin?.write("r");
    await screen.wrote("is re-queued");
    child.stdin?.write("\r");
    await screen.wrote("Headers");
    child.stdin?.write("\x1b");
    await screen.wrote("q quit");
    child.stdin?.write("\x03");
    const { exitCode, stdout } = await screen.ended;
    expect(exitCode).toBe(0);
    expect(stdout.endsWith("\x1b[?25h\x1b[?1049l")).toBe(true);
  },
);
