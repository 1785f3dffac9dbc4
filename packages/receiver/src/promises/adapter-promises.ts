import { afterEach, beforeEach, expect, type Mock, test, vi } from "vitest";
import type { ReceiverOptions } from "../receive-request.ts";
import { createRouter, type MessageContext, type Router } from "../router.ts";
import { signedHeaders } from "../signature.ts";

export const secret = "whsec_C2FVsBQIhrscChlQIMV10R9X4jZ8";
export const payload = '{"event_type":"sync.completed","collection_name":"Žluťoučký 🧵"}';
export const sentAt = new Date("2025-01-15T14:30:00Z");

/** A receiver that is up: `send` brings a POST to its webhook route. */
export interface RunningReceiver {
  send(request: { headers: Record<string, string>; body: NonNullable<RequestInit["body"]> | null }): Promise<Response>;
  close(): Promise<void>;
}

export type OpenReceiver = (router: Router, options: ReceiverOptions) => Promise<RunningReceiver>;

/** Headers that prove `body`, as a sender would make them at `sentAt`. */
export async function headersFor(body: string | Uint8Array, timestamp = sentAt): Promise<Record<string, string>> {
  return { ...(await signedHeaders(body, { id: "msg_1", timestamp, secret })) };
}

/** The promises that every adapter keeps. Each adapter's test calls this with its own `open`. */
export function adapterPromises(open: OpenReceiver): void {
  const running = openBeforeEach(open);
  acceptancePromises(running);
  refusalPromises(running);
  limitPromises(running);
  failurePromises(running, open);
}

/** One receiver for each test, and what its handlers and hooks were told. */
interface Running extends Pick<RunningReceiver, "send"> {
  readonly handled: { name: unknown; context: MessageContext }[];
  readonly onRefused: Mock;
  readonly onError: Mock;
}

function openBeforeEach(open: OpenReceiver): Running {
  let receiver: RunningReceiver;
  const running: Running = {
    send: (request) => receiver.send(request),
    handled: [],
    onRefused: vi.fn(),
    onError: vi.fn(),
  };
  beforeEach(async () => {
    vi.resetAllMocks();
    running.handled.length = 0;
    const { handled, onRefused, onError } = running;
    const router = createRouter()
      .on("sync.completed", (event, context) => void handled.push({ name: event.collection_name, context }))
      .on("sync.failed", async () => {
        throw new Error("the database password is hunter2");
      });
    receiver = await open(router, { secret, now: () => sentAt, onRefused, onError, bodyBytesMax: 100_000 });
  });
  afterEach(() => receiver.close());
  return running;
}

function acceptancePromises(running: Running): void {
  test("a signed event reaches its handler and is answered 204 without a body", async () => {
    const response = await running.send({ headers: await headersFor(payload), body: payload });
    expect([response.status, await response.text()]).toEqual([204, ""]);
    expect(response.headers.get("content-type")).toBeNull();
    expect(running.handled).toEqual([{ name: "Žluťoučký 🧵", context: { messageId: "msg_1", timestamp: sentAt } }]);
  });

  test.each(["application/json", "application/json; charset=utf-8", "text/plain", "application/octet-stream", null])(
    "the bytes are taken as they come, also with the content type %s",
    async (contentType) => {
      const body = new TextEncoder().encode(` ${payload}\r\n`);
      const headers = await headersFor(body);
      if (contentType !== null) headers["content-type"] = contentType;
      expect((await running.send({ headers, body })).status).toBe(204);
    },
  );

  test("a body in many chunks is put together", async () => {
    const body = JSON.stringify({ event_type: "sync.completed", collection_name: "x".repeat(90_000) });
    const response = await running.send({ headers: await headersFor(body), body: streamOf(body, 1000) });
    expect(response.status).toBe(204);
    expect(running.handled).toHaveLength(1);
  });

  test("an event without a handler is answered 204, so that it is not sent again", async () => {
    const body = '{"event_type":"warehouse.moved"}';
    expect((await running.send({ headers: await headersFor(body), body })).status).toBe(204);
  });
}

function refusalPromises(running: Running): void {
  test("an altered body is answered 400 with the reason, and no handler runs", async () => {
    const response = await running.send({ headers: await headersFor(payload), body: `${payload} ` });
    expect([response.status, await response.json()]).toEqual([
      400,
      { code: "no_matching_signature", detail: expect.stringContaining("secret") },
    ]);
    expect(running.handled).toEqual([]);
    expect(running.onRefused).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ code: "no_matching_signature" }),
    );
    expect(response.headers.get("content-type")).toMatch(/^application\/json/);
    expect(running.onError).not.toHaveBeenCalled();
  });

  test.each([
    ["missing_header", async () => ({ headers: {}, body: payload })],
    ["missing_header", async () => ({ headers: {}, body: null })],
    ["invalid_payload", async () => ({ headers: await headersFor(""), body: null })],
    ["invalid_payload", async () => ({ headers: await headersFor("[]"), body: "[]" })],
    [
      "timestamp_too_old",
      async () => ({ headers: await headersFor(payload, new Date(sentAt.getTime() - 301_000)), body: payload }),
    ],
  ])("%s is answered 400", async (code, makeRequest) => {
    const response = await running.send(await makeRequest());
    expect([response.status, await response.json()]).toEqual([400, expect.objectContaining({ code })]);
    expect(running.handled).toEqual([]);
  });
}

function limitPromises(running: Running): void {
  test("a body at the limit is read, one byte more is answered 413, and the next request is served", async () => {
    const atLimit = payload.padEnd(100_000 - new TextEncoder().encode(payload).length + payload.length);
    expect((await running.send({ headers: await headersFor(atLimit), body: atLimit })).status).toBe(204);
    const above = `${atLimit} `;
    expect((await running.send({ headers: await headersFor(above), body: above })).status).toBe(413);
    expect((await running.send({ headers: await headersFor(payload), body: payload })).status).toBe(204);
    expect(running.handled).toHaveLength(2);
  });

  test("a body far above the limit that does not tell its length is answered 413", async () => {
    const response = await running.send({ headers: {}, body: streamOf("x".repeat(2_000_000), 50_000) });
    expect(response.status).toBe(413);
    expect((await running.send({ headers: await headersFor(payload), body: payload })).status).toBe(204);
  });
}

function failurePromises(running: Running, open: OpenReceiver): void {
  test("a handler that fails is answered 500, so that the event is sent again, and nothing of the inside is told", async () => {
    const body = '{"event_type":"sync.failed"}';
    const response = await running.send({ headers: await headersFor(body), body });
    const answer = await response.text();
    expect([response.status, JSON.parse(answer)]).toEqual([
      500,
      { code: "handler_failed", detail: expect.stringContaining("send it again") },
    ]);
    expect(answer).not.toContain("hunter2");
    expect(running.onError).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ message: "the database password is hunter2" }),
      { messageId: "msg_1", timestamp: sentAt },
    );
    expect(running.onRefused).not.toHaveBeenCalled();
  });

  test("a receiver with a bad secret does not start", async () => {
    const opening = open(createRouter(), { secret: "whsec_not base64" });
    await expect(opening.then((opened) => opened.close())).rejects.toMatchObject({ code: "invalid_secret" });
  });
}

function streamOf(text: string, chunkChars: number): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let offset = 0;
  return new ReadableStream({
    pull(controller) {
      if (offset >= text.length) return controller.close();
      controller.enqueue(encoder.encode(text.slice(offset, offset + chunkChars)));
      offset += chunkChars;
    },
  });
}
