import { expect, test, vi } from "vitest";
import { memoryOnce } from "./once/memory.ts";
import { headersFor, payload, secret, sentAt } from "./promises/adapter-promises.ts";
import { createReceiver, type ReceiverOptions } from "./receive-request.ts";
import { gone, tryLater } from "./response.ts";
import { createRouter } from "./router.ts";
import { WebhookVerificationError } from "./verification-error.ts";

const options: ReceiverOptions = { secret, now: () => sentAt };

async function genuineRequest() {
  return { headers: await headersFor(payload), body: new TextEncoder().encode(payload) };
}

test("a mistake in the receiver's own options is a 500, so that no event is lost for it", async () => {
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

test("an error without a hook is printed", async () => {
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
  const response = await receiver.receive(await genuineRequest());
  expect([response.status, JSON.parse(response.body)]).toEqual([
    413,
    { code: "payload_too_large", detail: "The body is larger than 10 bytes." },
  ]);
});

test("a body of exactly the limit is read", async () => {
  const request = await genuineRequest();
  const receiver = createReceiver(createRouter(), { ...options, bodyBytesMax: request.body.byteLength });
  expect(await receiver.receive(request)).toEqual({ status: 204, headers: {}, body: "" });
});

test("a rejected request gets a response without a hook", async () => {
  const response = await createReceiver(createRouter(), options).receive({ headers: {}, body: new Uint8Array() });
  expect(response.status).toBe(400);
});

test("a secret that becomes invalid after the start is a 500, because the event may be genuine", async () => {
  const onError = vi.fn();
  const onRefused = vi.fn();
  const secrets = [secret];
  const receiver = createReceiver(createRouter(), { ...options, secret: secrets, onError, onRefused });
  secrets[0] = "";
  expect(await receiver.receive(await genuineRequest())).toMatchObject({ status: 500 });
  expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: "invalid_secret" }), undefined);
  expect(onRefused).not.toHaveBeenCalled();
});

test("a clock that fails is a 500, and the error is reported", async () => {
  const onError = vi.fn();
  const now = () => {
    throw new Error("no clock");
  };
  const receiver = createReceiver(createRouter(), { ...options, now, onError });
  expect(await receiver.receive(await genuineRequest())).toMatchObject({ status: 500 });
  expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ message: "no clock" }), undefined);
});

test("a hook that fails does not prevent the response, and is printed", async () => {
  const print = vi.spyOn(console, "error").mockImplementation(() => {});
  const onRefused = () => {
    throw new Error("the log is full");
  };
  const onError = onRefused;
  const router = createRouter().onAny(() => {
    throw new Error("the disk is full");
  });
  const receiver = createReceiver(router, { ...options, onRefused, onError });
  expect(await receiver.receive({ headers: {}, body: new Uint8Array() })).toMatchObject({ status: 400 });
  expect(await receiver.receive(await genuineRequest())).toMatchObject({ status: 500 });
  expect(receiver.failUnreadable("Read it first.")).toMatchObject({ status: 500 });
  expect(print.mock.calls.map(([, error]) => error.message)).toEqual(Array(3).fill("the log is full"));
  print.mockRestore();
});

test.each([
  [0.2, "1"],
  [-5, "1"],
  [Number.NaN, "1"],
  [59.1, "60"],
  [Number.POSITIVE_INFINITY, "86400"],
])("a pause of %d seconds is sent as %s", async (seconds, expected) => {
  const router = createRouter().onAny(() => {
    throw tryLater(seconds);
  });
  const { status, headers } = await createReceiver(router, options).receive(await genuineRequest());
  expect([status, headers["retry-after"]]).toEqual([503, expected]);
});

test("a delivery of a message in progress gets a 409, later ones a 204, and its handler runs once", async () => {
  const work = Promise.withResolvers<void>();
  const handle = vi.fn(() => work.promise);
  const receiver = createReceiver(createRouter({ once: memoryOnce({ leaseMs: 30_000 }) }).onAny(handle), options);
  const request = await genuineRequest();
  const first = receiver.receive(request);
  await vi.waitFor(() => expect(handle).toHaveBeenCalled());
  const meanwhile = await receiver.receive(request);
  const detail = "Another delivery of this message is being worked on; please send it again.";
  expect([meanwhile.status, JSON.parse(meanwhile.body)]).toEqual([409, { code: "in_progress", detail }]);
  expect(Number(meanwhile.headers["retry-after"])).toBeGreaterThan(1);
  work.resolve();
  expect((await first).status).toBe(204);
  expect((await receiver.receive(request)).status).toBe(204);
  expect(handle).toHaveBeenCalledOnce();
});

test.each([
  [gone(), { code: "gone", detail: "This receiver no longer accepts events." }],
  [tryLater(5), { code: "try_later", detail: expect.stringContaining("send it again") }],
  [gone("Moved."), { code: "gone", detail: "Moved." }],
])("a deliberate refusal by a handler (%s) is sent to the sender as a sentence", async (decline, expected) => {
  const router = createRouter().onAny(() => {
    throw decline;
  });
  const { body } = await createReceiver(router, options).receive(await genuineRequest());
  expect(JSON.parse(body)).toEqual(expected);
  expect(decline.name).toBe("Decline");
});

test("a message whose handler failed or asked for a pause is processed when it is delivered again", async () => {
  const failures = [new Error("the disk is full"), tryLater(5), null];
  const handle = vi.fn(() => {
    const failure = failures.shift() ?? null;
    if (failure !== null) throw failure;
  });
  const router = createRouter({ once: memoryOnce() }).onAny(handle);
  const receiver = createReceiver(router, { ...options, onError: () => {} });
  const statuses = [];
  for (let delivery = 0; delivery < 4; delivery++) {
    statuses.push((await receiver.receive(await genuineRequest())).status);
  }
  expect(statuses).toEqual([500, 503, 204, 204]);
  expect(handle).toHaveBeenCalledTimes(3);
});

test("a store that cannot be reached is a 500, and no handler runs", async () => {
  const handle = vi.fn();
  const away = async () => {
    throw new Error("the database is away");
  };
  const onError = vi.fn();
  const once = { begin: away, finish: away, release: away, forget: away };
  const receiver = createReceiver(createRouter({ once }).onAny(handle), { ...options, onError });
  expect(await receiver.receive(await genuineRequest())).toMatchObject({ status: 500 });
  expect(handle).not.toHaveBeenCalled();
  expect(onError).toHaveBeenCalledOnce();
});
