import { afterEach, beforeEach, expect, type Mock, test, vi } from "vitest";
import type { ReceiverOptions } from "../receive-request.ts";
import { gone, tryLater } from "../response.ts";
import { createRouter, type MessageContext, type Router } from "../router.ts";
import type { Secrets } from "../secret.ts";
import { signedHeaders } from "../signature.ts";

export const secret = "whsec_C2FVsBQIhrscChlQIMV10R9X4jZ8";
const nextSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const strangeSecret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
const privateKey = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
const publicKey = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";
export const payload = '{"event_type":"sync.completed","collection_name":"Žluťoučký 🧵"}';
export const sentAt = new Date("2025-01-15T14:30:00Z");

/** A running receiver: `send` sends a POST to its webhook route. */
export interface RunningReceiver {
  send(request: { headers: Record<string, string>; body: NonNullable<RequestInit["body"]> | null }): Promise<Response>;
  close(): Promise<void>;
}

export type OpenReceiver = (router: Router, options: ReceiverOptions) => Promise<RunningReceiver>;

/** Headers that sign `body`, as a sender would create them at `sentAt`. */
export async function headersFor(
  body: string | Uint8Array,
  timestamp = sentAt,
  signing: Secrets = secret,
): Promise<Record<string, string>> {
  return { ...(await signedHeaders(body, { id: "msg_1", timestamp, secret: signing })) };
}

/** The promises that every adapter keeps. Each adapter's test calls this with its own `open`. */
export function adapterPromises(open: OpenReceiver): void {
  const running = openBeforeEach(open);
  acceptancePromises(running);
  rotationPromises(running);
  refusalPromises(running);
  limitPromises(running);
  failurePromises(running, open);
  wishPromises(running);
}

/** One receiver for each test, with the calls of its handlers and hooks. */
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
      })
      .on("sync.pending", () => {
        throw tryLater(120, "The index is being rebuilt.");
      })
      .on("collection.deleted", () => {
        throw gone();
      });
    receiver = await open(router, {
      secret: [secret, publicKey, nextSecret],
      now: () => sentAt,
      onRefused,
      onError,
      bodyBytesMax: 100_000,
    });
  });
  afterEach(() => receiver.close());
  return running;
}

function acceptancePromises(running: Running): void {
  test("a signed event reaches its handler and gets a 204 without a body", async () => {
    const response = await running.send({ headers: await headersFor(payload), body: payload });
    expect([response.status, await response.text()]).toEqual([204, ""]);
    expect(response.headers.get("content-type")).toBeNull();
    expect(running.handled).toEqual([
      { name: "Žluťoučký 🧵", context: { messageId: "msg_1", timestamp: sentAt, text: payload } },
    ]);
  });

  test.each(["application/json", "application/json; charset=utf-8", "text/plain", "application/octet-stream", null])(
    "the bytes are used unchanged, even with the content type %s",
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

  test("an event without a handler gets a 204, so that it is not sent again", async () => {
    const body = '{"event_type":"warehouse.moved"}';
    expect((await running.send({ headers: await headersFor(body), body })).status).toBe(204);
  });
}

function rotationPromises(running: Running): void {
  test.each([
    ["the secret that comes next", nextSecret],
    ["the private half of the receiver's public key", privateKey],
    ["a secret that this receiver has never heard of, then one of its own", [strangeSecret, nextSecret]],
  ])("while secrets rotate, an event signed with %s is genuine", async (_name, signing) => {
    const headers = await headersFor(payload, sentAt, signing);
    expect((await running.send({ headers, body: payload })).status).toBe(204);
    expect(running.handled).toHaveLength(1);
  });

  test("while secrets rotate, an event signed with none of them gets a 400", async () => {
    const headers = await headersFor(payload, sentAt, strangeSecret);
    expect((await running.send({ headers, body: payload })).status).toBe(400);
    expect(running.handled).toEqual([]);
  });
}

function refusalPromises(running: Running): void {
  test("an altered body gets a 400 with the reason, and no handler runs", async () => {
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
  test("a body at the limit is read, one byte more gets a 413, and the next request is served", async () => {
    const atLimit = payload.padEnd(100_000 - new TextEncoder().encode(payload).length + payload.length);
    expect((await running.send({ headers: await headersFor(atLimit), body: atLimit })).status).toBe(204);
    const above = `${atLimit} `;
    expect((await running.send({ headers: await headersFor(above), body: above })).status).toBe(413);
    expect((await running.send({ headers: await headersFor(payload), body: payload })).status).toBe(204);
    expect(running.handled).toHaveLength(2);
  });

  test("a body far above the limit without a declared length gets a 413", async () => {
    const response = await running.send({ headers: {}, body: streamOf("x".repeat(2_000_000), 50_000) });
    expect(response.status).toBe(413);
    expect((await running.send({ headers: await headersFor(payload), body: payload })).status).toBe(204);
  });
}

function failurePromises(running: Running, open: OpenReceiver): void {
  test("a handler that fails causes a 500, so that the event is sent again, without internal details", async () => {
    const body = '{"event_type":"sync.failed"}';
    const response = await running.send({ headers: await headersFor(body), body });
    const reply = await response.text();
    expect([response.status, JSON.parse(reply)]).toEqual([
      500,
      { code: "handler_failed", detail: expect.stringContaining("send it again") },
    ]);
    expect(reply).not.toContain("hunter2");
    expect(running.onError).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ message: "the database password is hunter2" }),
      { messageId: "msg_1", timestamp: sentAt, text: body },
    );
    expect(running.onRefused).not.toHaveBeenCalled();
  });

  test("a receiver with a bad secret does not start", async () => {
    const opening = open(createRouter(), { secret: "whsec_not base64" });
    await expect(opening.then((opened) => opened.close())).rejects.toMatchObject({ code: "invalid_secret" });
  });
}

function wishPromises(running: Running): void {
  test("a handler that asks for a pause causes a 503 with its length", async () => {
    const body = '{"event_type":"sync.pending"}';
    const response = await running.send({ headers: await headersFor(body), body });
    expect([response.status, response.headers.get("retry-after"), await response.json()]).toEqual([
      503,
      "120",
      { code: "try_later", detail: "The index is being rebuilt." },
    ]);
    expect(running.onError).not.toHaveBeenCalled();
  });

  test("a handler that requests no further events causes a 410, so that the sender stops", async () => {
    const body = '{"event_type":"collection.deleted"}';
    const response = await running.send({ headers: await headersFor(body), body });
    expect([response.status, await response.json()]).toEqual([410, expect.objectContaining({ code: "gone" })]);
    expect(response.headers.get("retry-after")).toBeNull();
    expect(running.onError).not.toHaveBeenCalled();
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
