import { createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { createAddressGuard } from "../address-guard.ts";
import { hostAddresses } from "../connector.ts";
import { checkEndpoint } from "../endpoint-check.ts";
import { listening, localSender, post, receiver } from "../fixtures/local-receiver.ts";
import { onLoopback, proxyAt } from "../fixtures/through-proxy.ts";
import type { Lookup } from "../lookup.ts";
import { isLocalName } from "./local-name.ts";
import { parseNoProxy } from "./no-proxy.ts";
import { parseProxyUrl, proxyUrl } from "./proxy-server.ts";

/** A proxy that counts its connections and refuses each. */
async function refusingProxy() {
  const connections: Socket[] = [];
  const port = await listening(
    createServer((socket) => {
      connections.push(socket);
      socket.on("error", () => {});
      socket.once("data", () => socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n"));
    }),
  );
  return { port, connections };
}

const noNetworks = createAddressGuard({ allowNetworks: [] });

test.each([
  "http://10.0.0.1/",
  "http://[::ffff:10.0.0.1]/",
  "http://0x7f.1/",
  "http://169.254.169.254/latest",
  "http://localhost:8080/",
  "http://localhost./",
  "http://api.localhost/",
  "http://backend/",
  "http://metadata.google.internal/",
  "http://printer.local/",
])("the guard blocks %s before the proxy is contacted", async (url) => {
  const { port, connections } = await refusingProxy();
  for (const scheme of ["http", "socks5h"]) {
    const proxy = proxyAt(`${scheme}://127.0.0.1:${port}`);
    const sender = localSender({ guard: noNetworks, proxy });
    expect(await sender.send(post(url)), scheme).toMatchObject({ reason: "blocked_address" });
    await expect(
      hostAddresses(new URL(url).hostname.replace(/^\[|\]$/g, ""), { guard: noNetworks, proxy }),
    ).rejects.toThrow();
  }
  expect(connections).toEqual([]);
});

test("with socks5, a name with one blocked address is blocked before the proxy is contacted", async () => {
  const { port, connections } = await refusingProxy();
  const lookup: Lookup = async () => ["8.8.8.8", "10.0.0.1"].map((address) => ({ address, family: 4 }));
  const sender = localSender({ guard: noNetworks, proxy: proxyAt(`socks5://127.0.0.1:${port}`), lookup });
  expect(await sender.send(post("http://hooks.example.com/"))).toMatchObject({ reason: "blocked_address" });
  expect(connections).toEqual([]);
});

test("hosts without the proxy are reached directly, with the whole guard", async () => {
  const { port, connections } = await refusingProxy();
  const own = await receiver((_request, response) => response.end("direct"));
  const proxy = proxyAt(`http://127.0.0.1:${port}`, { noProxy: parseNoProxy(["example.com", "127.0.0.1"]) });
  const sender = localSender({ proxy, lookup: onLoopback });
  for (const host of ["127.0.0.1", "example.com", "hooks.example.com"]) {
    expect(await sender.send(post(`http://${host}:${own}`)), host).toMatchObject({ body: "direct" });
  }
  expect(connections).toHaveLength(0);
  expect(await sender.send(post(`http://example.org:${own}`))).toMatchObject({ reason: "proxy" });
  const guarded = localSender({ guard: noNetworks, proxy, lookup: onLoopback });
  expect(await guarded.send(post(`http://example.com:${own}`))).toMatchObject({ reason: "blocked_address" });
});

test("the check of an endpoint names the proxy when it failed", async () => {
  const { port } = await refusingProxy();
  const sender = localSender({ proxy: proxyAt(`http://127.0.0.1:${port}`) });
  expect(await checkEndpoint("http://hooks.example.com", sender)).toEqual({
    reachable: false,
    detail: "The outbound proxy of this Weft returned 502 instead of a connection to the endpoint.",
  });
});

test("a proxy that does not listen is detected without a request", async () => {
  const { port } = await refusingProxy();
  await expect(proxyAt(`http://127.0.0.1:${port}`).check()).resolves.toBeUndefined();
  await expect(proxyAt("socks5://127.0.0.1:1").check()).rejects.toThrow(
    "The outbound proxy of this Weft could not be reached (ECONNREFUSED).",
  );
});

test.each([
  ["http://proxy.example.com", { protocol: "http", host: "proxy.example.com", port: 80, credentials: null }],
  ["https://Proxy.example.com:8443/", { protocol: "https", host: "proxy.example.com", port: 8443, credentials: null }],
  ["socks5://[::1]", { protocol: "socks5", host: "::1", port: 1080, credentials: null }],
  [
    "socks5h://weft:p%40ss%3A@10.0.0.1:1081",
    { protocol: "socks5h", host: "10.0.0.1", port: 1081, credentials: { user: "weft", password: "p@ss:" } },
  ],
] as const)("%s is the URL of a proxy", (url, expected) => {
  expect(parseProxyUrl(url)).toEqual(expected);
  expect(parseProxyUrl(proxyUrl(parseProxyUrl(url)))).toEqual(expected);
});

test.each([
  "proxy.example.com:3128",
  "ftp://proxy.example.com",
  "socks4://proxy.example.com",
  "http://",
  "http://proxy.example.com:0",
  "http://proxy.example.com/path",
  "http://proxy.example.com/?hush=1",
  "socks5://hush@proxy.example.com",
  `socks5://weft:${"hush".repeat(64)}@proxy.example.com`,
  "http://a%3Ahush:b@proxy.example.com",
  "http://hush:%zz@proxy.example.com",
])("%s is refused with a sentence that does not contain it", (url) => {
  let message = "";
  try {
    parseProxyUrl(url);
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message).not.toBe("");
  expect(message).not.toContain("hush");
});

test.each([
  ["google.com", "google.com", true],
  [".google.com", "google.com", true],
  ["google.com", "play.google.com", true],
  ["Google.com", "PLAY.google.com.", true],
  ["www.svix.com", "play.svix.com", false],
  ["google.com", "notgoogle.com", false],
  ["10.0.0.0/8", "10.1.2.3", true],
  ["10.0.0.0/8", "::ffff:10.1.2.3", true],
  ["10.0.0.0/8", "11.1.2.3", false],
  ["10.1.2.3", "10.1.2.3", true],
  ["10.1.2.3", "10.1.2.4", false],
  ["fd00::/8", "fd12::1", true],
  ["::1", "::1", true],
  ["10.0.0.0/8", "10.example.com", false],
])("the entry %s for the host %s: %s", (entry, host, expected) => {
  expect(parseNoProxy([entry]).includes(host)).toBe(expected);
});

test("entries that are neither an address nor a network nor a name are reported together", () => {
  expect(() => parseNoProxy(["*", "example.com", "10.0.0.0/99", "a b"])).toThrow('"*", "10.0.0.0/99", "a b"');
});

test("names of private networks are recognized by their form", () => {
  for (const name of ["localhost", "a.localhost", "db", "a.internal", "a.LOCAL.", "x.home.arpa", "nas.lan"]) {
    expect(isLocalName(name), name).toBe(true);
  }
  for (const name of ["example.com", "internal.example.com", "local.dev", "xn--bcher-kva.example"]) {
    expect(isLocalName(name), name).toBe(false);
  }
});
