import { expect, test } from "vitest";
import { until } from "../../delivery/fixtures/manual-clock.ts";
import { status } from "../../delivery/fixtures/receiver.ts";
import { completed, useWeftAndReceiver } from "../fixtures/weft-and-receiver.ts";

const { used, subscribe } = useWeftAndReceiver();
const path = "/webhooks/recoveries";
const hour = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();

interface Listed {
  readonly subscription_id: string;
  readonly deliveries: number | null;
  readonly recovery: { readonly id: string } | null;
  readonly skipped: string | null;
}

/** A subscription whose deliveries failed, one whose deliveries succeeded, and one that is disabled. */
async function world() {
  used.receiver.respond = (response, { path: to }) => status(to === "/fails" ? 500 : 204)(response, {} as never);
  const make = async (url: string, more = {}) => (await subscribe({ url: used.receiver.url(url), ...more })).body.id;
  const since = new Date().toISOString();
  const failing = await make("/fails", { retry_schedule: [] });
  const working = await make("/works");
  const disabled = await make("/works");
  await used.weft.patch(`/webhooks/subscriptions/${disabled}`, { disabled: true });
  const publish = async (source_type: string) => {
    const event = completed();
    const { body } = await used.weft.post("/events", { ...event, payload: { ...event.payload, source_type } });
    return body.id as string;
  };
  const messages = [await publish("github"), await publish("github"), await publish("slack")];
  for (const [id, outcome] of [
    [failing, "failed"],
    [working, "success"],
  ]) {
    await until("all were tried", async () => {
      const { body } = await used.weft.get(`/webhooks/subscriptions/${id}/attempts?status=${outcome}`);
      return body.length === 3;
    });
  }
  used.receiver.respond = status(204);
  const mine = [failing, working, disabled];
  const of = ({ body }: { body: { subscriptions: Listed[] } }) =>
    mine.map((id) => body.subscriptions.find(({ subscription_id }) => subscription_id === id));
  return { since, failing, working, disabled, messages, of };
}

test("a dry run counts the matching deliveries of each subscription, and recovers nothing", async () => {
  const { since, failing, working, disabled, messages, of } = await world();
  const counts = async (filter: object) =>
    of(await used.weft.post(path, { since, dry_run: true, ...filter })).map((found) => found?.deliveries);
  expect(await counts({})).toEqual([3, 0, null]);
  expect(await counts({ status: ["delivered"] })).toEqual([0, 3, null]);
  expect(await counts({ status: ["failed", "delivered"], event_types: ["sync.*"] })).toEqual([3, 3, null]);
  expect(await counts({ event_types: ["collection.created"] })).toEqual([0, 0, null]);
  expect(await counts({ payload: { source_type: "github" } })).toEqual([2, 0, null]);
  expect(await counts({ payload: { source_type: ["slack", "github"] } })).toEqual([3, 0, null]);
  expect(await counts({ since: undefined, message_ids: [messages[1]] })).toEqual([1, 0, null]);
  expect(await counts({ tag: "none" })).toEqual([0, 0, null]);
  expect(await counts({ status_class: "5xx" })).toEqual([3, 0, null]);
  expect(await counts({ status_class: "4xx" })).toEqual([0, 0, null]);
  expect(await counts({ status: ["delivered"], status_class: "2xx", attempted_since: since })).toEqual([0, 3, null]);
  expect(await counts({ attempted_until: since })).toEqual([0, 0, null]);
  expect(await counts({ since: hour(1), until: hour(2) })).toEqual([0, 0, null]);
  const one = await used.weft.post(path, { since, dry_run: true, subscription_ids: [failing] });
  expect(one.body).toEqual({
    dry_run: true,
    subscriptions: [
      {
        subscription_id: failing,
        url: used.receiver.url("/fails"),
        deliveries: 3,
        is_exact: true,
        recovery: null,
        skipped: null,
      },
    ],
  });
  for (const id of [failing, working, disabled]) {
    expect((await used.weft.get(`/webhooks/subscriptions/${id}/recoveries`)).body).toEqual([]);
  }
});

test("a filter recovers the matching deliveries of all enabled subscriptions, once", async () => {
  const { since, failing, disabled, of } = await world();
  const filter = { since, payload: { source_type: "github" } };
  const begun = of(await used.weft.post(path, filter));
  expect(begun).toMatchObject([
    { recovery: { status: "running", total: null }, skipped: null },
    { recovery: { status: "running" }, skipped: null },
    { subscription_id: disabled, recovery: null, skipped: "disabled" },
  ]);
  const done = await until("the two arrived", async () => {
    const { body } = await used.weft.get(`/webhooks/subscriptions/${failing}/recoveries/${begun[0]?.recovery?.id}`);
    return body.status === "completed" && body.outcomes.delivered === 2 && body;
  });
  expect(done).toMatchObject({ status: "completed", total: 2, recovered: 2 });
  expect(of(await used.weft.post(path, { ...filter, dry_run: true })).map((found) => found?.deliveries)).toEqual([
    0,
    0,
    null,
  ]);
  expect(of(await used.weft.post(path, { since, dry_run: true }))[0]?.deliveries).toBe(1);
});

test("mistakes in a recovery by filter are reported, and nothing is recovered", async () => {
  const { since, disabled } = await world();
  const at = async (body: object) => {
    const reply = await used.weft.post(path, body);
    return [reply.status, reply.body.errors?.[0].loc.join(".")];
  };
  expect(await at({})).toEqual([422, "body.since"]);
  expect(await at({ since: hour(-1) })).toEqual([422, "body.since"]);
  expect(await at({ since: hour(15 * 24) })).toEqual([422, "body.since"]);
  expect(await at({ message_ids: ["nothing"] })).toEqual([422, "body.message_ids.0"]);
  expect(await at({ since, status: [] })).toEqual([422, "body.status"]);
  expect(await at({ since, status_class: "6xx" })).toEqual([422, "body.status_class"]);
  expect(await at({ since, status: ["claimed"] })).toEqual([422, "body.status.0"]);
  expect((await used.weft.post(path, { since, subscription_ids: [disabled] })).status).toBe(409);
  const unknown = "00000000-0000-0000-0000-000000000000";
  expect((await used.weft.post(path, { since, subscription_ids: [unknown] })).status).toBe(404);
});
