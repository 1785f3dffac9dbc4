import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { sqliteInbox } from "./inbox/sqlite.ts";
import { type LambdaEvent, toLambdaHandler } from "./lambda.ts";
import { toNodeHandler } from "./node.ts";
import { memoryOnce } from "./once/memory.ts";
import { once } from "./once/once.ts";
import { sqliteOnce } from "./once/sqlite.ts";
import { carriers, carriedOptions as options } from "./promises/adapter-carriers.ts";
import { secret, sentAt } from "./promises/adapter-promises.ts";
import { createReceiver } from "./receive-request.ts";
import { createRouter } from "./router.ts";
import { signedHeaders } from "./signature.ts";

const genuine = '{"event_type":"sync.completed"}';

const handle = vi.fn();
const router = createRouter({ once: memoryOnce() }).onAny(handle);

const headerName = fc.oneof(
  fc.constantFrom(
    "svix-id",
    "svix-timestamp",
    "svix-signature",
    "Webhook-Id",
    "webhook-timestamp",
    "webhook-signature",
  ),
  fc.constantFrom("content-type", "content-encoding", "content-length", "__proto__", "constructor", ""),
  fc.string(),
);
const headerText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("msg_1", "1736951400", "v1,", "v1,AAAA v1a,AAAA v1,", " , , ", "NaN", "-1", "gzip", "0".repeat(5000)),
  fc.base64String().map((text) => `v1,${text} v1a,${text}`),
);
const anyHeaders = fc.oneof(
  fc.dictionary(headerName, fc.oneof(headerText, fc.array(headerText), fc.constant(undefined)), {
    noNullPrototype: false,
  }),
  fc.anything({ withNullPrototype: true, withMap: true }),
);
const anyBody = fc.oneof(fc.string({ unit: "binary" }), fc.uint8Array(), fc.json(), fc.anything());

test.each(Object.entries(carriers))(
  "any request through the adapter %s is refused, and no handler runs",
  async (_name, carry) => {
    handle.mockClear();
    await fc.assert(
      fc.asyncProperty(anyHeaders, anyBody, async (headers, body) => {
        const { status, body: text } = await carry(router, headers, body);
        // A consumed body is the receiver's own mistake: 500.
        expect([400, 413, 500]).toContain(status);
        expect(JSON.parse(text)).toEqual({ code: expect.any(String), detail: expect.any(String) });
      }),
      { numRuns: 200 },
    );
    expect(handle).not.toHaveBeenCalled();
  },
);

test.each(Object.entries(carriers))(
  "the adapter %s refuses or accepts any signed bytes, and accepts every event",
  async (_name, carry) => {
    const event = fc.json().map((json) => ({ bytes: Buffer.from(`{"event_type":"any","of":${json}}`), isEvent: true }));
    const noEvent = fc.oneof(
      fc.uint8Array(),
      fc.string({ unit: "binary" }).map((text) => Buffer.from(text)),
    );
    const signed = fc.oneof(
      event,
      noEvent.map((bytes) => ({ bytes, isEvent: false })),
    );
    await fc.assert(
      fc.asyncProperty(signed, async ({ bytes, isEvent }) => {
        const body = Uint8Array.from(bytes);
        const headers = await signedHeaders(body, { id: "msg_1", timestamp: sentAt, secret });
        // Lambda passes bytes as base64.
        const sent = carry === carriers.lambda ? Buffer.from(body).toString("base64") : body;
        const { status } = await carry(createRouter(), headers, sent);
        expect(isEvent ? [204] : [204, 400]).toContain(status);
      }),
      { numRuns: 50 },
    );
  },
);

test.each([null, undefined, 0, "text", []])("Lambda invoked with %j returns a refusal", async (event) => {
  const reply = await toLambdaHandler(router, options)(event as unknown as LambdaEvent);
  expect(reply.statusCode).toBe(400);
});

