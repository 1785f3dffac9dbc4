import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { signedHeaders } from "@weft/receiver";
import { afterAll, expect, test } from "vitest";
import { jsonLines, runWeft, temporaryFolder } from "./fixtures/weft-process.ts";

const secret = "whsec_C2FVsBQIhrscChlQIMV10R9X4jZ8";
const body = '{"event_type":"sync.completed"}';
const folder = temporaryFolder();
const bodyFile = `${folder.path}/body.json`;
writeFileSync(bodyFile, body);

afterAll(() => folder[Symbol.dispose]());

async function signed(timestamp = new Date()): Promise<[string, string][]> {
  return Object.entries(await signedHeaders(body, { id: "msg_1", timestamp, secret }));
}

async function flagsOf(timestamp?: Date): Promise<string[]> {
  return [
    ...(await signed(timestamp)).flatMap(([name, value]) => ["--header", `${name}: ${value}`]),
    "--body",
    bodyFile,
  ];
}

async function saved(content: string): Promise<string> {
  const file = `${folder.path}/request.http`;
  const lines = (await signed()).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  writeFileSync(file, `POST /hooks HTTP/1.1\r\nHost: example.com\r\n${lines}${content}`);
  return file;
}

test("the exit code is 0 for a request that verifies, and 1 with the reason for any other", async () => {
  const good = await runWeft(["verify", ...(await flagsOf())], { WEFT_SIGNING_SECRET: secret });
  expect([good.exitCode, good.stderr]).toEqual([0, ""]);
  expect(good.stdout).toMatch(/^Verifies: message msg_1, signed \d+ s ago\.\n$/);
  const late = await runWeft(["verify", ...(await flagsOf(new Date(0))), "--secret", secret]);
  expect([late.exitCode, late.stderr]).toEqual([1, "The request does not verify (timestamp_too_old).\n"]);
  expect(late.stdout).toContain("The signature itself is valid.");
  expect((await runWeft(["verify", ...(await flagsOf(new Date(0))), "--secret", secret, "--at", "300"])).exitCode).toBe(
    0,
  );
});

test("--json prints one object, without the secret", async () => {
  const { exitCode, stdout, stderr } = await runWeft([
    "verify",
    "--json",
    ...(await flagsOf()),
    "--secret",
    "whsec_bm90IHRoaXMgb25l",
    "--secret",
    "hush-hush",
  ]);
  expect(exitCode).toBe(1);
  expect(jsonLines(stdout)).toMatchObject([
    { verifies: false, code: "no_matching_signature", message_id: "msg_1", findings: [{ code: "wrong_secret" }] },
  ]);
  expect(stdout + stderr).not.toMatch(/hush|bm90/);
});

test.each([
  ["without a length", `\r\n${body}`],
  ["with a length, and an editor's line end after it", `Content-Length: ${body.length}\r\n\r\n${body}\n`],
])("a saved request is read as it was sent: %s", async (_name, content) => {
  const file = await saved(content);
  const { exitCode, stdout } = await runWeft(["verify", file, "--secret", secret]);
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining("Verifies")]);
});

test("a saved request is read from standard input", async () => {
  const lines = (await signed()).map(([name, value]) => `${name}: ${value}\n`).join("");
  const bin = fileURLToPath(new URL("../../bin/weft.js", import.meta.url));
  const { status, stdout } = spawnSync(process.execPath, [bin, "verify", "-"], {
    input: `${lines}\n${body}`,
    env: { PATH: process.env.PATH ?? "", WEFT_SIGNING_SECRET: secret },
    encoding: "utf8",
  });
  expect([status, stdout]).toEqual([0, expect.stringContaining("Verifies")]);
});

test("control characters of a request do not reach the terminal", async () => {
  const headers = ["webhook-id: \x1b[2Jmsg", "webhook-timestamp: 1", "webhook-signature: v1,AA"];
  const flags = headers.flatMap((line) => ["--header", line]);
  const { stdout } = await runWeft(["verify", ...flags, "--body", bodyFile, "--secret", secret]);
  expect(stdout).toContain("message msg, signed");
  expect(stdout).not.toContain("\x1b");
});

test("wrong usage ends with 2 and a sentence that says what to do", async () => {
  const usageError = async (...args: string[]) => {
    const { exitCode, stderr } = await runWeft(["verify", ...args]);
    return [exitCode, stderr];
  };
  expect(await usageError()).toEqual([2, expect.stringContaining("set --header and --body")]);
  expect(await usageError("--body", bodyFile)).toEqual([
    2,
    expect.stringContaining("Set --secret or WEFT_SIGNING_SECRET"),
  ]);
  expect(await usageError("--header", "no colon", "--body", bodyFile)).toEqual([
    2,
    expect.stringContaining('"no colon" is not a header'),
  ]);
  expect(await usageError("nowhere.http")).toEqual([2, expect.stringContaining("nowhere.http")]);
  expect(await usageError(bodyFile, "--body", bodyFile)).toEqual([
    2,
    expect.stringContaining("A saved request contains"),
  ]);
  expect(await usageError(await saved("oops\r\n\r\n"))).toEqual([2, expect.stringContaining('"oops" is not a header')]);
  expect(await usageError("--body", bodyFile, "--tolerance", "-1")).toEqual([
    2,
    expect.stringContaining("--tolerance is"),
  ]);
  expect(await usageError("--body", bodyFile, "--at", "noon")).toEqual([2, expect.stringContaining("--at is a time")]);
});
