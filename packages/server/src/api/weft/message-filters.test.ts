import { expect, test } from "vitest";
import { completed, useWeftAndReceiver } from "../fixtures/weft-and-receiver.ts";

const { used } = useWeftAndReceiver();

async function publish(payload: Record<string, unknown>, event_id?: string): Promise<string> {
  const event = completed();
  const body = { ...event, payload: { ...event.payload, ...payload }, ...(event_id && { event_id }) };
  return (await used.weft.post("/events", body)).body.id;
}

async function found(query: string): Promise<string[]> {
  const response = await used.weft.get(`/webhooks/messages?${query}`);
  expect(response.status).toBe(200);
  return response.body.map(({ id }: { id: string }) => id);
}

test("messages are found by the publisher's own id and by fields of their payloads", async () => {
  const github = await publish({ source_type: "github", entities_inserted: 3, error: null }, "order-7");
  const slack = await publish({ source_type: "slack", entities_inserted: 3, collection_name: "a:b&c" });
  expect(await found("event_id=order-7")).toEqual([github]);
  expect(await found("event_id=order-8")).toEqual([]);
  expect(await found("payload=source_type:slack")).toEqual([slack]);
  expect(await found("payload=entities_inserted:3")).toEqual([slack, github]);
  expect(await found("payload=entities_inserted:3&payload=source_type:github&payload=error:null")).toEqual([github]);
  expect(await found(`payload=${encodeURIComponent("collection_name:a:b&c")}`)).toEqual([slack]);
  expect(await found("payload=source_type:slack&event_id=order-7")).toEqual([]);
  expect(await found("payload=source_type:slack&event_types=sync.failed")).toEqual([]);
});

test("numbers are found by their exact value, in any notation", async () => {
  const text = (id: string) =>
    JSON.stringify({ ...completed(), payload: { ...completed().payload, collection_name: "exact" } }).replace(
      '"collection_name"',
      `"account_id":${id},"collection_name"`,
    );
  const [one, other] = [
    await used.weft.call("POST", "/events", { text: text("9007199254740993") }),
    await used.weft.call("POST", "/events", { text: text("9007199254740992.0") }),
  ].map(({ body }) => body.id);
  expect(await found("payload=account_id:9007199254740993")).toEqual([one]);
  expect(await found("payload=account_id:9007199254740993.0")).toEqual([one]);
  expect(await found("payload=account_id:9007199254740992")).toEqual([other]);
  expect(await found("payload=account_id:9007199254740994")).toEqual([]);
});

test("an invalid field filter, or too many of them, is a 422", async () => {
  for (const query of ["payload=nothing", "payload=:x", "payload=a:1&payload=a:1&payload=a:1&payload=a:1"]) {
    const response = await used.weft.get(`/webhooks/messages?${query}`);
    expect(response.status, query).toBe(422);
    expect(response.body.errors[0].loc.slice(0, 2)).toEqual(["query", "payload"]);
  }
});
