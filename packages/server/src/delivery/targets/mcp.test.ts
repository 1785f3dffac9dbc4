import { describe, expect, test } from "vitest";
import { idSource, prefixed, timeOfId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { noAccess } from "../../domain/receiver-access.ts";
import type { McpTarget } from "../../domain/target.ts";
import { mcp } from "./mcp.ts";
import type { OutgoingMessage } from "./target-rules.ts";

const acceptedAt = 1_768_487_400_000;
const newId = idSource(
  () => acceptedAt,
  (size) => Buffer.alloc(size, 7),
);
const ids = { messageId: newId<"message">(), subscriptionId: newId<"subscription">() };
const message: OutgoingMessage = {
  ...ids,
  ...{ eventType: "sync.failed", payload: '{"error":"x"}', contentType: null, trigger: "scheduled" },
};
const target: McpTarget = {
  ...{ kind: "mcp", url: "https://agent.example.com/?a=1", mcpId: "sub_1", principal: "p", keyId: null },
  ...{ arguments: "{}", expiresAt: 0 },
};
const attempt = { at: acceptedAt, userAgent: "Weft", traceContext: null };

function written(changes: Partial<OutgoingMessage> = {}) {
  const settings = { target, credential: null, headers: {}, access: noAccess, secrets: [] };
  return mcp.prepare(settings)({ ...message, ...changes }, attempt);
}

function bodyWith(payload: string): Record<string, unknown> {
  const request = written({ payload });
  if (request.kind !== "http") throw new Error("The request was not written.");
  return JSON.parse(request.body);
}

describe("the timestamp of an event is", () => {
  test.each(["2026-11-29T21:03:00Z", "2026-11-29T21:03:00.127Z", "2026-11-29T22:03:00+01:00"])(
    "the payload's own time %s",
    (timestamp) => {
      expect(bodyWith(JSON.stringify({ timestamp })).timestamp).toBe(timestamp);
    },
  );

  test.each(['"2026-11-29"', '"2026-99-29T21:03:00Z"', '"tomorrow"', "1768487400", "null", `"${"9".repeat(100)}"`])(
    "when it was accepted, if the payload's is %s",
    (timestamp) => {
      expect(timeOfId(ids.messageId)).toBe(acceptedAt);
      expect(bodyWith(`{"timestamp":${timestamp}}`).timestamp).toBe(new Date(acceptedAt).toISOString());
    },
  );
});

test("an envelope has no field named type, and its data is the payload as text", () => {
  const payload = '{"type":"terminated", "n":1e400}';
  const request = written({ payload });
  expect(request).toMatchObject({ kind: "http", timeoutMs: limits.mcpAttemptMs });
  if (request.kind !== "http") return;
  expect(request.body).toContain(`"data":${payload},"cursor":null}`);
  expect(Object.keys(JSON.parse(request.body))).toEqual(["eventId", "name", "timestamp", "data", "cursor"]);
  expect(JSON.parse(request.body).eventId).toBe(prefixed("msg", ids.messageId));
  expect(request.headers).toEqual(expect.arrayContaining(["x-mcp-subscription-id", "sub_1"]));
});

test("a payload that is not JSON is not sent", () => {
  expect(written({ contentType: "text/plain", payload: "x" })).toMatchObject({ kind: "unsent", reason: "protocol" });
});

test("a callback keeps its query, and may have no fragment", () => {
  const policy = { allowHttp: false, mail: null };
  expect(mcp.urlOf(target.url, policy)).toBe(target.url);
  expect(() => mcp.urlOf("https://agent.example.com/#a", policy)).toThrow(/fragment/);
  expect(() => mcp.urlOf("https://agent.example.com/#", policy)).toThrow(/fragment/);
});
