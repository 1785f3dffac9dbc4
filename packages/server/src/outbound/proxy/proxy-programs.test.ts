import { createServer as createTlsServer } from "node:https";
import { connect, type Socket } from "node:net";
import { createServer as createTlsSocketServer, getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../../delivery/fixtures/manual-clock.ts";
import { listening, localSender, post, receiver, selfSigned } from "../fixtures/local-receiver.ts";
import { nameKnownToSquid, type ProxyName, ProxyProgram, whyNoProxy } from "../fixtures/proxy-program.ts";
import { onLoopback, proxyAt } from "../fixtures/through-proxy.ts";
import type { Lookup } from "../lookup.ts";

const trusted = getCACertificates("default");
beforeAll(() => setDefaultCACertificates([...trusted, selfSigned.cert]));
afterAll(() => setDefaultCACertificates(trusted));

/** The proxy resolves names, so that Weft must not. */
const noLookup: Lookup = async (name) => {
  if (name === "127.0.0.1") return [{ address: name, family: 4 }];
  throw new Error(`The name ${name} was looked up.`);
};

const kinds: readonly { program: ProxyName; scheme: "http" | "socks5" | "socks5h" }[] = [
  { program: "squid", scheme: "http" },
  { program: "tinyproxy", scheme: "http" },
  { program: "microsocks", scheme: "socks5" },
  { program: "microsocks", scheme: "socks5h" },
  { program: "danted", scheme: "socks5" },
];

describe.each(kinds)("$program as $scheme://", ({ program, scheme }) => {
  const missing = whyNoProxy(program);

  test("requests over http and https reach their receiver, and fail with a reason of their own without the proxy", async ({
    skip,
  }) => {
    skip(missing !== null, missing ?? "");
    const proxy = await ProxyProgram.start(program);
    const sender = localSender({ proxy: proxyAt(`${scheme}://127.0.0.1:${proxy.port}`), lookup: onLoopback });
    const port = await receiver(async (request, response) => response.end((await request.toArray()).join("")));
    const secure = await listening(createTlsServer(selfSigned, (_request, response) => response.end("secure")));

    const sent = post(`http://127.0.0.1:${port}`);
    expect(await sender.send(sent)).toMatchObject({ kind: "answered", status: 200, body: sent.body });
    if (scheme === "socks5" || program === "squid") {
      const reply = await sender.send(post(`https://${nameKnownToSquid}:${secure}`));
      expect(reply).toMatchObject({ kind: "answered", status: 200, body: "secure" });
    }
    await proxy[Symbol.asyncDispose]();
    const own = await receiver((_request, response) => response.end());
    expect(await sender.send(post(`http://127.0.0.1:${own}`))).toMatchObject({
      reason: "proxy",
      detail: "The outbound proxy of this Weft could not be reached (ECONNREFUSED).",
    });
  });

  test("right credentials are accepted, and wrong ones are a failure of the proxy that does not contain them", async ({
    skip,
  }) => {
    skip(missing !== null, missing ?? "");
    skip(program === "danted", "Dante takes its users from the machine, and a test adds none.");
    const credentials = { user: "weft", password: "p@ss word" };
    // The settings file of tinyproxy allows few characters.
    if (program === "tinyproxy") credentials.password = "pass-word";
    await using proxy = await ProxyProgram.start(program, credentials);
    const port = await receiver((_request, response) => response.end("reached"));
    const url = (password: string) => `${scheme}://weft:${encodeURIComponent(password)}@127.0.0.1:${proxy.port}`;
    const right = localSender({ proxy: proxyAt(url(credentials.password)) });
    expect(await right.send(post(`http://127.0.0.1:${port}`))).toMatchObject({ kind: "answered", body: "reached" });
    const failures: object[] = [];
    const wrong = localSender({
      proxy: proxyAt(url("wrong-password"), { onFailure: (failure) => failures.push(failure) }),
    });
    const refused = await wrong.send(post(`http://127.0.0.1:${port}`));
    expect(refused).toMatchObject({ reason: "proxy", detail: expect.stringContaining("refused its credentials") });
    expect(failures).toEqual([{ proxy: `127.0.0.1:${proxy.port}`, detail: expect.any(String) }]);
    expect(JSON.stringify([refused, failures])).not.toContain("wrong-password");
  });

  test("a receiver that does not listen is distinguished from a failing proxy where the protocol allows it", async ({
    skip,
  }) => {
    skip(missing !== null, missing ?? "");
    await using proxy = await ProxyProgram.start(program);
    const sender = localSender({ proxy: proxyAt(`${scheme}://127.0.0.1:${proxy.port}`) });
    const exchange = await sender.send(post("http://127.0.0.1:1/"));
    const ofReceiver = { reason: "connect", detail: "The connection could not be made (ECONNREFUSED)." };
    expect(exchange).toMatchObject(scheme === "http" ? { reason: "proxy" } : ofReceiver);
  });
});

test("squid resolves the receiver's name, and Weft looks nothing up", async ({ skip }) => {
  const missing = whyNoProxy("squid");
  skip(missing !== null, missing ?? "");
  await using proxy = await ProxyProgram.start("squid");
  const sender = localSender({ proxy: proxyAt(`http://127.0.0.1:${proxy.port}`), lookup: noLookup });
  const port = await receiver((request, response) => response.end(request.headers.host));
  const reply = await sender.send(post(`http://${nameKnownToSquid}:${port}`));
  expect(reply).toMatchObject({ kind: "answered", body: `${nameKnownToSquid}:${port}` });
  // squid logs a tunnel when it ends.
  await sender.destroy();
  await until("squid logged the name", () => proxy.log.includes(`CONNECT ${nameKnownToSquid}:${port}`));
});

test("microsocks resolves the receiver's name with socks5h, and gets an address with socks5", async ({ skip }) => {
  const missing = whyNoProxy("microsocks");
  skip(missing !== null, missing ?? "");
  await using proxy = await ProxyProgram.start("microsocks");
  const port = await receiver((_request, response) => response.end("reached"));
  const names = localSender({ proxy: proxyAt(`socks5h://127.0.0.1:${proxy.port}`), lookup: noLookup });
  expect(await names.send(post(`http://localhost:${port}`))).toMatchObject({ kind: "answered", body: "reached" });
  const addresses = localSender({ proxy: proxyAt(`socks5://127.0.0.1:${proxy.port}`), lookup: onLoopback });
  expect(await addresses.send(post(`http://only-here.test:${port}`))).toMatchObject({ body: "reached" });
});

test("a connection through the proxy is kept for further requests", async ({ skip }) => {
  const missing = whyNoProxy("squid");
  skip(missing !== null, missing ?? "");
  await using proxy = await ProxyProgram.start("squid");
  const sender = localSender({ proxy: proxyAt(`http://127.0.0.1:${proxy.port}`) });
  const sockets = new Set<Socket>();
  const port = await receiver((request, response) => {
    sockets.add(request.socket);
    response.end("reached");
  });
  for (let request = 0; request < 10; request++) {
    expect(await sender.send(post(`http://127.0.0.1:${port}`))).toMatchObject({ body: "reached" });
  }
  expect(sockets.size).toBeLessThan(10);
});

test("a proxy over TLS is reached if its certificate is valid, and is a failure of the proxy otherwise", async ({
  skip,
}) => {
  const missing = whyNoProxy("tinyproxy");
  skip(missing !== null, missing ?? "");
  await using proxy = await ProxyProgram.start("tinyproxy");
  const front = await listening(
    createTlsSocketServer(selfSigned, (socket) => {
      const onward = connect(proxy.port, "127.0.0.1");
      socket.pipe(onward).pipe(socket);
      for (const end of [socket, onward]) end.on("error", () => {});
    }),
  );
  const secure = await listening(createTlsServer(selfSigned, (_request, response) => response.end("secure")));
  const plain = await receiver((_request, response) => response.end("plain"));
  const named = localSender({ proxy: proxyAt(`https://receiver.test:${front}`) });
  expect(await named.send(post(`http://127.0.0.1:${plain}`))).toMatchObject({ kind: "answered", body: "plain" });
  expect(await named.send(post(`https://127.0.0.1:${secure}`))).toMatchObject({ reason: "tls" });
  const misnamed = localSender({ proxy: proxyAt(`https://other.test:${front}`) });
  expect(await misnamed.send(post(`http://127.0.0.1:${plain}`))).toMatchObject({
    reason: "proxy",
    detail: "The TLS handshake with the outbound proxy of this Weft failed (ERR_TLS_CERT_ALTNAME_INVALID).",
  });
});
