import { verify } from "@weft/receiver";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";
import { expect, test } from "vitest";
import { until } from "../../delivery/fixtures/manual-clock.ts";
import { RunningWeft } from "../fixtures/running-weft.ts";
import { completed, useWeftAndReceiver } from "../fixtures/weft-and-receiver.ts";

const { used, subscribe } = useWeftAndReceiver();
const path = "/webhooks/subscriptions";

async function deliver() {
  used.receiver.received.length = 0;
  await used.weft.post("/events", completed());
  const [received] = await until("it arrived", () => used.receiver.received.length > 0 && used.receiver.received);
  if (received === undefined) throw new Error("Nothing was received.");
  return { ...received, headers: received.headers as Record<string, string> };
}

test("a delivery is a POST of the payload under both families of headers, each of them once", async () => {
  const { id } = (await subscribe()).body;
  const { method, headers, body } = await deliver();
  await used.weft.delete(`${path}/${id}`);
  expect(method).toBe("POST");
  expect(JSON.parse(body)).toEqual(completed().payload);
  expect(headers["content-type"]).toBe("application/json");
  expect(headers["webhook-timestamp"]).toMatch(/^\d{10}$/);
  expect(headers["webhook-signature"]).toMatch(/^v1,[A-Za-z0-9+/]{43}=$/);
  for (const part of ["id", "timestamp", "signature"]) {
    expect(headers[`svix-${part}`]).toBe(headers[`webhook-${part}`]);
    // A repeated header would be joined by a comma and a space.
    expect(headers[`webhook-${part}`]).not.toContain(", ");
  }
});

test("while a secret rotates and is replaced by Ed25519, the public libraries and the kit verify with every live one", async () => {
  const { id } = (await subscribe()).body;
  const rotate = async (body: object) => (await used.weft.post(`${path}/${id}/rotate-secret`, body)).body.secret;
  const first = (await used.weft.get(`${path}/${id}?include_secret=true`)).body.secret;
  const second = await rotate({});
  const publicKey = await rotate({ signature_type: "v1a" });
  const { headers, body } = await deliver();
  await used.weft.delete(`${path}/${id}`);
  const signatures = headers["webhook-signature"]?.split(" ").map((entry) => entry.split(",")[0]);
  expect(signatures).toEqual(["v1a", "v1", "v1"]);
  const event = completed().payload;
  for (const Webhook of [SvixWebhook, StandardWebhook]) {
    for (const secret of [first, second]) expect(new Webhook(secret).verify(body, headers)).toEqual(event);
    const stranger = new Webhook(`whsec_${Buffer.alloc(24, 7).toString("base64")}`);
    expect(() => stranger.verify(body, headers)).toThrow();
    expect(() => new Webhook(first).verify(`${body} `, headers)).toThrow();
  }
  for (const secret of [publicKey, first, second, [first, publicKey]]) {
    expect(await verify(body, headers, secret)).toEqual(event);
  }
  await expect(verify(`${body} `, headers, publicKey)).rejects.toMatchObject({ code: "no_matching_signature" });
});

test("two events have different ids without dots, and a resend keeps its id", async () => {
  const { id } = (await subscribe()).body;
  const first = await deliver();
  const second = await deliver();
  used.receiver.received.length = 0;
  await used.weft.post(`/webhooks/messages/${first.id}/resend`, { subscription_id: id });
  const [again] = await until("it came again", () => used.receiver.received.length > 0 && used.receiver.received);
  await used.weft.delete(`${path}/${id}`);
  expect([first.id, second.id]).toEqual([first.headers["webhook-id"], second.headers["webhook-id"]]);
  expect(second.id).not.toBe(first.id);
  for (const each of [first, second]) expect(each.id).toMatch(/^msg_[0-9A-Za-z]{22}$/);
  expect(again?.headers["webhook-id"]).toBe(first.id);
});

test("in serve mode, Weft refuses receivers without https unless the operator allowed them", async () => {
  const adminKey = "k".repeat(32);
  const create = (weft: RunningWeft, url: string) =>
    weft.post(path, { url, event_types: ["*"] }, { headers: { "x-api-key": adminKey } });
  const env = { WEFT_ADMIN_KEY: adminKey, WEFT_VERIFY_ENDPOINTS: "false" };
  await using strict = await RunningWeft.start(env, "serve");
  const refused = await create(strict, "http://example.com/hook");
  expect(refused).toMatchObject({ status: 422, body: { errors: [{ loc: ["body", "url"] }] } });
  expect((await create(strict, "https://example.com/hook")).status).toBe(200);
  await using lenient = await RunningWeft.start({ ...env, WEFT_ALLOW_HTTP: "true" }, "serve");
  expect((await create(lenient, "http://example.com/hook")).status).toBe(200);
});
