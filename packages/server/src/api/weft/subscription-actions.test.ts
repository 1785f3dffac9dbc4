import { expect, test } from "vitest";
import { until } from "../../delivery/fixtures/manual-clock.ts";
import { status } from "../../delivery/fixtures/receiver.ts";
import { completed, useWeftAndReceiver } from "../fixtures/weft-and-receiver.ts";

const { used, subscribe } = useWeftAndReceiver();
const path = "/webhooks/subscriptions";
const zeros = "00000000-0000-0000-0000-000000000000";

test("a test event goes only to its subscription and returns the attempt", async () => {
  const { id } = (await subscribe({ event_types: ["collection.deleted"] })).body;
  used.receiver.received.length = 0;
  const tested = await used.weft.post(`${path}/${id}/test`, { event_type: "sync.completed" });
  expect(tested).toMatchObject({
    status: 200,
    body: { status: "success", trigger: "test", endpoint_id: id, response_status_code: 204 },
  });
  expect(used.receiver.received).toHaveLength(1);
  used.receiver.respond = status(503, {}, "busy");
  expect((await used.weft.post(`${path}/${id}/test`, { event_type: "sync.failed" })).body).toMatchObject({
    status: "failed",
    response_status_code: 503,
    response: "busy",
    next_attempt_at: null,
  });
  expect((await used.weft.post(`${path}/${id}/test`, { event_type: "sync.*" })).status).toBe(422);
  await used.weft.patch(`${path}/${id}`, { disabled: true });
  expect((await used.weft.post(`${path}/${id}/test`, { event_type: "sync.completed" })).status).toBe(409);
});

test("a message is resent to one subscription or to all, and a disabled subscription is a 409 with the reason", async () => {
  const { id } = (await subscribe()).body;
  const message = (await used.weft.post("/events", completed())).body.id;
  const attempts = async () =>
    (await used.weft.get(`/webhooks/messages/${message}?include_attempts=true`)).body.delivery_attempts.filter(
      (attempt: { endpoint_id: string; status: string }) => attempt.endpoint_id === id && attempt.status === "success",
    );
  await until("it arrived", async () => (await attempts()).length === 1);
  expect((await used.weft.post(`/webhooks/messages/${message}/resend`)).body.subscription_ids).toContain(id);
  await until("it arrived again", async () => (await attempts()).length === 2);
  await used.weft.post(`/webhooks/messages/${message}/resend`, { subscription_id: id });
  const [latest] = await until("it arrived a third time", async () => {
    const made = await attempts();
    return made.length === 3 && made;
  });
  expect(latest).toMatchObject({ attempt_number: 3, trigger: "manual" });
  await used.weft.patch(`${path}/${id}`, { disabled: true });
  expect(await used.weft.post(`/webhooks/messages/${message}/resend`, { subscription_id: id })).toMatchObject({
    status: 409,
    body: { detail: expect.stringContaining("disabled") },
  });
  expect((await used.weft.post(`/webhooks/messages/${zeros}/resend`)).status).toBe(404);
  expect((await used.weft.post(`/webhooks/messages/${message}/resend`, { subscription_id: zeros })).status).toBe(404);
});

test("health follows the deliveries: unknown, healthy, degraded, failing", async () => {
  const { id } = (await subscribe({ retry_schedule: [] })).body;
  const health = async () => (await used.weft.get(`${path}/${id}`)).body.health_status;
  const send = (event_type = "sync.completed") => used.weft.post(`${path}/${id}/test`, { event_type });
  expect(await health()).toBe("unknown");
  await send();
  expect(await health()).toBe("healthy");
  used.receiver.respond = status(500);
  await send();
  expect(await health()).toBe("degraded");
  await send();
  await send();
  expect(await health()).toBe("failing");
});

test("a rotated secret is shown, and the previous one also signs until the overlap ends", async () => {
  const { id } = (await subscribe()).body;
  const before = (await used.weft.get(`${path}/${id}?include_secret=true`)).body.secret;
  const rotated = await used.weft.post(`${path}/${id}/rotate-secret`, { overlap: 3600 });
  expect(rotated.body.secret).toMatch(/^whsec_/);
  expect(rotated.body.secret).not.toBe(before);
  expect((await used.weft.get(`${path}/${id}?include_secret=true`)).body.secret).toBe(rotated.body.secret);
  used.receiver.received.length = 0;
  await used.weft.post(`${path}/${id}/test`, { event_type: "sync.completed" });
  expect(String(used.receiver.received[0]?.headers["svix-signature"]).split(" ")).toHaveLength(2);
  expect((await used.weft.post(`${path}/${id}/rotate-secret`, { secret: "short" })).status).toBe(422);
});

test("a subscription changes from v1 to v1a and back, and both sign during each overlap", async () => {
  const { id } = (await subscribe()).body;
  const rotate = async (body?: object) => (await used.weft.post(`${path}/${id}/rotate-secret`, body)).body.secret;
  const versions = async () => {
    used.receiver.received.length = 0;
    await used.weft.post(`${path}/${id}/test`, { event_type: "sync.completed" });
    const signatures = String(used.receiver.received[0]?.headers["svix-signature"]).split(" ");
    return signatures.map((signature) => signature.split(",")[0]);
  };
  expect(await versions()).toEqual(["v1"]);
  expect(await rotate({ signature_type: "v1a" })).toMatch(/^whpk_/);
  expect(await versions()).toEqual(["v1a", "v1"]);
  expect(await rotate()).toMatch(/^whpk_/);
  expect(await versions()).toEqual(["v1a", "v1a", "v1"]);
  expect(await rotate({ signature_type: "v1", overlap: 0 })).toMatch(/^whsec_/);
  expect(await versions()).toEqual(["v1"]);
});

test("a rotation to a given key returns its public half, and invalid ones change nothing", async () => {
  const privateKey = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
  const publicKey = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";
  const { id } = (await subscribe()).body;
  const rotate = (body: object) => used.weft.post(`${path}/${id}/rotate-secret`, body);
  expect((await rotate({ secret: privateKey })).body.secret).toBe(publicKey);
  const mistakes = [
    { secret: publicKey },
    { secret: privateKey, signature_type: "v1" },
    { signature_type: "ed25519" },
    { secret: `${privateKey}\n` },
  ];
  for (const body of mistakes) {
    const refused = await rotate(body);
    expect(refused.status, JSON.stringify(body)).toBe(422);
    expect(refused.text).not.toContain("6Xb/");
  }
  expect((await used.weft.get(`${path}/${id}?include_secret=true`)).body.secret).toBe(publicKey);
  expect((await used.weft.post(`${path}/${zeros}/rotate-secret`, {})).status).toBe(404);
});

test("credentials in headers reach only the endpoint", async () => {
  const made = await subscribe({ headers: { Authorization: "Bearer t0ken", "X-Team": "search" } });
  expect(made.body.headers).toEqual({ Authorization: "***", "X-Team": "search" });
  used.receiver.received.length = 0;
  await used.weft.post(`${path}/${made.body.id}/test`, { event_type: "sync.completed" });
  expect(used.receiver.received[0]?.headers).toMatchObject({ authorization: "Bearer t0ken", "x-team": "search" });
});
