import fc from "fast-check";
import { expect, test } from "vitest";
import { eventCatalogue } from "../../../domain/event-catalogue.ts";
import { idSource } from "../../../domain/id.ts";
import { operationalEventTypes } from "../../../domain/operational-catalogue.ts";
import { noAccess } from "../../../domain/receiver-access.ts";
import type { AlertTarget } from "../../../domain/target.ts";
import { shownRequest } from "../shown-request.ts";
import { targetRules } from "../target-kinds.ts";
import type { OutgoingMessage } from "../target-rules.ts";

const newId = idSource(
  () => 1_768_487_400_000,
  (size) => Buffer.alloc(size, 7),
);
const messageId = newId<"message">();
const subscriptionId = newId<"subscription">();

function messageOf(eventType: string, payload: unknown, more: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return {
    messageId,
    subscriptionId,
    eventType,
    payload: JSON.stringify(payload),
    contentType: null,
    trigger: "scheduled",
    ...more,
  };
}

function exampleOf(eventType: string): OutgoingMessage {
  const found = eventCatalogue.find(({ name }) => name === eventType);
  return messageOf(eventType, found?.example);
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape.
function bodyFor(kind: "slack" | "discord" | "pagerduty", about: OutgoingMessage, template: string | null = null): any {
  return JSON.parse(shown({ kind, url: "https://example.com/hooks/x", template }, about).body);
}

function mailFor(about: OutgoingMessage, template: string | null = null) {
  return shown({ kind: "email", url: "mailto:ops@example.com", template }, about);
}

function shown(target: AlertTarget, about: OutgoingMessage) {
  return shownRequest({ target, headers: {}, secrets: [] }, about, { at: 0, userAgent: "Weft/test" });
}

test("Slack receives a sentence with an emoji, and fields can neither mention nor link", () => {
  expect(bodyFor("slack", exampleOf("sync.failed"))).toEqual({
    text: "🔴 salesforce does not sync into Sales Data: Authentication token expired",
  });
  expect(bodyFor("slack", exampleOf("sync.completed")).text).toMatch(/^🟢 /);
  const hostile = messageOf("sync.failed", {
    source_type: "<!channel>",
    collection_name: "a & b",
    error: "<http://x|y>",
  });
  expect(bodyFor("slack", hostile).text).toBe("🔴 &lt;!channel&gt; does not sync into a &amp; b: &lt;http://x|y&gt;");
  expect(bodyFor("slack", hostile, "<https://wiki|Help> {{error}}").text).toBe(
    "<https://wiki|Help> &lt;http://x|y&gt;",
  );
});

test("a notice for Discord is within its limits, mentions no one, and shows fields without markup", () => {
  const long = messageOf("sync.failed", {
    source_type: "a*b_c",
    collection_name: "@everyone",
    error: "x".repeat(5_000),
  });
  const body = bodyFor("discord", long);
  expect(body.allowed_mentions).toEqual({ parse: [] });
  expect(body.content).toHaveLength(2_000);
  expect(body.content).toContain(String.raw`a\*b\_c does not sync`);
  expect(body.content.endsWith("…")).toBe(true);
});

test("PagerDuty gets an incident when a sync fails, and resolves it under the same key when a sync completes", () => {
  const failed = bodyFor("pagerduty", exampleOf("sync.failed"));
  const completed = bodyFor("pagerduty", exampleOf("sync.completed"));
  expect(failed).toMatchObject({
    routing_key: "***",
    event_action: "trigger",
    dedup_key: "weft:660e8400-e29b-41d4-a716-446655440001",
    payload: {
      summary: "salesforce does not sync into Sales Data: Authentication token expired",
      source: "660e8400-e29b-41d4-a716-446655440001",
      severity: "error",
      component: "salesforce",
      group: "sales-data-ab123",
      class: "sync.failed",
      custom_details: { error: "Authentication token expired" },
    },
  });
  expect(completed).toMatchObject({ event_action: "resolve", dedup_key: failed.dedup_key });
  expect(completed).not.toHaveProperty("payload");
});

test("PagerDuty receives information under the message's own key, once however often it is sent", () => {
  const neutral = bodyFor("pagerduty", exampleOf("collection.created"));
  expect(neutral).toMatchObject({ event_action: "trigger", payload: { severity: "info" } });
  expect(neutral.dedup_key).toMatch(/^weft:msg_/);
  expect(bodyFor("pagerduty", exampleOf("collection.created")).dedup_key).toBe(neutral.dedup_key);
});

test("an e-mail has the sentence as its subject and the fields as its text, or the first line of a template as its subject", () => {
  const failed = mailFor(exampleOf("sync.failed"));
  expect(failed.method).toBe("SMTP");
  expect(failed.headers).toEqual([
    "to",
    "ops@example.com",
    "subject",
    "salesforce does not sync into Sales Data: Authentication token expired",
  ]);
  expect(failed.body).toContain("collection_readable_id: sales-data-ab123\n");
  expect(failed.body).toMatch(/message_id: msg_/);
  const templated = mailFor(exampleOf("sync.failed"), "{{source_type}} is down\n\nSee the runbook.\n{{error}}");
  expect(templated.headers).toContain("salesforce is down");
  expect(templated.body).toBe("See the runbook.\nAuthentication token expired\n");
});

test("a field with a line break adds no header and no second line to a subject", () => {
  const hostile = messageOf("sync.failed", {
    source_type: "x\r\nBcc: all@example.com",
    collection_name: "a",
    error: "b",
  });
  const { headers } = mailFor(hostile, "{{source_type}}");
  expect(headers).toEqual(["to", "ops@example.com", "subject", "x Bcc: all@example.com"]);
  const subject = mailFor(hostile).headers[3];
  expect(subject).not.toMatch(/[\r\n]/);
});

test("two subscriptions to one address get mails with different ids, and every attempt of a delivery has the same id", () => {
  const about = exampleOf("sync.failed");
  const idOf = (message: OutgoingMessage) => {
    const target = { kind: "email", url: "mailto:ops@example.com", template: null } as const;
    const write = targetRules.email.prepare({ target, credential: null, headers: {}, access: noAccess, secrets: [] });
    const request = write(message, { at: 0, userAgent: "Weft/test", traceContext: null });
    return request.kind === "mail" ? request.mail.id : null;
  };
  expect(idOf(about)).toMatch(/^msg_/);
  expect(idOf(about)).toBe(idOf({ ...about }));
  expect(idOf({ ...about, subscriptionId: newId<"subscription">() })).not.toBe(idOf(about));
});

test("a test notice is marked as a test", () => {
  expect(bodyFor("slack", { ...exampleOf("sync.failed"), trigger: "test" }).text).toMatch(/^🔴 \[Test\] /);
});

test("every built-in event has a sentence of its own, with every field filled in", () => {
  const operational = operationalEventTypes.map(({ name, schemas }) =>
    messageOf(name, JSON.parse(schemas?.["1"] ?? "{}").examples[0]),
  );
  for (const about of [...eventCatalogue.map(({ name }) => exampleOf(name)), ...operational]) {
    const { text } = bodyFor("slack", about);
    expect(text, about.eventType).not.toBe(about.eventType);
    expect(text, about.eventType).not.toMatch(/undefined|\{\{| {2}|\(\)| \.| $/);
  }
});

test("the notice of an unknown event contains its name", () => {
  expect(bodyFor("slack", messageOf("invoice.paid", { amount: 7 })).text).toBe("invoice.paid");
  expect(bodyFor("slack", messageOf("constructor", {})).text).toBe("constructor");
});

test("a deeply nested or very long payload reaches PagerDuty without its details", () => {
  const deep = `{"error":"x","a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
  const long = JSON.stringify({ error: "x", a: "é".repeat(120_000), source_type: "s".repeat(100_000) });
  for (const payload of [deep, long]) {
    const about = { ...messageOf("sync.failed", null), payload };
    const body = bodyFor("pagerduty", about);
    expect(body.payload.custom_details).toEqual({ message_id: expect.stringMatching(/^msg_/) });
    expect(JSON.stringify(body).length).toBeLessThan(10_000);
    expect(bodyFor("slack", about, "{{error}} {{a}}").text.length).toBeLessThanOrEqual(40_000);
    expect(bodyFor("discord", about, "{{error}} {{a}}").content).toMatch(/^x /);
    expect(mailFor(about, "{{a}}").body).toBeTypeOf("string");
  }
});

test("PagerDuty gets the payload as it is written, followed by the message's id", () => {
  const payload = '{ "error":"x", "account_id" : 9007199254740993, "amount":1.10 }';
  const { body } = shown(
    { kind: "pagerduty", url: "https://e.com/x", template: null },
    { ...messageOf("x.y", null), payload },
  );
  expect(body).toMatch(
    /"custom_details":\{ "error":"x", "account_id" : 9007199254740993, "amount":1.10,"message_id":"msg_\w+"\}\}\}$/,
  );
});

test("every kind of alert renders a template of many large fields within the length that the service accepts", () => {
  const payload = JSON.stringify({ a: "‹".repeat(80_000), b: { c: "<&*".repeat(20_000) } });
  const about = { ...messageOf("sync.failed", null), payload };
  const template = "{{a}}{{b.c}}{{b}}".repeat(200);
  expect(bodyFor("slack", about, template).text).toHaveLength(40_000);
  expect(bodyFor("discord", about, template).content).toHaveLength(2_000);
  expect(bodyFor("pagerduty", about, template).payload.summary).toHaveLength(1_024);
  const mail = mailFor(about, `${template}\n${template}`);
  expect(mail.headers[3]).toHaveLength(200);
  expect(mail.body).toHaveLength(64_001);
});

test("a field with line breaks does not end the subject of a mail, and the text keeps its fields", () => {
  const about = messageOf("sync.failed", {
    source_type: "crm",
    collection_name: "Sales",
    error: "line 1\nline 2",
    job_id: "7",
  });
  const mail = mailFor(about);
  expect(mail.headers[3]).toBe("crm does not sync into Sales: line 1 line 2");
  expect(mail.body).toContain("job_id: 7\n");
  const templated = mailFor(about, "{{error}} in {{source_type}}\nJob {{job_id}}");
  expect(templated.headers[3]).toBe("line 1 line 2 in crm");
  expect(templated.body).toBe("Job 7\n");
});

test("any payload, JSON or not, becomes a notice that each service can read", () => {
  const payload = fc.oneof(
    fc.jsonValue().map((value) => ({ payload: JSON.stringify(value), contentType: null })),
    fc.string({ unit: "binary" }).map((text) => ({ payload: text, contentType: "text/plain" })),
  );
  fc.assert(
    fc.property(payload, fc.constantFrom("sync.failed", "endpoint.disabled", "x.y"), (given, eventType) => {
      const about = { ...messageOf(eventType, null), ...given };
      for (const kind of ["slack", "discord", "pagerduty"] as const) expect(bodyFor(kind, about)).toBeTypeOf("object");
      expect(mailFor(about).body).toBeTypeOf("string");
    }),
  );
});
