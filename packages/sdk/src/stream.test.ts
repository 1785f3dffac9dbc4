import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { type ConnectionState, createClient, type StreamItem, WeftApiError } from "./index.ts";

interface TestStream extends AsyncDisposable {
  readonly url: string;
  /** The Last-Event-ID of each request; empty for none. */
  readonly requested: string[];
  readonly seen: IncomingMessage[];
}

/** A server whose stream responses a test defines: `behaviour` gets the number of the request. */
async function testStream(
  behaviour: (response: ServerResponse, number: number, lastId: string) => void,
): Promise<TestStream> {
  const requested: string[] = [];
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    const lastId = String(request.headers["last-event-id"] ?? "");
    requested.push(lastId);
    seen.push(request);
    response.on("error", () => {});
    behaviour(response, requested.length, lastId);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requested,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const streamHead = { "content-type": "text/event-stream; charset=utf-8" };

function clientOf({ url }: TestStream, waits: number[] = []) {
  return createClient({
    url,
    apiKey: "key",
    headers: { "x-weft-console": "1" },
    sleep: async (ms, signal) => {
      waits.push(ms);
      signal?.throwIfAborted();
    },
  });
}

/** Yields the given number of items, and then leaves the stream. */
async function taken(items: AsyncIterable<StreamItem>, count: number): Promise<StreamItem[]> {
  const all: StreamItem[] = [];
  for await (const item of items) {
    all.push(item);
    if (all.length === count) break;
  }
  return all;
}

function messageText(number: number, end = "\n"): string {
  const data = JSON.stringify({ id: `m${number}`, event_type: "grüße.👋" });
  return [`event: message`, `id: ${number}`, `data: ${data}`, "", ""].join(end);
}

test("items are typed and have the id to resume from, and the query and headers are sent", async () => {
  await using api = await testStream((response) => response.writeHead(200, streamHead).write(messageText(1)));
  const query = { events: ["message", "attempt"], event_types: ["a b"], payload: true } as const;
  const [item] = await taken(clientOf(api).stream(query, { organizationId: "o1", lastEventId: "0" }), 1);
  expect(item).toEqual({ event: "message", id: "1", data: { id: "m1", event_type: "grüße.👋" } });
  expect(api.seen[0]?.url).toBe("/v1/stream?events=message&events=attempt&event_types=a+b&payload=true");
  expect(api.seen[0]?.headers).toMatchObject({
    accept: "text/event-stream",
    "x-api-key": "key",
    "x-weft-console": "1",
    "x-organization-id": "o1",
    "last-event-id": "0",
  });
});

test("after a disconnection at any byte, the next connection resumes without losing or repeating an item", async () => {
  for (const end of ["\n", "\r\n", "\r"]) {
    const count = 3;
    const whole = Buffer.from(Array.from({ length: count }, (_, at) => messageText(at + 1, end)).join(""));
    await using api = await testStream((response, number, lastId) => {
      const rest = Array.from({ length: count }, (_, at) => at + 1).filter((id) => id > Number(lastId));
      const text = Buffer.from(rest.map((id) => messageText(id, end)).join(""));
      // Each first request of a round ends one byte later than that of the previous round.
      response.writeHead(200, streamHead);
      if (lastId !== "" || cutAt === null) return void response.write(text);
      response.write(text.subarray(0, cutAt), () => (number % 2 === 0 ? response.destroy() : response.end()));
    });
    let cutAt: number | null = null;
    for (let at = 0; at < whole.length; at++) {
      cutAt = at;
      const once = new AbortController();
      const items: StreamItem[] = [];
      const state: ConnectionState[] = [];
      const onConnection = (now: ConnectionState) => {
        state.push(now);
        // The connection after the disconnection is complete.
        if (!now.isConnected) cutAt = null;
      };
      for await (const item of clientOf(api).stream({}, { signal: once.signal, onConnection })) {
        items.push(item);
        if (items.length === count) once.abort();
      }
      expect(
        items.map(({ id }) => id),
        `cut at ${at}`,
      ).toEqual(["1", "2", "3"]);
      expect(items.map(({ data }) => (data as { event_type: string }).event_type)).toEqual(
        Array(count).fill("grüße.👋"),
      );
    }
  }
});

test("the stream resumes from an id without an item", async () => {
  await using api = await testStream((response, number) => {
    response.writeHead(200, streamHead);
    if (number === 1) response.end(`${messageText(1)}: still here\nid: 9\n\n`);
    else response.write(messageText(10));
  });
  expect((await taken(clientOf(api).stream(), 2)).map(({ id }) => id)).toEqual(["1", "10"]);
  expect(api.requested).toEqual(["", "9"]);
});

test("an end that Weft announces is not an item, and the stream resumes after it", async () => {
  await using api = await testStream((response, number) => {
    response.writeHead(200, streamHead);
    const end = 'event: end\ndata: {"code":"shutting_down","detail":"Weft is stopping."}\n\n';
    if (number === 1) response.end(messageText(1) + end);
    else response.write(messageText(2));
  });
  const states: ConnectionState[] = [];
  const items = await taken(clientOf(api).stream({}, { onConnection: (state) => states.push(state) }), 2);
  expect(items.map(({ event, id }) => [event, id])).toEqual([
    ["message", "1"],
    ["message", "2"],
  ]);
  expect(states).toMatchObject([
    { isConnected: true },
    { isConnected: false, reason: { message: "Weft is stopping." } },
    { isConnected: true },
  ]);
});

test("failed connections are tried at growing intervals, as the server requested, and a successful one resets them", async () => {
  await using api = await testStream((response, number) => {
    if (number <= 4) return void response.writeHead(503, { "content-type": "application/json" }).end("{}");
    response.writeHead(200, streamHead);
    if (number === 5) response.end(`retry: 200\n\n${messageText(1)}`);
    else response.write(messageText(2));
  });
  const waits: number[] = [];
  await taken(clientOf(api, waits).stream(), 2);
  const bounds = [1_000, 2_000, 4_000, 8_000, 200];
  expect(waits.length).toBe(bounds.length);
  for (const [at, bound] of bounds.entries()) {
    expect(waits[at]).toBeGreaterThanOrEqual(bound / 2);
    expect(waits[at]).toBeLessThanOrEqual(bound);
  }
});

test("a permanent refusal is thrown, and so is a response that is not a stream", async () => {
  for (const [status, type] of [
    [401, "application/problem+json"],
    [422, "application/problem+json"],
    [200, "text/html"],
  ] as const) {
    await using api = await testStream((response) =>
      response.writeHead(status, { "content-type": type }).end('{"code":"some_code","detail":"No."}'),
    );
    const refused = taken(clientOf(api).stream(), 1);
    await expect(refused).rejects.toBeInstanceOf(WeftApiError);
    await expect(refused).rejects.toMatchObject({ status });
    expect(api.requested.length).toBe(1);
  }
});

test("a signal ends the iteration without an error: before the start, during a wait, and during silence", async () => {
  await using api = await testStream((response) => response.writeHead(200, streamHead).write(messageText(1)));
  const aborted = AbortSignal.abort();
  expect(await taken(clientOf(api).stream({}, { signal: aborted }), 1)).toEqual([]);
  const silent = new AbortController();
  const items: StreamItem[] = [];
  for await (const item of clientOf(api).stream({}, { signal: silent.signal })) {
    items.push(item);
    setTimeout(() => silent.abort(), 0);
  }
  expect(items.length).toBe(1);
  await using down = await testStream((response) => response.destroy());
  const waiting = new AbortController();
  const client = createClient({
    url: down.url,
    sleep: async (_ms, signal) => {
      waiting.abort();
      signal?.throwIfAborted();
    },
  });
  expect(await taken(client.stream({}, { signal: waiting.signal }), 1)).toEqual([]);
});

test("leaving the iteration closes the connection", async () => {
  const left = Promise.withResolvers<void>();
  await using api = await testStream((response) => {
    response.on("close", () => left.resolve());
    response.writeHead(200, streamHead).write(messageText(1));
  });
  await taken(clientOf(api).stream(), 1);
  await left.promise;
});
