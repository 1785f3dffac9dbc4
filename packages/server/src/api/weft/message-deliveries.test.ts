import { createClient } from "@weft/sdk";
import { expect, test } from "vitest";
import { until } from "../../delivery/fixtures/manual-clock.ts";
import { status } from "../../delivery/fixtures/receiver.ts";
import { completed, useWeftAndReceiver } from "../fixtures/weft-and-receiver.ts";

const { used, subscribe } = useWeftAndReceiver();
const zeros = "00000000-0000-0000-0000-000000000000";

test("a message's deliveries show their progress, in pages", async () => {
  used.receiver.respond = (response, { path }) => status(path === "/fails" ? 500 : 204)(response, {} as never);
  const make = async (url: string, more = {}) => (await subscribe({ url: used.receiver.url(url), ...more })).body.id;
  const delivered = await make("/works");
  const retried = await make("/fails", { retry_schedule: [600] });
  const failed = await make("/fails", { retry_schedule: [] });
  const skipped = await make("/works");
  await used.weft.patch(`/webhooks/subscriptions/${skipped}`, { disabled: true });
  const { id } = (await used.weft.post("/events", completed())).body;
  const path = `/webhooks/messages/${id}/deliveries`;
  const states = async () => (await used.weft.get(path)).body.map(({ state }: { state: string }) => state);
  await until("each was tried", async () => (await states()).join() === "skipped,failed,due,delivered");
  const first = await used.weft.get(`${path}?limit=3`);
  expect(first.body).toEqual([
    {
      subscription_id: skipped,
      url: used.receiver.url("/works"),
      outcome: "skipped",
      reason: {
        code: "disabled",
        detail: "The subscription is disabled. Disabled by request. Enable it, then recover the missed messages.",
        since: expect.any(String),
        filter: null,
      },
      settings: null,
      state: "skipped",
      attempts: 0,
      attempts_left: 0,
      last_attempt_at: null,
      next_attempt_at: null,
      held_back: null,
    },
    expect.objectContaining({
      subscription_id: failed,
      outcome: "failed",
      reason: expect.objectContaining({ code: "attempts_used_up" }),
      state: "failed",
      attempts: 1,
      attempts_left: 0,
      last_attempt_at: expect.any(String),
      next_attempt_at: null,
    }),
    expect.objectContaining({
      subscription_id: retried,
      outcome: "waiting",
      reason: expect.objectContaining({ code: "retry" }),
      state: "due",
      attempts: 1,
      attempts_left: 1,
      last_attempt_at: expect.any(String),
      next_attempt_at: expect.any(String),
    }),
  ]);
  const next = /<(.+)>/.exec(first.headers.get("link") ?? "")?.[1] ?? "";
  const second = await used.weft.get(next);
  expect(second.body).toMatchObject([
    { subscription_id: delivered, state: "delivered", outcome: "delivered", reason: null },
  ]);
  expect(second.headers.get("link")).toBeNull();
  expect((await used.weft.get(`/webhooks/messages/${zeros}/deliveries`)).status).toBe(404);
});

test("a subscription that did not get a message is listed with the reason, and whether its settings changed since", async () => {
  const make = async (more: Record<string, unknown>) => (await subscribe(more)).body.id;
  const typed = await make({ event_types: ["collection.created"] });
  const filtered = await make({ filters: { collection_name: ["Finance"], source_type: ["slack"] } });
  const long = await make({ filters: { source_type: ["x".repeat(300)] } });
  const changed = await make({ event_types: ["collection.created"] });
  const { id } = (await used.weft.post("/events", completed())).body;
  await used.weft.patch(`/webhooks/subscriptions/${changed}`, { event_types: ["sync.completed"] });
  const { body } = await used.weft.get(`/webhooks/messages/${id}/deliveries`);
  const of = (subscriptionId: string) =>
    body.find(({ subscription_id }: { subscription_id: string }) => subscription_id === subscriptionId);
  const unmade = { state: null, attempts: 0, outcome: "not_matched", settings: "unchanged", held_back: null };
  expect(of(typed)).toMatchObject({ ...unmade, reason: { code: "event_type", filter: null } });
  expect(of(filtered)).toMatchObject({
    ...unmade,
    reason: {
      code: "filter",
      filter: { path: "collection_name", value: '"Sales Data"', wanted: '["Finance"]' },
    },
  });
  expect(of(long).reason.filter.wanted).toHaveLength(257);
  expect(of(changed)).toMatchObject({ outcome: "missing", settings: "changed", reason: { code: "never_made" } });
  const { id: later } = (await subscribe()).body;
  expect(of(later)).toBeUndefined();
});

test("a payload is returned byte for byte, as a text that no browser renders as a page", async () => {
  const payload = '{"event_type" :"sync.completed",  "n":12345678901234567890.10, "n":1, "t":"<script>ü</script>"}';
  const body = JSON.stringify({ event_type: "sync.completed", payload: 0 }).replace(":0}", `:${payload}}`);
  const filled = JSON.stringify(completed().payload).slice(1, -1);
  const text = payload.replace('"event_type" :"sync.completed"', filled);
  const accepted = await used.weft.post("/events", undefined, { text: body.replace(payload, text) });
  const { id } = accepted.body;
  const reply = await used.weft.get(`/webhooks/messages/${id}/payload`);
  expect(reply.text).toBe(text);
  expect(reply.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  expect(reply.headers.get("x-content-type-options")).toBe("nosniff");
  const weft = createClient({ url: used.weft.url });
  expect(await weft.webhooks.getMessagePayload(id)).toBe(text);
  expect((await used.weft.get(`/webhooks/messages/${zeros}/payload`)).status).toBe(404);
});
