import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { describe, expect, test, vi } from "vitest";
import { toNodeHandler } from "./node.ts";
import { adapterPromises, secret } from "./promises/adapter-promises.ts";
import { listen } from "./promises/listening-receiver.ts";
import { createRouter } from "./router.ts";

describe("a node:http server", () => {
  adapterPromises(async (router, options) => listen(toNodeHandler(router, options)));

  test("a sender that hangs up in the middle is forgotten without an error", async () => {
    const onError = vi.fn();
    const onRefused = vi.fn();
    const handle = toNodeHandler(createRouter(), { secret, onError, onRefused });
    const finished = Promise.withResolvers<void>();
    const server = createServer((request, response) => finished.resolve(handle(request, response)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    socket.write("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{", () => socket.destroySoon());
    await finished.promise;
    expect(onError).not.toHaveBeenCalled();
    expect(onRefused).not.toHaveBeenCalled();
    await new Promise((resolve) => server.close(resolve));
  });

  test("a sender that had hung up before the handler was called is forgotten too", async () => {
    const finished = Promise.withResolvers<void>();
    const handle = toNodeHandler(createRouter(), { secret });
    const server = createServer((request, response) => {
      request.once("close", () => finished.resolve(handle(request, response)));
      request.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    socket.write("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{");
    await finished.promise;
    socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
});
