import { once } from "node:events";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { limits } from "../domain/limits.ts";
import { createAddressGuard } from "./address-guard.ts";
import { type DnsAnswer, DnsServer } from "./fixtures/dns-server.ts";
import { HttpSender } from "./http-sender.ts";
import { NameResolver } from "./name-resolver.ts";
import { candidatesOf, hostsIn, searchIn } from "./resolver-files.ts";

const at = (...v4: string[]): DnsAnswer => ({ kind: "addresses", v4 });

/** A resolver that queries a server of the test's own, with a clock and files that the test controls. */
async function open(
  answerFor: (name: string) => DnsAnswer,
  { hosts = "", resolvConf = "", timeoutMs = 60_000 }: { hosts?: string; resolvConf?: string; timeoutMs?: number } = {},
) {
  const server = await DnsServer.open(answerFor);
  const folder = mkdtempSync(join(tmpdir(), "weft-names-"));
  onTestFinished(async () => {
    await server[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });
  const files = { hosts: join(folder, "hosts"), resolvConf: join(folder, "resolv.conf") };
  writeFileSync(files.hosts, hosts);
  writeFileSync(files.resolvConf, resolvConf);
  const time = { now: 1_000_000 };
  const names = new NameResolver({ servers: [server.address], now: () => time.now, files, timeoutMs });
  const addressesOf = async (name: string) => (await names.lookup(name)).map(({ address }) => address);
  return { server, names, addressesOf, files, time };
}

const resolving = (answers: Record<string, DnsAnswer>) => (name: string) =>
  Object.hasOwn(answers, name) ? (answers[name] as DnsAnswer) : ({ kind: "unknown" } as const);

test("a name has all of its addresses, IPv4 first, in any spelling of upper and lower case", async () => {
  const { names } = await open(
    resolving({ "a.test": { kind: "addresses", v4: ["192.0.2.1", "192.0.2.2"], v6: ["2001:db8:0:0:0:0:0:1"] } }),
  );
  expect(await names.lookup("A.Test")).toEqual([
    { address: "192.0.2.1", family: 4 },
    { address: "192.0.2.2", family: 4 },
    { address: "2001:db8::1", family: 6 },
  ]);
});

test.each<[DnsAnswer["kind"], string]>([
  ["unknown", "ENOTFOUND"],
  ["failing", "ESERVFAIL"],
])("a name that is %s fails with a code", async (kind, code) => {
  const { addressesOf } = await open(() => ({ kind }) as DnsAnswer);
  await expect(addressesOf("a.test")).rejects.toMatchObject({ code });
});

test("a name with addresses of one family only has those", async () => {
  const { addressesOf } = await open(resolving({ "six.test": { kind: "addresses", v6: ["2001:db8:0:0:0:0:0:2"] } }));
  expect(await addressesOf("six.test")).toEqual(["2001:db8::2"]);
});

test.each<DnsAnswer["kind"]>(["silent", "garbage"])("a server that is %s is given up in time", async (kind) => {
  const { addressesOf } = await open(() => ({ kind }) as DnsAnswer, { timeoutMs: 50 });
  await expect(addressesOf("a.test")).rejects.toMatchObject({ code: expect.stringMatching(/^E/) });
});

test("names in the hosts file are not resolved, and a changed file takes effect within seconds", async () => {
  const { server, addressesOf, files, time } = await open(() => at("192.0.2.1"), {
    hosts: "10.0.0.1 inside.test alias # a comment\n10.0.0.2 INSIDE.test\nnonsense inside.test\n::1 six.test\n",
  });
  expect(await addressesOf("inside.test")).toEqual(["10.0.0.1", "10.0.0.2"]);
  expect(await addressesOf("alias")).toEqual(["10.0.0.1"]);
  expect(await addressesOf("six.test")).toEqual(["::1"]);
  expect(server.queried).toEqual([]);
  writeFileSync(files.hosts, "10.0.0.9 inside.test\n");
  utimesSync(files.hosts, 1, 1);
  time.now += 6_000;
  expect(await addressesOf("inside.test")).toEqual(["10.0.0.9"]);
});

test("localhost is loopback, in the hosts file or not, and no server is queried", async () => {
  const { server, addressesOf } = await open(() => at("192.0.2.1"));
  expect(await addressesOf("localhost")).toEqual(["127.0.0.1", "::1"]);
  expect(await addressesOf("weft.localhost")).toEqual(["127.0.0.1", "::1"]);
  expect(server.queried).toEqual([]);
});

test("a name with few dots is looked for in the search domains", async () => {
  const { addressesOf } = await open(
    resolving({ "db.ns.svc.test": at("10.0.0.5"), "db.far.example": at("10.0.0.6") }),
    {
      resolvConf: "nameserver 192.0.2.53\nsearch ns.svc.test svc.test\noptions ndots:2\n",
    },
  );
  expect(await addressesOf("db")).toEqual(["10.0.0.5"]);
  expect(await addressesOf("db.far.example")).toEqual(["10.0.0.6"]);
  await expect(addressesOf("db.")).rejects.toMatchObject({ code: "ENOTFOUND" });
});

test("addresses are cached for the time of their servers, within bounds, and failures for a moment", async () => {
  const { server, addressesOf, time } = await open(
    resolving({
      "short.test": { kind: "addresses", v4: ["192.0.2.1"], ttl: 0 },
      "long.test": { kind: "addresses", v4: ["192.0.2.2"], ttl: 86_400 },
    }),
  );
  const queried = (name: string) => server.queried.filter((one) => one === name).length;
  const lookUp = (name: string) => addressesOf(name).catch(() => null);
  for (const name of ["short.test", "long.test", "none.test"]) await Promise.all([lookUp(name), lookUp(name)]);
  for (const name of ["short.test", "long.test", "none.test"]) await lookUp(name);
  // Both address families, once each.
  for (const name of ["short.test", "long.test", "none.test"]) expect(queried(name), name).toBe(2);
  time.now += limits.nameFailureKeptMs;
  for (const name of ["short.test", "long.test", "none.test"]) await lookUp(name);
  expect([queried("short.test"), queried("long.test"), queried("none.test")]).toEqual([4, 2, 4]);
  time.now += limits.nameKeptMsMax;
  await lookUp("long.test");
  expect(queried("long.test")).toBe(4);
});

test("an organization whose names hang delays no other, and not one that uses the same name", async () => {
  const { server, names, addressesOf } = await open((name) =>
    name.startsWith("slow") ? { kind: "silent" } : at("192.0.2.1"),
  );
  const hanging = Array.from({ length: limits.nameLookUpsOfOrganizationMax * 3 }, (_, n) => `slow${n}.test`);
  using stack = new DisposableStack();
  for (const name of hanging) stack.use(names.keepName(name, "attacker"));
  const slow = Promise.allSettled(hanging.map(addressesOf));
  await expect.poll(() => server.held).toBe(2 * limits.nameLookUpsOfOrganizationMax);
  // The attacker's own look-up waits.
  stack.use(names.keepName("good.test", "attacker"));
  const own = addressesOf("good.test");
  stack.use(names.keepName("other.test", "neighbour"));
  expect(await addressesOf("other.test")).toEqual(["192.0.2.1"]);
  expect(server.queried).not.toContain("good.test");
  // Another owner needs the same name.
  stack.use(names.keepName("good.test", "neighbour"));
  expect(await own).toEqual(["192.0.2.1"]);
  // A look-up without an owner, such as one of Weft itself.
  expect(await addressesOf("mail.test")).toEqual(["192.0.2.1"]);
  const answering = setInterval(() => server.release(), 5);
  await slow;
  clearInterval(answering);
});

test("files of the resolver are read as the system reads them", () => {
  expect([...hostsIn("127.0.0.1\tlocalhost\n# 1.2.3.4 x\n1.2.3.4 x y\n")]).toEqual([
    ["localhost", ["127.0.0.1"]],
    ["x", ["1.2.3.4"]],
    ["y", ["1.2.3.4"]],
  ]);
  expect(searchIn("search a.test b.test.\noptions timeout:1 ndots:99\n")).toEqual({
    search: ["a.test", "b.test"],
    ndots: 15,
  });
  expect(searchIn("")).toEqual({ search: [], ndots: 1 });
  expect(candidatesOf({ search: ["a.test"], ndots: 1 }, "db")).toEqual(["db.a.test", "db"]);
  expect(candidatesOf({ search: ["a.test"], ndots: 1 }, "db.x")).toEqual(["db.x", "db.x.a.test"]);
});

test("requests to hosts whose names hang do not delay other owners, and addresses are checked for each connection", async () => {
  const receiver = createServer((_, response) => response.end("ok"));
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
  onTestFinished(() => void receiver.close());
  const { port } = receiver.address() as AddressInfo;
  let inside = "127.0.0.1";
  const { server, names, time } = await open((name) => {
    if (name.startsWith("slow")) return { kind: "silent" };
    return { kind: "addresses", v4: [name === "moves.test" ? inside : "127.0.0.1"], ttl: 1 };
  });
  const guard = createAddressGuard({ allowNetworks: ["127.0.0.0/8"] });
  const options = { guard, timeoutMs: 20_000, responseBytesMax: 1_000, responseBytesKept: 1_000 };
  await using sender = new HttpSender({ ...options, lookup: names.lookup, keepName: names.keepName });
  const send = (host: string, owner: string) =>
    sender.send({
      url: { origin: `http://${host}:${port}`, path: "/", name: host },
      method: "GET",
      headers: [],
      body: "",
      owner,
    });
  let slowEnded = 0;
  const slow = Array.from({ length: 40 }, (_, n) => send(`slow${n}.test`, "attacker").then(() => slowEnded++));
  await expect.poll(() => server.held).toBe(2 * limits.nameLookUpsOfOrganizationMax);
  expect(await send("good.test", "neighbour")).toMatchObject({ kind: "answered", status: 200 });
  expect(await send("moves.test", "neighbour")).toMatchObject({ kind: "answered", status: 200 });
  expect(slowEnded).toBe(0);
  inside = "10.0.0.1";
  time.now += limits.nameKeptMsMax;
  await using later = new HttpSender({ ...options, lookup: names.lookup, keepName: names.keepName });
  const url = { origin: `http://moves.test:${port}`, path: "/", name: "moves.test" };
  expect(await later.send({ url, method: "GET", headers: [], body: "" })).toMatchObject({ reason: "blocked_address" });
  await sender.destroy();
  await Promise.all(slow);
});
