import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createClient } from "@weft/sdk";
import { expect, test } from "vitest";
import { until } from "../delivery/fixtures/manual-clock.ts";
import { jsonLines, runWeft, runWeftProcess, startUntil, startWeft, temporaryFolder } from "./fixtures/weft-process.ts";

test.each(["SIGTERM", "SIGINT"] as const)("%s stops weft dev, which reports it and exits with 0", async (signal) => {
  using folder = temporaryFolder();
  await using weft = await startWeft(["dev", "--data", folder.path]);
  expect(weft.listening).toMatchObject({ data: `sqlite:${folder.path}/weft.db` });
  expect(await (await fetch(`${weft.url}/v1/webhooks/subscriptions`)).json()).toEqual([]);
  weft.send(signal);
  const { exitCode, stdout, stderr } = await weft.ended;
  expect([exitCode, stderr]).toEqual([0, ""]);
  expect(jsonLines(stdout).map(({ event }) => event)).toEqual(expect.arrayContaining(["listening", "stopped"]));
});

test.each([
  ["serve", "--data", "--json"],
  ["dev", "--host", "--port"],
  ["trigger", "--payload", "--json"],
  ["listen", "--name", "--json"],
])("weft %s %s does not take the option %s as its value", async (command, option, next) => {
  const { exitCode, stderr } = await runWeft([command, option, next]);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`${option} needs a value`)]);
});

test("when the database is removed, the process ends with a sentence and an exit code instead of continuing without it", async () => {
  using folder = temporaryFolder();
  await using weft = await startWeft(["dev", "--data", folder.path]);
  rmSync(folder.path, { recursive: true });
  await fetch(`${weft.url}/v1/collections`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"name": "Nowhere"}',
  }).catch(() => {});
  const { exitCode, stdout, stderr } = await weft.ended;
  expect(exitCode).toBe(1);
  expect(stdout + stderr).toContain("The database cannot be used any more. Start Weft again");
});

test("a Weft that is killed leaves its compiled code to the next start", async () => {
  using folder = temporaryFolder();
  const cache = join(folder.path, "compiled");
  await using weft = await startWeft(["dev", "--data", folder.path], { NODE_COMPILE_CACHE: cache });
  weft.send("SIGKILL");
  await weft.ended;
  // The threads of the store load 270 files, and the whole program loads 1,200.
  expect(readdirSync(cache, { recursive: true }).length).toBeGreaterThan(600);
});

test("without --json, weft dev prints its address and commands to try", async () => {
  using folder = temporaryFolder();
  await using weft = await startUntil(["dev", "--data", folder.path], {}, (stdout) => {
    return stdout.includes("Ctrl-C") ? stdout : null;
  });
  const url = /^Weft listens on (http:\S+)$/m.exec(weft.found)?.[1];
  expect((await fetch(`${url}/health`)).status).toBe(200);
  expect(weft.found).toContain(`Its data is in ${folder.path}/weft.db\nIts console is at ${url}/console/\n`);
  expect(weft.found).toContain(`${url}/v1/webhooks/subscriptions -d '{"url"`);
});

test("without --json, weft dev prints one readable line for a failed attempt", async () => {
  using folder = temporaryFolder();
  await using receiver = createServer((request, response) => {
    response.writeHead(request.method === "HEAD" ? 200 : 503).end();
  }).listen(0, "127.0.0.1");
  await once(receiver, "listening");
  await using weft = await startUntil(["dev", "--data", folder.path], {}, (stdout) => {
    return /^Weft listens on (http:\S+)$/m.exec(stdout)?.[1] ?? null;
  });
  const { webhooks } = createClient({ url: weft.found });
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  const { id } = await webhooks.createSubscription({ url, event_types: ["*"] });
  await runWeft(["trigger", "sync.completed", "--url", weft.found]);
  const line = await weft.inOutput((stdout) => stdout.split("\n").find((text) => text.includes("failed")) ?? null);
  expect(line).toMatch(
    /^\[\d\d:\d\d:\d\d\] WARN: attempt 1 failed: HTTP 503 after \d+ ms; it will be retried {2}message=\S+/,
  );
  expect(line).toContain(`subscription=${id}`);
});

test.each(["99999", "-1", "x", "1.5", "0x10"])("the port %j is refused with the option and its range", async (port) => {
  const expected = `--port is a whole number from 0 to 65535; got "${port}".\n`;
  for (const command of ["dev", "serve", "inbox"]) {
    expect(await runWeft([command, `--port=${port}`]), command).toMatchObject({ exitCode: 2, stderr: expected });
  }
});

test.each([
  ["a program that opens URLs", true],
  ["no program that opens URLs", false],
])("weft dev --open uses the browser, with %s", async (_, exists) => {
  using folder = temporaryFolder();
  const opened = join(folder.path, "opened");
  const script = `#!/bin/sh\necho "$1" > "${opened}.part" && mv "${opened}.part" "${opened}"\n`;
  for (const name of exists ? ["xdg-open", "open"] : [])
    writeFileSync(join(folder.path, name), script, { mode: 0o755 });
  const path = exists ? `${folder.path}:/usr/bin:/bin` : folder.path;
  await using weft = await startUntil(["dev", "--open", "--data", folder.path], { PATH: path }, (stdout) => {
    return /^Its console is at (http:\S+)$/m.exec(stdout)?.[1] ?? null;
  });
  if (exists) {
    await until("the program was started", () => existsSync(opened));
    expect(readFileSync(opened, "utf8")).toBe(`${weft.found}\n`);
  } else await weft.wroteError(`No program that opens a browser was found. Open ${weft.found} yourself.`);
});

test("a port in use is reported with a sentence", async () => {
  using folder = temporaryFolder();
  const taken = await listeningServer();
  const { port } = taken.address() as AddressInfo;
  const { exitCode, stderr } = await runWeftProcess(["dev", "--port", String(port), "--data", folder.path]);
  taken.close();
  expect([exitCode, stderr]).toEqual([
    1,
    `Another program uses port ${port} on 127.0.0.1. Stop that program, or select another port with --port.\n`,
  ]);
});

test("a database that another Weft uses is reported with a sentence that names its process", async () => {
  using folder = temporaryFolder();
  await using weft = await startWeft(["dev", "--data", folder.path]);
  const again = await runWeft(["serve", "--port", "0", "--data", folder.path]);
  expect([again.exitCode, again.stdout]).toEqual([1, ""]);
  expect(again.stderr).toMatch(
    /^The database \S+weft\.db is in use by process \d+ \(weft dev, since .*\)\. Stop .*\.\n/,
  );
  expect(again.stderr).not.toContain(" at ");
  expect((await fetch(`${weft.url}/health/ready`)).status).toBe(200);
});

test("all mistakes in the settings are reported together, before anything starts", async () => {
  const variables = { WEFT_PORT: "eighty", WEFT_ATTEMPT_TIMEOUT: "soon", WEFT_HOTS: "x" };
  const { exitCode, stdout, stderr } = await runWeft(["serve", "--json"], variables);
  expect([exitCode, stdout]).toEqual([2, ""]);
  const [failure] = jsonLines(stderr);
  for (const name of ["WEFT_PORT", "WEFT_ATTEMPT_TIMEOUT", "WEFT_HOTS"]) expect(failure?.error).toContain(name);
});

async function listeningServer(onRequest = () => {}): Promise<Server> {
  const server = createServer(onRequest);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}
