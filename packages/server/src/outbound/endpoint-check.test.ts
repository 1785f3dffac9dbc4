import { createServer } from "node:net";
import { expect, test } from "vitest";
import { checkEndpoint } from "./endpoint-check.ts";
import { listening, localSender, receiver } from "./fixtures/local-receiver.ts";

const unconnected = {
  reachable: false,
  detail: "Could not connect to endpoint. Please check the URL is correct and the server is running.",
};

test.each([200, 302, 404, 405, 500])("status %i to a HEAD request shows that the endpoint responds", async (status) => {
  const methods: unknown[] = [];
  const port = await receiver((request, response) => {
    methods.push(request.method);
    response.writeHead(status, { location: "http://127.0.0.1:1/" }).end();
  });
  expect(await checkEndpoint(`http://127.0.0.1:${port}/hook`, localSender())).toEqual({ reachable: true });
  expect(methods).toEqual(["HEAD"]);
});

test("an endpoint that sends nothing did not respond", async () => {
  const port = await listening(createServer(() => {}));
  expect(await checkEndpoint(`http://127.0.0.1:${port}`, localSender(), { timeoutMs: 50 })).toEqual({
    reachable: false,
    detail: "Endpoint did not respond within 5 seconds.",
  });
});

test("a blocked address, a closed port, an unknown name, a bad URL and a broken response all have one message", async () => {
  const plain = await receiver((_request, response) => response.end());
  const garbage = await listening(createServer((socket) => socket.on("error", () => {}).end("SSH-2.0-OpenSSH\r\n")));
  const sender = localSender({
    lookup: async (name) => {
      if (name === "inside.test") return [{ address: "10.0.0.1", family: 4 }];
      throw new Error("unknown");
    },
  });
  const urls = [
    "http://10.0.0.1",
    "http://inside.test",
    "http://127.0.0.1:1",
    "http://unknown.test",
    "no url",
    "ftp://127.0.0.1",
  ];
  for (const url of [...urls, `http://127.0.0.1:${garbage}`, `https://127.0.0.1:${plain}`]) {
    expect(await checkEndpoint(url, sender), url).toEqual(unconnected);
  }
});
