import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { localSender, okResponse, post, rawReceiver } from "./fixtures/local-receiver.ts";
import type { HttpSender, HttpSenderOptions } from "./http-sender.ts";

/** On a busy machine, a connection that is being closed may break late. */
function staleSender(options: Partial<HttpSenderOptions> = {}): HttpSender {
  return localSender({ staleMsMax: 10_000, ...options });
}

/** The receiver closes an idle connection at the moment when the next request is sent. */
const closings = ["end", "resetAndDestroy", "destroy"] as const;

test.each(closings)(
  "a request that meets a connection being closed (%s) is sent once more, on a new one",
  async (close) => {
    const { port, received } = await rawReceiver((socket, connection, request) => {
      if (connection === 0 && request === 1) socket[close]();
      else socket.write(okResponse);
    });
    const sender = staleSender({ connectionsPerOrigin: 1 });
    await sender.send(post(`http://127.0.0.1:${port}`));
    expect(await sender.send(post(`http://127.0.0.1:${port}`))).toMatchObject({
      kind: "answered",
      status: 200,
      body: "ok",
    });
    expect(received.map(requests)).toEqual([2, 1]);
  },
);

test.each(closings)("the second try is the last (%s)", async (close) => {
  const { port, received } = await rawReceiver((socket, connection, request) => {
    if (connection === 0 && request === 0) socket.write(okResponse);
    else socket[close]();
  });
  const sender = staleSender({ connectionsPerOrigin: 1 });
  await sender.send(post(`http://127.0.0.1:${port}`));
  expect(await sender.send(post(`http://127.0.0.1:${port}`))).toMatchObject({ kind: "unanswered", reason: "closed" });
  expect(received.map(requests)).toEqual([2, 1]);
});

test.each(closings)("a receiver that closes (%s) after it has read a request does not get it twice", async (close) => {
  const { port, received } = await rawReceiver((socket, _connection, request) => {
    if (request === 0) socket.write(okResponse);
    else setTimeout(() => socket[close](), 50);
  });
  const sender = localSender({ connectionsPerOrigin: 1 });
  await sender.send(post(`http://127.0.0.1:${port}`));
  expect(await sender.send(post(`http://127.0.0.1:${port}`))).toMatchObject({ kind: "unanswered", reason: "closed" });
  expect(received.map(requests)).toEqual([2]);
});

test("the second try never meets another old connection", async () => {
  const waiting: (() => void)[] = [];
  const { port, received } = await rawReceiver((socket, connection, request) => {
    if (request === 1) socket.resetAndDestroy();
    else if (connection < 5) waiting.push(() => socket.write(okResponse));
    else socket.write(okResponse);
    if (waiting.length === 5) for (const response of waiting.splice(0)) response();
  });
  const sender = staleSender();
  await Promise.all(Array.from({ length: 5 }, () => sender.send(post(`http://127.0.0.1:${port}`))));
  // undici leaves a connection idle for one turn of the event loop after a response.
  await setImmediate();
  expect(await sender.send(post(`http://127.0.0.1:${port}`))).toMatchObject({ status: 200 });
  expect(received.map(requests).sort()).toEqual([1, 1, 1, 1, 1, 2]);
});

test("a connection that closes after the first byte of a response is not tried again", async () => {
  const { port, received } = await rawReceiver((socket, _connection, request) => {
    if (request === 0) socket.write(okResponse);
    else socket.end("H");
  });
  const sender = staleSender({ connectionsPerOrigin: 1 });
  await sender.send(post(`http://127.0.0.1:${port}`));
  expect(await sender.send(post(`http://127.0.0.1:${port}`))).toMatchObject({ kind: "unanswered", reason: "closed" });
  expect(received.map(requests)).toEqual([2]);
});

test("a connection that is closed while idle costs nothing", async () => {
  const closed: Promise<void>[] = [];
  const { port, received } = await rawReceiver((socket, connection) => {
    if (connection === 0) closed.push(new Promise((resolve) => socket.on("close", () => resolve())));
    socket.write(okResponse, () => connection === 0 && socket.resetAndDestroy());
  });
  const sender = staleSender({ connectionsPerOrigin: 1 });
  await sender.send(post(`http://127.0.0.1:${port}`));
  await Promise.all(closed);
  expect(await sender.send(post(`http://127.0.0.1:${port}`))).toMatchObject({ status: 200 });
  expect(received.map(requests)).toEqual([1, 1]);
});

test("the second try has the rest of the time, not a time of its own", async () => {
  const { port } = await rawReceiver((socket, connection, request) => {
    if (connection === 0) request === 0 ? socket.write(okResponse) : socket.resetAndDestroy();
  });
  const sender = staleSender({ connectionsPerOrigin: 1 });
  await sender.send(post(`http://127.0.0.1:${port}`));
  const exchange = await sender.send(post(`http://127.0.0.1:${port}`, { timeoutMs: 100 }));
  expect(exchange).toMatchObject({ kind: "unanswered", reason: "timeout" });
  expect(exchange.durationMs).toBeLessThan(1_000);
});

function requests(received: string): number {
  return received.split("POST / HTTP/1.1").length - 1;
}
