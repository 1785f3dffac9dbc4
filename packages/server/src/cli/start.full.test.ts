import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "@weft/sdk";
import { expect, test } from "vitest";
import type { FirstStep } from "./first-steps.ts";
import {
  bin,
  follow,
  jsonLines,
  runWeft,
  startUntil,
  startWeft,
  temporaryFolder,
  type WeftProcess,
} from "./fixtures/weft-process.ts";

test("the commands that weft dev prints work when they are pasted", async () => {
  using folder = temporaryFolder();
  const port = await portWithFreeNeighbour();
  await using weft = await startWeft(["dev", "--data", folder.path, "--port", String(port)]);
  const steps = weft.listening.commands as FirstStep[];
  // A user pastes slowly; during other tests, a receiver may need more than the second that the commands give it. It
  // prints elsewhere, because a delivery often arrives before curl has ended the line of its output.
  const prints = join(folder.path, "received");
  const commands = steps.map(({ command }) => command.replace(/& sleep 1$/, `> '${prints}' & sleep 4`));
  const shell = spawn("bash", ["-c", [...commands, "sleep 2", "kill %1"].join("\n")], {
    env: { PATH: process.env.PATH ?? "" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  shell.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  await once(shell, "close");
  const received = /^received (msg_\S+) (.*)$/m.exec(readFileSync(prints, "utf8"));
  expect(JSON.parse(received?.[2] ?? "{}")).toMatchObject({ event_type: "collection.created" });
  const [subscription, accepted, messages] = jsonLines(output);
  expect(subscription).toMatchObject({ filter_types: ["collection.*", "sync.*"] });
  expect(messages).toMatchObject([{ id: accepted?.id, event_type: "collection.created" }]);
});

test("weft serve over data without a key explains how to create one, and is silent when there is one", async () => {
  using folder = temporaryFolder();
  const data = ["--data", folder.path];
  const without = await servedBriefly(["serve", ...data]);
  expect(jsonLines(without)).toEqual([{ warning: expect.stringContaining("weft keys create --scopes admin") }]);
  expect(await servedBriefly(["serve", ...data], { WEFT_ADMIN_KEY: "k".repeat(32) })).toBe("");
  await runWeft(["keys", "create", ...data]);
  expect(await servedBriefly(["serve", ...data])).toBe("");
});

test("a second signal, a while after the first, ends the process immediately", async () => {
  using folder = temporaryFolder();
  const mute = await listeningServer(() => {});
  await using weft = await startWeft(["dev", "--data", folder.path], { WEFT_VERIFY_ENDPOINTS: "false" });
  await requestUnderWay(weft, mute);
  weft.send("SIGINT");
  // npm forwards the terminal's Ctrl-C in this way.
  weft.send("SIGINT");
  // The time is counted from the first signal.
  await weft.wrote('"stopping"');
  const meanwhile = await Promise.race([sleep(1_100, "it goes on"), weft.ended]);
  expect(meanwhile).toBe("it goes on");
  weft.send("SIGINT");
  const { exitCode, stdout } = await weft.ended;
  mute.closeAllConnections();
  mute.close();
  expect(exitCode).toBeNull();
  expect(stdout).toContain('"stopping"');
  expect(stdout).not.toContain('"stopped"');
});

/** The receiver of the commands listens one port higher. The port is below the ephemeral range of systems. */
async function portWithFreeNeighbour(): Promise<number> {
  for (let port = 20_000 + 2 * (process.pid % 4_000); port < 32_000; port += 2) {
    if ((await isFree(port)) && (await isFree(port + 1))) return port;
  }
  throw new Error("No two ports beside each other are free.");
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const listens = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => resolve(true));
  });
  if (listens) await new Promise((resolve) => server.close(resolve));
  return listens;
}

async function servedBriefly(args: readonly string[], variables: Record<string, string> = {}): Promise<string> {
  await using weft = await startWeft(args, variables);
  weft.send("SIGKILL");
  return (await weft.ended).stderr;
}

async function requestUnderWay({ url }: WeftProcess, mute: Server): Promise<void> {
  const client = createClient({ url });
  const { port } = mute.address() as AddressInfo;
  await client.webhooks.createSubscription({ url: `http://127.0.0.1:${port}/`, event_types: ["collection.*"] });
  const arrived = once(mute, "request");
  await runWeft(["trigger", "collection.created", "--url", url]);
  await arrived;
}

async function listeningServer(onRequest = () => {}): Promise<Server> {
  const server = createServer(onRequest);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

test("a start that runs out of files ends the process with a sentence, at any point", async () => {
  const limits = Array.from({ length: 12 }, (_, index) => 28 + 3 * index);
  const ends = await Promise.all(limits.map(async (filesMax) => ({ filesMax, end: await startWithFiles(filesMax) })));
  const failed = ends.filter(({ end }) => end !== "listens");
  for (const { filesMax, end } of failed) expect(end, `with ${filesMax} files`).toMatchObject({ exitCode: 1 });
  const sentences = failed.filter(({ end }) => JSON.stringify(end).includes("may not open any more files"));
  expect(sentences.length).toBeGreaterThan(0);
});

async function startWithFiles(filesMax: number) {
  using folder = temporaryFolder();
  const args = [bin, "dev", "--port", "0", "--json", "--data", folder.path];
  const child = spawn("sh", ["-c", `ulimit -n ${filesMax}; exec "$0" "$@"`, process.execPath, ...args], {
    env: { PATH: process.env.PATH ?? "" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  await using weft = follow(child);
  return await Promise.race([
    weft.ended,
    weft.wrote('"listening"').then(
      () => "listens" as const,
      () => weft.ended,
    ),
  ]);
}

test("an error that is thrown in a callback is logged, and Weft continues", async () => {
  using folder = temporaryFolder();
  await using weft = await startWith(folder.path, 'throw new Error("a stray error")');
  weft.send("SIGUSR2");
  await weft.wrote("a stray error");
  expect((await fetch(`${weft.url}/health/ready`)).status).toBe(200);
});

test("a stall of the event loop is logged with the function that ran, and counted", async () => {
  using folder = temporaryFolder();
  await using weft = await startWith(
    folder.path,
    "const list = new Array(10_000).fill(7); for (let end = Date.now() + 2500; Date.now() < end; ) list.sort(function compare(a, b) { return b - a; });",
  );
  weft.send("SIGUSR2");
  await weft.wrote("event loop stalled");
  const line = await weft.inOutput((stdout) => /^.*event loop stalled.*$/m.exec(stdout)?.[0] ?? null);
  const { stalledMs, running } = JSON.parse(line) as { stalledMs: number; running: string[] };
  expect(stalledMs).toBeGreaterThan(1_000);
  expect(running.join("\n")).toContain("disturb");
  expect(await (await fetch(`${weft.url}/metrics`)).text()).toContain("weft_event_loop_stall_seconds_count 1");
});

/** Starts a Weft that runs a statement at SIGUSR2. */
async function startWith(data: string, statement: string) {
  const preload = `process.on("SIGUSR2", function disturb() { ${statement} });`;
  const variables = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(preload)}` };
  const started = await startUntil(["dev", "--data", data, "--json"], variables, (stdout) => {
    const lines = stdout.slice(0, stdout.lastIndexOf("\n") + 1);
    return jsonLines(lines).find(({ event }) => event === "listening") ?? null;
  });
  return { ...started, url: String(started.found.url) };
}
