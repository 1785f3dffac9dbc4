import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createClient, type WeftClient } from "../packages/sdk/src/index.ts";
import { prefixed } from "../packages/server/src/domain/id.ts";
import { receiver } from "../packages/server/src/outbound/fixtures/local-receiver.ts";
import { buildExecutable } from "../release/executable/build.ts";
import { Collector } from "./telemetry/collector.ts";

const target = `linux-${process.arch}`;
const megabytesMax = 130;

const folder = mkdtempSync(join(tmpdir(), "weft-executable-test-"));
const home = join(folder, "home");
const emptyPath = join(folder, "empty");
let weft = "";

beforeAll(async () => {
  if (target !== "linux-x64" && target !== "linux-arm64") throw new Error(`No executable is built for ${target}.`);
  mkdirSync(home);
  mkdirSync(emptyPath);
  weft = await buildExecutable(target, join(folder, "bin with spaces"));
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The environment of a user who has installed nothing. */
const environment = { PATH: emptyPath, HOME: home };

function run(...given: string[]): string {
  return execFileSync(weft, given, { cwd: home, env: environment, encoding: "utf8" });
}

interface RunningWeft {
  readonly child: ChildProcess;
  readonly url: string;
  readonly commands: readonly { readonly command: string }[];
}

async function start(...given: string[]): Promise<RunningWeft> {
  const child = spawn(weft, [...given, "--json"], {
    cwd: home,
    env: environment,
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  for await (const line of createInterface(child.stdout)) {
    const fact = JSON.parse(line) as { event?: string; url: string; commands: RunningWeft["commands"] };
    if (fact.event !== "listening") continue;
    child.stdout.resume();
    return { child, url: fact.url, commands: fact.commands };
  }
  throw new Error("The executable ended before it listened.");
}

async function stop({ child }: RunningWeft, signal: NodeJS.Signals): Promise<void> {
  child.kill(signal);
  await once(child, "exit");
}

async function eventually<Value>(read: () => Promise<Value>, isDone: (value: Value) => boolean): Promise<Value> {
  for (;;) {
    const value = await read();
    if (isDone(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function publish(client: WeftClient, count: number): Promise<{ id: string }>[] {
  return Array.from({ length: count }, async (_, n) => {
    const payload = { event_type: "collection.created", n };
    return await client.events.publishEvents({ event_type: "executable.tested", payload });
  });
}

test("the executable is one file that runs without Node, installs its files once, and is small", () => {
  expect(statSync(weft).size).toBeLessThan(megabytesMax * 1e6);
  expect(run("--version")).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(run("--version")).toMatch(/^\d+\.\d+\.\d+\n$/);
  const cache = join(home, ".cache/weft");
  expect(readdirSync(cache)).toHaveLength(1);
  expect(statSync(cache).mode & 0o777).toBe(0o700);
});

test("it refuses a cache that other users may write to, and uses another folder", () => {
  const shared = join(folder, "shared");
  mkdirSync(join(shared, "weft"), { recursive: true });
  chmodSync(join(shared, "weft"), 0o777);
  const given = {
    cwd: home,
    env: { ...environment, XDG_CACHE_HOME: shared, TMPDIR: folder },
    encoding: "utf8",
  } as const;
  expect(execFileSync(weft, ["--version"], given)).toMatch(/^\d/);
  expect(readdirSync(join(shared, "weft"))).toEqual([]);
  expect(readdirSync(folder).filter((name) => name.startsWith("weft-"))).toHaveLength(1);
});

test("it runs for a user without a home", () => {
  const given = { cwd: folder, env: { PATH: emptyPath, TMPDIR: folder }, encoding: "utf8" } as const;
  const nameless = process.getuid?.() === 0 ? { uid: 54_321, gid: 54_321 } : {};
  chmodSync(folder, 0o777);
  expect(execFileSync(weft, ["--version"], { ...given, ...nameless })).toMatch(/^\d/);
});

test("it exports to an OpenTelemetry collector, whose libraries it contains", async () => {
  await using collector = await Collector.start();
  const env = { ...environment, ...collector.variables };
  const child = spawn(weft, ["check"], { cwd: home, env, stdio: ["ignore", "ignore", "pipe"] });
  let warnings = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    warnings += text;
  });
  const [exitCode] = (await once(child, "close")) as [number];
  expect([exitCode, warnings]).toEqual([0, ""]);
  expect(collector.requests.map(({ path }) => path).sort()).toEqual(["/v1/metrics", "/v1/traces"]);
});

test("it serves the console, checks payloads in a sandbox, and receives with the commands that it prints", async () => {
  const running = await start("dev", "--port", "0");
  try {
    const page = await fetch(`${running.url}/console/`);
    expect([page.status, page.headers.get("content-type")]).toEqual([200, expect.stringContaining("text/html")]);
    const client = createClient({ url: running.url });
    const schema = { type: "object", properties: { n: { type: "integer", maximum: 1_000 } }, required: ["n"] };
    await client.webhooks.createEventType({ name: "executable.tested", schemas: { "1": schema } });
    const refused = client.events.publishEvents({ event_type: "executable.tested", payload: { n: 1_001 } });
    await expect(refused).rejects.toMatchObject({ status: 422 });
    const [receiving] = running.commands;
    const inbox = spawn("/bin/sh", ["-c", (receiving?.command ?? "").replace(/ & sleep 2$/, " --json")], {
      cwd: home,
      env: environment,
      stdio: ["ignore", "pipe", "inherit"],
      // The shell does not pass signals on, so that its process group is ended.
      detached: true,
    });
    const lines = createInterface(inbox.stdout)[Symbol.asyncIterator]();
    await eventually(
      () => client.webhooks.listSubscriptions(),
      ({ items }) => items.length === 1,
    );
    const [message] = await Promise.all(publish(client, 1));
    let received: { message_id?: string | null; verifies?: boolean } = {};
    while (typeof received.message_id !== "string") received = JSON.parse((await lines.next()).value ?? "{}");
    expect(received).toMatchObject({ message_id: prefixed("msg", message?.id ?? ""), verifies: true });
    if (inbox.pid !== undefined) process.kill(-inbox.pid, "SIGTERM");
    await once(inbox, "close");
  } finally {
    await stop(running, "SIGTERM");
  }
});

test("no accepted event is lost when it is killed again and again", async () => {
  const arrived = new Set<string>();
  const port = await receiver((request, response) => {
    arrived.add(String(request.headers["webhook-id"]));
    request.resume();
    response.end();
  });
  const key = `weft_${randomBytes(32).toString("base64url")}`;
  const accepted = new Set<string>();
  const serve = () => start("serve", "--port", "0", "--data", join(home, "killed"));
  Object.assign(environment, { WEFT_ADMIN_KEY: key, WEFT_ALLOW_HTTP: "true", WEFT_ALLOW_NETWORKS: "127.0.0.0/8" });
  let running = await serve();
  const first = createClient({ url: running.url, apiKey: key });
  await first.webhooks.createEventType({ name: "executable.tested" });
  await first.webhooks.createSubscription({ url: `http://127.0.0.1:${port}/`, event_types: ["executable.tested"] });
  for (let round = 0; round < 5; round += 1) {
    const client = createClient({ url: running.url, apiKey: key });
    const published = publish(client, 100);
    await Promise.any(published);
    await stop(running, "SIGKILL");
    for (const result of await Promise.allSettled(published)) {
      if (result.status === "fulfilled") accepted.add(prefixed("msg", result.value.id));
    }
    running = await serve();
  }
  expect(accepted.size).toBeGreaterThan(0);
  const missing = () => Promise.resolve([...accepted].filter((id) => !arrived.has(id)));
  expect(await eventually(missing, (ids) => ids.length === 0)).toEqual([]);
  await stop(running, "SIGTERM");
});

test("the executable of the other platform is built too", async () => {
  const other = target === "linux-x64" ? "linux-arm64" : "linux-x64";
  const path = await buildExecutable(other, folder);
  expect(existsSync(path)).toBe(true);
  expect(statSync(path).size).toBeLessThan(megabytesMax * 1e6);
}, 300_000);
