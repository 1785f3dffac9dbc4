import { expect, test, vi } from "vitest";
import { headersFor, payload, secret, sentAt } from "./promises/adapter-promises.ts";
import { createReceiver, type ReceiverOptions } from "./receive-request.ts";
import { createRouter } from "./router.ts";
import { WebhookVerificationError } from "./verification-error.ts";

const options: ReceiverOptions = { secret, now: () => sentAt };

async function genuineRequest() {
  return { headers: await headersFor(payload), body: new TextEncoder().encode(payload) };
}

test("a mistake in the receiver's own options is a 500, so that no event is given up for it", async () => {
  const onError = vi.fn();
  const onRefused = vi.fn();
  const receiver = createReceiver(createRouter(), { ...options, tolerance: Number.NaN, onError, onRefused });
  expect(await receiver.receive(await genuineRequest())).toMatchObject({ status: 500 });
  expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: "invalid_option" }), undefined);
  expect(onRefused).not.toHaveBeenCalled();
});

test("a handler's own verification error is a 500: this request was genuine", async () => {
  const onError = vi.fn();
  const router = createRouter().onAny(() => {
    throw new WebhookVerificationError("missing_header", "from an inner webhook");
  });
  const receiver = createReceiver(router, { ...options, onError });
  expect(await receiver.receive(await genuineRequest())).toMatchObject({ status: 500 });
  expect(onError).toHaveBeenCalledOnce();
});

test("an error that nobody asked for is printed", async () => {
  const print = vi.spyOn(console, "error").mockImplementation(() => {});
  const router = createRouter().onAny(() => {
    throw new Error("the disk is full");
  });
  await createReceiver(router, options).receive(await genuineRequest());
  expect(print).toHaveBeenCalledExactlyOnceWith(
    "Weft receiver:",
    expect.objectContaining({ message: "the disk is full" }),
  );
  print.mockRestore();
});

test("bodies are limited to 1 MiB unless the receiver says otherwise", async () => {
  expect(createReceiver(createRouter(), options).bodyBytesMax).toBe(1_048_576);
  const receiver = createReceiver(createRouter(), { ...options, bodyBytesMax: 10 });
  const answer = await receiver.receive(await genuineRequest());
  expect([answer.status, JSON.parse(answer.body)]).toEqual([
    413,
    { code: "payload_too_large", detail: "The body is larger than 10 bytes." },
  ]);
});

test("a body of exactly the limit is read", async () => {
  const request = await genuineRequest();
  const receiver = createReceiver(createRouter(), { ...options, bodyBytesMax: request.body.byteLength });
  expect(await receiver.receive(request)).toEqual({ status: 204, body: "" });
});

test("a refusal that nobody asked for is answered all the same", async () => {
  const answer = await createReceiver(createRouter(), options).receive({ headers: {}, body: new Uint8Array() });
  expect(answer.status).toBe(400);
});

test("a secret that turns bad after the start is a 500, for the event may be good", async () => {
  const onError = vi.fn();
  const onRefused = vi.fn();
  const secrets = [secret];
  const receiver = createReceiver(createRouter(), { ...options, secret: secrets, onError, onRefused });
  secrets[0] = "";
  expect(await receiver.receive(await genuineRequest())).toMatchObject({ status: 500 });
  expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: "invalid_secret" }), undefined);
  expect(onRefused).not.toHaveBeenCalled();
});

test("a clock that fails is a 500, and the error is told", async () => {
  const onError = vi.fn();
  const now = () => {
    throw new Error("no clock");
  };
  const receiver = createReceiver(createRouter(), { ...options, now, onError });
  expect(await receiver.receive(await genuineRequest())).toMatchObject({ status: 500 });
  expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ message: "no clock" }), undefined);
});
