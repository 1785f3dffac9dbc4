import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createClient } from "@weft/sdk";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Receiver, status } from "../delivery/fixtures/receiver.ts";
import {
  follow,
  jsonLines,
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
  await createClient({ url: weft.url }).webhooks.createSubscription({
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

async function trigger(eventType: string, url = weft.url): Promise<string> {
  const { events, webhooks } = createClient({ url });
  const payload = (await webhooks.listEventTypes()).items.find(({ name }) => name === eventType)?.example ?? {};
  return (await events.publishEvents({ event_type: eventType, payload })).id;
}

test.each(["SIGTERM", "SIGKILL"] as const)("a restart of Weft by %s loses no line and repeats none", async (signal) => {
  using own = temporaryFolder();
  const first = await startWeft(["dev", "--data", own.path]);
  const { port } = new URL(first.url);
  await using tailing = startCommand(["tail", "--json", "--url", first.url]);
  await tailing.line(isConnected);
  const ids = [await trigger("sync.completed", first.url)];
  await tailing.wrote(ids[0] ?? "");
  first.send(signal);
  await first.ended;
  await tailing.line(({ event }) => event === "disconnected");
  await using second = startCommand(["dev", "--json", "--data", own.path, "--port", port]);
  await second.line(({ event }) => event === "listening");
  for (let count = 0; count < 5; count += 1) ids.push(await trigger("sync.completed", first.url));
  await tailing.wrote(ids.at(-1) ?? "");
  tailing.send("SIGINT");
  const { exitCode, stdout } = await tailing.ended;
  expect(exitCode).toBe(0);
  expect(jsonLines(stdout).flatMap(({ event, id }) => (event === "message" ? [id] : []))).toEqual(ids);
});

test("a reader that closes the pipe ends it without an error", async () => {
  const bin = fileURLToPath(new URL("../../bin/weft.js", import.meta.url));
  const child = spawn(
    "bash",
    ["-c", `${process.execPath} ${bin} tail --url ${weft.url} | head -1; echo "$PIPESTATUS"`],
    {
      env: { PATH: process.env.PATH ?? "" },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  await using running = follow(child);
  await running.wrote('{"event":"connected"}\n');
  // Lines that are written after `head` has ended are lost.
  await trigger("sync.completed");
  const { stdout, stderr } = await running.ended;
  expect([stdout, stderr]).toEqual(['{"event":"connected"}\n0\n', ""]);
});

const hasScript = spawnSync("script", ["--version"], { encoding: "utf8" }).stdout?.includes("util-linux") === true;

// Without this version of `script`, a test has no terminal.
test.skipIf(!hasScript)("on a terminal it prints lines for people, and Ctrl-C ends it with 0", async () => {
  const bin = fileURLToPath(new URL("../../bin/weft.js", import.meta.url));
  const child = spawn("script", ["-qefc", `exec ${process.execPath} ${bin} tail --url ${weft.url}`, "/dev/null"], {
    env: { PATH: process.env.PATH ?? "", TERM: "xterm-256color" },
    stdio: ["pipe", "pipe", "pipe"],
  });
  await using screen = follow(child);
  await screen.wrote("● connected");
  const id = await trigger("sync.failed");
  await screen.wrote(`message  sync.failed  ${id}`);
  await screen.wrote(`attempt  sync.failed  ${id}  → ${receiver.url()}  \x1b[32m204 in`);
  child.stdin?.write("\x03");
  expect((await screen.ended).exitCode).toBe(0);
});
