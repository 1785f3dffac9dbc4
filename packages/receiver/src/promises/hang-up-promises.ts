import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { expect, test, vi } from "vitest";
import type { ReceiverOptions } from "../receive-request.ts";
import { createRouter, type Router } from "../router.ts";
import { secret } from "./adapter-promises.ts";

type Listener = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** The promises that every adapter of Node's own requests keeps about a sender that disconnects. */
export function hangUpPromises(toListener: (router: Router, options: ReceiverOptions) => Listener): void {
  const onError = vi.fn();
  const onRefused = vi.fn();
  const handle = toListener(createRouter(), { secret, onError, onRefused });

  /** Serves one request of a sender that never sends all of it; returns the number of responses. */
  async function responsesTo(when: (request: IncomingMessage, run: () => void) => void, hangUp: boolean) {
    vi.resetAllMocks();
    const finished = Promise.withResolvers<void>();
    const end = vi.fn();
    const server = createServer((request, response) => {
      vi.spyOn(response, "end").mockImplementation(end);
      when(request, () => finished.resolve(handle(request, response)));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    const part = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{";
    socket.write(part, () => hangUp && socket.destroySoon());
    await finished.promise;
    socket.destroy();
    await new Promise((resolve) => server.close(resolve));
    return end.mock.calls.length;
  }

  test("a sender that hangs up in the middle gets no response and causes no error", async () => {
    expect(await responsesTo((_request, run) => run(), true)).toBe(0);
    expect(onError).not.toHaveBeenCalled();
    expect(onRefused).not.toHaveBeenCalled();
  });

  test("a sender that hung up before the handler was called causes no error either", async () => {
    const whenGone = (request: IncomingMessage, run: () => void) => void request.once("close", run).destroy();
    expect(await responsesTo(whenGone, false)).toBe(0);
    expect(onError).not.toHaveBeenCalled();
    expect(onRefused).not.toHaveBeenCalled();
  });
}
