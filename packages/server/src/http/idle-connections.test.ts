import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { RunningWeft } from "../api/fixtures/running-weft.ts";
import { until } from "../delivery/fixtures/manual-clock.ts";
import { delayed, Receiver } from "../delivery/fixtures/receiver.ts";

/** A call that runs until a receiver responds, on a connection that its client keeps alive. */
async function heldCall(weft: RunningWeft) {
  const receiver = await Receiver.start();
  const body = { url: receiver.url(), event_types: ["sync.completed"] };
  const { id } = (await weft.post("/webhooks/subscriptions", body)).body;
  const { respond, release } = delayed();
  receiver.respond = respond;
  const agent = new Agent({ keepAlive: true });
  const call = request(`${weft.url}/v1/webhooks/subscriptions/${id}/test`, {
    method: "POST",
    agent,
    headers: { "content-type": "application/json" },
  });
  call.end('{"event_type": "sync.completed"}');
  const [socket] = await once(call, "socket");
  const closed = once(socket, "close");
  const answered = once(call, "response").then(async ([response]) =>
    JSON.parse(await text(response as IncomingMessage)),
  );
  await until("the delivery is under way", async () => receiver.received.length === 1);
  return {
    answered,
    closed,
    release,
    [Symbol.asyncDispose]: async () => {
      agent.destroy();
      await receiver[Symbol.asyncDispose]();
    },
  };
}

function connectionsOf({ weft }: RunningWeft): Promise<number> {
  return new Promise((resolve) => weft.server.server.getConnections((_, count) => resolve(count)));
}

// Each test closes the server while a call is running. If the close only had the shutdown limit, it would abort the call.

test("a stop closes a connection without a request, and completes the running call", async () => {
  const weft = await RunningWeft.start();
  await using call = await heldCall(weft);
  const before = await connectionsOf(weft);
  const unused = connect(Number(new URL(weft.url).port), "127.0.0.1");
  await until("the server has the connection", async () => (await connectionsOf(weft)) === before + 1);
  const stopped = weft[Symbol.asyncDispose]();
  await once(unused, "close");
  call.release();
  expect(await call.answered).toMatchObject({ status: "success" });
  await stopped;
});

test("a stop ends a connection after its last response, although its client would keep it", async () => {
  const weft = await RunningWeft.start();
  await using first = await heldCall(weft);
  await using second = await heldCall(weft);
  const stopped = weft[Symbol.asyncDispose]();
  first.release();
  expect(await first.answered).toMatchObject({ status: "success" });
  await first.closed;
  second.release();
  expect(await second.answered).toMatchObject({ status: "success" });
  await stopped;
});
