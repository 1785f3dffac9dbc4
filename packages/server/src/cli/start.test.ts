import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
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

test("a port in use is reported with a sentence", async () => {
  using folder = temporaryFolder();
  const taken = await listeningServer();
  const { port } = taken.address() as AddressInfo;
  const { exitCode, stderr } = await runWeftProcess(["dev", "--port", String(port), "--data", folder.path]);
  taken.close();
  expect([exitCode, stderr]).toEqual([
    1,
    `Port ${port} on 127.0.0.1 is taken by another program. ` +
      "Stop that program, or select another port with --port.\n",
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
  const variables = { WEFT_ATTEMPT_TIMEOUT: "soon", WEFT_HOTS: "x" };
  const { exitCode, stdout, stderr } = await runWeft(["serve", "--port", "eighty", "--json"], variables);
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