test("payloads with __proto__ and the like change nothing outside themselves", async () => {
  const receiver = createReceiver(router, options);
  const key = fc.constantFrom("__proto__", "constructor", "prototype", "toString", "event_type", "isAdmin");
  const value = fc.letrec((tie) => ({
    node: fc.oneof({ maxDepth: 4 }, fc.constant(true), fc.string(), fc.array(fc.tuple(key, tie("node")))),
  })).node;
  const printed = (node: unknown): string =>
    Array.isArray(node)
      ? `{${(node as [string, unknown][]).map(([name, inner]) => `${JSON.stringify(name)}:${printed(inner)}`).join()}}`
      : JSON.stringify(node);
  await fc.assert(
    fc.asyncProperty(value, value, async (first, second) => {
      const text = `{"__proto__":${printed(first)},"constructor":${printed(second)},"event_type":"sync.completed"}`;
      const headers = await signedHeaders(text, { id: "msg_p", timestamp: sentAt, secret });
      const { status } = await receiver.receive({ headers, body: Buffer.from(text) });
      expect(status).toBe(204);
      expect(Object.keys(Object.prototype)).toEqual([]);
      expect(({} as { isAdmin?: unknown }).isAdmin).toBeUndefined();
    }),
  );
});

test("one valid signature among many counts, at any position", async () => {
  const headers = await signedHeaders(genuine, { id: "msg_s", timestamp: sentAt, secret });
  const good = headers["svix-signature"];
  const noise = fc.oneof(
    fc.base64String().map((text) => `v1,${text}`),
    fc.base64String().map((text) => `v1a,${text}`),
    fc.constantFrom("v1,", "v2,AAAA", ",", "v1", "=", "", "\u00ff"),
  );
  const lists = fc.array(noise, { maxLength: 15 });
  const receiver = createReceiver(createRouter(), options);
  await fc.assert(
    fc.asyncProperty(lists, lists, async (before, after) => {
      const list = (signature: string) => [...before, signature, ...after].join(" ").slice(0, 4096);
      const send = (signature: string) =>
        receiver.receive({ headers: { ...headers, "svix-signature": list(signature) }, body: Buffer.from(genuine) });
      expect((await send(good)).status).toBe(204);
      expect((await send("v1,AAAA")).status).toBe(400);
    }),
  );
});

test("invalid requests on a socket do not stop the server", async () => {
  const server = createServer(toNodeHandler(createRouter(), options));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const line = fc.string({
    unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)),
    maxLength: 60,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 5 }), fc.nat(200), async (lines, length) => {
      const head = [
        "POST / HTTP/1.1",
        "Host: x",
        ...lines.map((text) => `svix-id: ${text}`),
        `Content-Length: ${length}`,
      ];
      await sendRaw(port, Buffer.from(`${head.join("\r\n")}\r\n\r\n${"x".repeat(length)}`, "latin1"));
      const headers = { ...(await signedHeaders(genuine, { id: "msg_1", timestamp: sentAt, secret })) };
      const response = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", headers, body: genuine });
      expect(response.status).toBe(204);
    }),
    { numRuns: 50 },
  );
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** Sends bytes and waits for the first response bytes, or the end. */
function sendRaw(port: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.end(bytes));
    socket.on("data", () => socket.destroy());
    socket.on("error", () => {});
    socket.on("close", () => resolve());
  });
}

test("any id that a header can carry is remembered exactly, and any text is kept unchanged", async () => {
  const database = new DatabaseSync(":memory:");
  const inbox = sqliteInbox(database);
  const ids = fc.string({
    unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)),
    maxLength: 256,
  });
  const used = new Set<string>();
  for (const store of [sqliteOnce(database), memoryOnce()]) {
    used.clear();
    await fc.assert(
      fc.asyncProperty(ids, async (id) => {
        expect((await once(id, () => {}, store)).state).toBe(used.has(id) ? "duplicate" : "ran");
        used.add(id);
      }),
    );
  }
  await fc.assert(
    fc.asyncProperty(fc.uuid(), fc.json(), async (messageId, text) => {
      await inbox.accept({ messageId, timestamp: sentAt, text, key: null });
      const [taken] = await inbox.take({ countMax: 1, leaseMs: 60_000 });
      expect(taken).toMatchObject({ messageId, timestamp: sentAt, text });
      if (taken !== undefined) await inbox.finish(taken, 0);
    }),
  );
});
