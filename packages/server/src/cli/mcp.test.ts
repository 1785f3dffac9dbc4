import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RunningWeft } from "../api/fixtures/running-weft.ts";
import { bin, runWeft } from "./fixtures/weft-process.ts";

let weft: RunningWeft;
beforeAll(async () => {
  weft = await RunningWeft.start();
});
afterAll(() => weft[Symbol.asyncDispose]());

async function connected(args: readonly string[], era: "2026-07-28" | "legacy"): Promise<Client> {
  const versionNegotiation = era === "legacy" ? { mode: "legacy" as const } : { mode: { pin: era } };
  const client = new Client({ name: "a test", version: "1" }, { versionNegotiation });
  const env = { ...(process.env as Record<string, string>), WEFT_URL: weft.url };
  await client.connect(new StdioClientTransport({ command: process.execPath, args: [bin, "mcp", ...args], env }));
  return client;
}

test("an agent on the same machine uses the tools over standard input and output, and writes only if asked to", async () => {
  const client = await connected([], "2026-07-28");
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toContain("explain_delivery");
  expect(tools.map(({ name }) => name)).not.toContain("resend_message");
  const { structuredContent } = await client.callTool({ name: "list_collections", arguments: {} });
  expect(structuredContent).toEqual({ items: [], next_cursor: null });
  await client.close();

  const writing = await connected(["--write"], "legacy");
  expect((await writing.listTools()).tools.map(({ name }) => name)).toContain("resend_message");
  await writing.close();
});

test("a Weft that cannot be reached is an error before the protocol begins", async () => {
  const { exitCode, stderr } = await runWeft(["mcp", "--url", "http://127.0.0.1:1"], {});
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/127\.0\.0\.1:1/);
});
