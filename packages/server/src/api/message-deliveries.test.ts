import { createClient } from "@weft/sdk";
import { expect, test } from "vitest";
import { until } from "../delivery/fixtures/manual-clock.ts";
import { status } from "../delivery/fixtures/receiver.ts";
import { completed, useWeftAndReceiver } from "./fixtures/weft-and-receiver.ts";

const { used, subscribe } = useWeftAndReceiver();
const zeros = "00000000-0000-0000-0000-000000000000";

test("a message's deliveries say how far each is, page by page", async () => {
  used.receiver.answer = (response, { path }) => status(path === "/fails" ? 500 : 204)(response, {} as never);
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
      state: "skipped",
      attempts: 0,
      last_attempt_at: null,
      next_attempt_at: null,
      held_back: null,
    },
    expect.objectContaining({
      subscription_id: failed,
      state: "failed",
      attempts: 1,
      last_attempt_at: expect.any(String),
      next_attempt_at: null,
    }),
    expect.objectContaining({
      subscription_id: retried,
      state: "due",
      attempts: 1,
      last_attempt_at: expect.any(String),
      next_attempt_at: expect.any(String),
    }),
  ]);
  const next = /<(.+)>/.exec(first.headers.get("link") ?? "")?.[1] ?? "";
  const second = await used.weft.get(next);
  expect(second.body).toMatchObject([{ subscription_id: delivered, state: "delivered" }]);
  expect(second.headers.get("link")).toBeNull();
  expect((await used.weft.get(`/webhooks/messages/${zeros}/deliveries`)).status).toBe(404);
});

test("a payload is answered byte for byte, as a text that no browser takes for a page", async () => {
  const payload = '{"event_type" :"sync.completed",  "n":12345678901234567890.10, "n":1, "t":"<script>ü</script>"}';
  const body = JSON.stringify({ event_type: "sync.completed", payload: 0 }).replace(":0}", `:${payload}}`);
  const filled = JSON.stringify(completed().payload).slice(1, -1);
  const text = payload.replace('"event_type" :"sync.completed"', filled);
  const accepted = await used.weft.post("/events", undefined, { text: body.replace(payload, text) });
  const { id } = accepted.body;
  const answer = await used.weft.get(`/webhooks/messages/${id}/payload`);
  expect(answer.text).toBe(text);
  expect(answer.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  const weft = createClient({ url: used.weft.url });
  expect(await weft.webhooks.getMessagePayload(id)).toBe(text);
  expect((await used.weft.get(`/webhooks/messages/${zeros}/payload`)).status).toBe(404);
});
