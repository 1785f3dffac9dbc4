import { expect, test } from "vitest";
import { ApiError } from "../../domain/errors.ts";
import { idSource } from "../../domain/id.ts";
import { noAccess } from "../../domain/receiver-access.ts";
import { alertKinds, type Target, type TargetKind, targetKinds } from "../../domain/target.ts";
import { shownRequest } from "./shown-request.ts";
import { targetRules } from "./target-kinds.ts";
import type { AddressPolicy, OutgoingMessage } from "./target-rules.ts";

const newId = idSource(
  () => 1_768_487_400_000,
  (size) => Buffer.alloc(size, 7),
);
const message: OutgoingMessage = {
  messageId: newId<"message">(),
  subscriptionId: newId<"subscription">(),
  eventType: "sync.failed",
  payload: '{"error":"x"}',
  contentType: null,
  trigger: "scheduled",
};
const policy: AddressPolicy = { allowHttp: true, mail: { domains: [] } };
const secret = "T0PSECRETPART";

/** An address of each kind, with the secret where the kind has one. */
const addresses: Record<
  Exclude<TargetKind, "listener">,
  { url: string; routingKey: string | null; isSecret: boolean }
> = {
  webhook: { url: "https://example.com/hook", routingKey: null, isSecret: false },
  mcp: { url: "https://example.com/hook", routingKey: null, isSecret: false },
  slack: { url: `https://hooks.example.com/services/T0/${secret}`, routingKey: null, isSecret: true },
  discord: { url: `https://example.com/api/webhooks/1/${secret}?wait=${secret}`, routingKey: null, isSecret: true },
  pagerduty: { url: "https://example.com/v2/enqueue", routingKey: secret, isSecret: true },
  email: { url: "mailto:ops@example.com", routingKey: null, isSecret: false },
};

test.each(Object.entries(addresses))(
  "%s sends its credential, and shows it nowhere",
  (kind, { url, routingKey, isSecret }) => {
    const rules = targetRules[kind as TargetKind];
    const { url: shownUrl, credential } = rules.storedAddress(rules.urlOf(url, policy), routingKey);
    expect(credential?.includes(secret) ?? false).toBe(isSecret);
    const target = { kind, url: shownUrl, template: null } as Target;
    const settings = { target, headers: {}, access: noAccess, secrets: [] };
    const sent = rules.prepare({ ...settings, credential })(message, { at: 0, userAgent: "Weft", traceContext: null });
    expect(JSON.stringify(sent).includes(secret)).toBe(isSecret);
    const shown = shownRequest(settings, message, { at: 0, userAgent: "Weft" });
    expect(JSON.stringify([target, shown])).not.toContain(secret);
  },
);

test("the URL of a listener cannot be changed", () => {
  expect(() => targetRules.listener.urlOf("https://example.com/", policy)).toThrow(ApiError);
});

test("http is refused for every kind when the operator allows only https", () => {
  const kinds = targetKinds.filter((kind) => kind !== "listener" && kind !== "email");
  for (const kind of kinds) {
    expect(() => targetRules[kind].urlOf("http://example.com/", { ...policy, allowHttp: false }), kind).toThrow(
      /https/,
    );
    expect(targetRules[kind].urlOf("http://example.com/", policy), kind).toBe("http://example.com/");
  }
});

test("every alert has a template, and no other kind of target has one", () => {
  const without = targetKinds.filter((kind) => targetRules[kind].refusedFields.template !== undefined);
  expect(without).toEqual(targetKinds.filter((kind) => !(alertKinds as readonly string[]).includes(kind)));
});
