import { expect, test } from "vitest";
import { prefixed } from "../../domain/id.ts";
import { completed, useWeftAndReceiver } from "../fixtures/weft-and-receiver.ts";

const { used, subscribe } = useWeftAndReceiver();

interface FoundRecord {
  readonly kind: string;
  readonly id: string;
}

async function find(q: string, more = ""): Promise<{ results: FoundRecord[]; is_complete: boolean }> {
  return (await used.weft.get(`/webhooks/find?q=${encodeURIComponent(q)}${more}`)).body;
}

async function kinds(q: string, more = ""): Promise<string[]> {
  return (await find(q, more)).results.map(({ kind, id }) => `${kind} ${id}`);
}

async function publish(event: object): Promise<string> {
  return (await used.weft.post("/events", { ...completed(), ...event })).body.id;
}

test("a message is found by both spellings of its id, by its event id and by a payload value", async () => {
  const payload = { ...completed().payload, collection_name: "Rocket science" };
  const id = await publish({ event_id: "order-7", payload });
  for (const q of [id, prefixed("msg", id), `  ${id.toUpperCase()} `, "order-7", "collection_name:Rocket science"]) {
    expect(await kinds(q), q).toEqual([`message ${id}`]);
  }
  expect(await find("order-7")).toMatchObject({
    results: [
      { title: "sync.completed", detail: "order-7", message_id: null, organization: { name: expect.any(String) } },
    ],
    is_complete: true,
  });
});

test("a subscription is found by its id, and by a part of its URL, description or uid; event types by their names", async () => {
  const { id } = (
    await subscribe({ description: "Alerts for the Moon team", url: used.receiver.url("/lunar-landing") })
  ).body;
  for (const q of [id, prefixed("ep", id), "LUNAR-landing", "moon TEAM"]) {
    expect(await kinds(q), q).toContain(`subscription ${id}`);
  }
  expect(await kinds("completed")).toContain("event_type sync.completed");
  expect(await kinds("nothing is called this")).toEqual([]);
});

test("an attempt is found by its id, with its message", async () => {
  await subscribe();
  const message = await publish({});
  const attempts = async () =>
    (await used.weft.get(`/webhooks/messages/${message}?include_attempts=true`)).body.delivery_attempts;
  await expect
    .poll(async () => (await attempts()).some(({ status }: { status: string }) => status === "success"))
    .toBe(true);
  const [attempt] = await attempts();
  expect(await find(attempt.id)).toMatchObject({ results: [{ kind: "attempt", message_id: message }] });
});

test("other organizations are searched only with everywhere, and only by the operator", async () => {
  const organization = (await used.weft.post("/organizations", { name: "Acme Rockets" })).body;
  const foreign = { headers: { "x-organization-id": organization.id } };
  const message = (await used.weft.post("/events", { ...completed(), event_id: "order-8" }, foreign)).body.id;
  for (const q of [message, "order-8", "Acme"]) expect(await kinds(q), q).toEqual([]);
  expect(await kinds(message, "&everywhere=true")).toEqual([`message ${message}`]);
  expect(await kinds("order-8", "&everywhere=true")).toEqual([`message ${message}`]);
  expect(await kinds("acme rock", "&everywhere=true")).toEqual([`organization ${organization.id}`]);
});
