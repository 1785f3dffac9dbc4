import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { type NodeRequest, readNodeBody } from "./node-http.ts";

/** A request whose events the test emits one by one, because sockets decide themselves which ones they emit. */
function toldRequest(): EventEmitter & NodeRequest {
  return Object.assign(new EventEmitter(), { headers: {} });
}

test("a body of exactly the limit is read completely", async () => {
  const request = toldRequest();
  const reading = readNodeBody(request, 5);
  for (const chunk of [[1, 2], [3], [4, 5]]) request.emit("data", Uint8Array.from(chunk));
  request.emit("end");
  request.emit("close");
  expect(await reading).toEqual(Uint8Array.of(1, 2, 3, 4, 5));
});

test("a body that is too large is detected at its first excess byte, and further bytes change nothing", async () => {
  const request = toldRequest();
  const reading = readNodeBody(request, 5);
  for (const chunk of [
    [1, 2, 3],
    [4, 5, 6],
  ])
    request.emit("data", Uint8Array.from(chunk));
  expect(await reading).toBe("too_large");
  request.emit("data", Uint8Array.of(7));
  request.emit("end");
  expect(await reading).toBe("too_large");
});

test.each(["error", "close"])("a request that breaks off is given up, even if %s is its only event", async (event) => {
  const request = toldRequest();
  const reading = readNodeBody(request, 5);
  request.emit("data", Uint8Array.of(1));
  request.emit(event, new Error("reset"));
  expect(await reading).toBe("aborted");
});

test("a request that is already destroyed is given up immediately", async () => {
  expect(await readNodeBody(Object.assign(toldRequest(), { destroyed: true }), 5)).toBe("aborted");
});
