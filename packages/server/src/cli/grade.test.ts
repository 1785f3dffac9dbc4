import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { createRouter } from "@weft/receiver";
import { toNodeHandler } from "@weft/receiver/node";
import { afterEach, expect, test } from "vitest";
import { jsonLines, runWeft } from "./fixtures/weft-process.ts";

const secret = "whsec_C2FVsBQIhrscChlQIMV10R9X4jZ8";
const servers: ReturnType<typeof createServer>[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`;
}

const acceptAll: RequestListener = (request, response) => void request.resume().on("end", () => response.end());

test("a good receiver gets an A and exit code 0, with a line for each check", async () => {
  const url = await listen(toNodeHandler(createRouter(), { secret }));
  const { exitCode, stdout, stderr } = await runWeft(["grade", url, "--secret", secret]);
  expect([exitCode, stderr]).toEqual([0, ""]);
  expect(stdout).toContain("  passed   stale: 400\n");
  expect(stdout).toContain("  skipped  each_secret\n");
  expect(stdout).toMatch(/Checks: \d+ passed, 0 failed, 1 skipped\.\nGrade A: /);
});

test("a receiver that accepts everything gets an F and exit code 5, with the request, the expected and the actual response, and the risk", async () => {
  const { exitCode, stdout, stderr } = await runWeft(["grade", await listen(acceptAll), "--secret", secret]);
  expect([exitCode, stderr]).toEqual([5, expect.stringContaining("is graded F.")]);
  expect(stdout).toMatch(
    /FAILED {3}unsigned\n +sent: an event without signature headers\n +expected: 4xx\n +came: 200\n +why it matters: .+\n/,
  );
});

test("a program reads one JSON object for each check, and then the grade", async () => {
  const url = await listen(acceptAll);
  const { exitCode, stdout } = await runWeft(["grade", url, "--json"], { WEFT_SIGNING_SECRET: secret });
  const lines = jsonLines(stdout);
  expect(exitCode).toBe(5);
  expect(lines.at(0)).toMatchObject({ name: "genuine", outcome: "passed", came: "200" });
  expect(lines.find(({ name }) => name === "stale")).toMatchObject({
    outcome: "failed",
    stake: "forgery",
    expected: "4xx",
  });
  const { url: graded, grade, passed, failed, skipped } = lines.at(-1) ?? {};
  expect([graded, grade]).toEqual([url, "F"]);
  expect(Number(passed) + Number(failed) + Number(skipped)).toBe(lines.length - 1);
});

test("a receiver in the middle of a rotation must accept each secret", async () => {
  const nextSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const url = await listen(toNodeHandler(createRouter(), { secret: nextSecret }));
  const secrets = ["--secret", nextSecret, "--secret", secret];
  const { exitCode, stdout } = await runWeft(["grade", ...secrets, url]);
  expect([exitCode, stdout]).toEqual([4, expect.stringContaining("FAILED   each_secret")]);
});

test("an unreachable receiver is reported as such", async () => {
  const url = await listen(acceptAll);
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  const { exitCode, stdout } = await runWeft(["grade", url, "--secret", secret]);
  expect([exitCode, stdout]).toEqual([5, expect.stringContaining("ECONNREFUSED")]);
});

test("other machines are tested only on request", async () => {
  for (const url of ["https://receiver.example/hooks", "http://127.evil.example/", "http://localhost.example/"]) {
    const { exitCode, stderr } = await runWeft(["grade", url, "--secret", secret]);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("--yes-remote")]);
  }
  // A name that does not resolve: the attempt is enough.
  const { exitCode, stdout } = await runWeft(["grade", "http://nowhere.invalid/", "--yes-remote", "--secret", secret]);
  expect([exitCode, stdout]).toEqual([5, expect.stringContaining("FAILED   genuine")]);
});

test("an unsupported argument is reported with a sentence that names the supported ones", async () => {
  const failureOf = async (...args: string[]) => {
    const { exitCode, stderr } = await runWeft(["grade", ...args]);
    return [exitCode, stderr];
  };
  expect(await failureOf("somewhere", "--secret", secret)).toEqual([
    2,
    expect.stringContaining("not the URL of a receiver"),
  ]);
  expect(await failureOf("file:///etc/passwd", "--secret", secret)).toEqual([
    2,
    expect.stringContaining("not the URL"),
  ]);
  expect(await failureOf("http://localhost:1/")).toEqual([
    2,
    expect.stringContaining("--secret or WEFT_SIGNING_SECRET"),
  ]);
  const publicKey = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";
  expect(await failureOf("http://localhost:1/", "--secret", publicKey)).toEqual([
    2,
    expect.stringContaining("sign with whsk_"),
  ]);
});
