import { afterAll, beforeAll, expect, test } from "vitest";
import { NoPrimaryError } from "./faults.ts";
import { PostgresServer } from "./fixtures/postgres-server.ts";
import { Hosts } from "./hosts.ts";

const settings = { connectionsMax: 2, queryMs: 5_000 };
/** A port that nothing listens on. */
const nowhere = "127.0.0.1:1";

let primary: PostgresServer;
let standby: PostgresServer;
beforeAll(async () => {
  primary = await PostgresServer.start({ isDurable: false });
  standby = await primary.standby();
});
afterAll(async () => {
  await standby[Symbol.asyncDispose]();
  await primary[Symbol.asyncDispose]();
});

function urlOf(...hosts: readonly (PostgresServer | string)[]): string {
  const names = hosts.map((host) => (typeof host === "string" ? host : `127.0.0.1:${host.port}`));
  return `postgres://weft@${names.join(",")}/postgres`;
}

/** The port of the server that a new connection reaches. */
async function reached(hosts: Hosts): Promise<number> {
  const client = await hosts.connect("others");
  try {
    const { rows } = await client.query<{ port: number }>("select inet_server_port() as port");
    return rows[0]?.port ?? 0;
  } finally {
    client.release(true);
  }
}

test("connections reach the primary, in any order of the hosts", async () => {
  for (const url of [urlOf(primary), urlOf(primary, standby), urlOf(standby, nowhere, primary)]) {
    const hosts = new Hosts(url, settings);
    expect(await reached(hosts)).toBe(primary.port);
    const client = await hosts.client({});
    expect((await client.query("select pg_is_in_recovery() as standby")).rows).toEqual([{ standby: false }]);
    await client.end();
    await hosts.close();
  }
});

test("without a primary, a connection fails with the reason of each server", async () => {
  const alone = new Hosts(urlOf(standby), settings);
  const refused = alone.connect("others");
  await expect(refused).rejects.toThrow(NoPrimaryError);
  await expect(refused).rejects.toThrow(`127.0.0.1:${standby.port} is read-only`);
  await alone.close();
  const several = new Hosts(urlOf(standby, nowhere), settings);
  const reasons = `127.0.0.1:${standby.port} is read-only; connect ECONNREFUSED 127.0.0.1:1`;
  await expect(several.connect("commits")).rejects.toThrow(`No server of the database accepts writes: ${reasons}.`);
  await several.close();
});

test("the state of each server is read in the order of the URL", async () => {
  const hosts = new Hosts(urlOf(standby, primary, nowhere), settings);
  expect(await hosts.states()).toEqual([
    { server: `127.0.0.1:${standby.port}`, reason: `127.0.0.1:${standby.port} is read-only` },
    { server: `127.0.0.1:${primary.port}`, reason: null },
    { server: nowhere, reason: "connect ECONNREFUSED 127.0.0.1:1" },
  ]);
  await hosts.close();
});

test("a single server that cannot be reached fails with the error of the connection", async () => {
  const hosts = new Hosts(urlOf(nowhere), settings);
  await expect(hosts.connect("others")).rejects.toThrow("ECONNREFUSED");
  await hosts.close();
});

test("after a promotion, connections never return to the former primary", async () => {
  await using former = await PostgresServer.start({ isDurable: false });
  await using promoted = await former.standby();
  const hosts = new Hosts(urlOf(former, promoted), settings);
  let replaced = 0;
  hosts.onNewPrimary(() => {
    replaced += 1;
  });
  expect(await reached(hosts)).toBe(former.port);
  expect(replaced).toBe(0);
  await former.down("fast");
  await promoted.promote();
  expect(await reached(hosts)).toBe(promoted.port);
  expect(replaced).toBe(1);
  await former.up();
  expect(await reached(hosts)).toBe(promoted.port);
  await promoted.down("fast");
  await expect(reached(hosts)).rejects.toThrow(`127.0.0.1:${former.port} was replaced by a later primary`);
  await hosts.close();
  // A node that starts while both accept writes selects the one that was promoted last.
  await promoted.up();
  for (const url of [urlOf(former, promoted), urlOf(promoted, former)]) {
    const fresh = new Hosts(url, settings);
    expect(await reached(fresh)).toBe(promoted.port);
    await fresh.close();
  }
});
