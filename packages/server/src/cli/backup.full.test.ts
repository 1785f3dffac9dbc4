import { spawnSync } from "node:child_process";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createClient } from "@weft/sdk";
import { expect, test } from "vitest";
import { Receiver, status } from "../delivery/fixtures/receiver.ts";
import { PostgresServer } from "../store/postgres/fixtures/postgres-server.ts";
import { jsonLines, runWeft, startWeft, temporaryFolder } from "./fixtures/weft-process.ts";

const payload = {
  event_type: "collection.created",
  collection_id: "42",
  collection_name: "Handbook",
  collection_readable_id: "handbook-ab12cd",
  timestamp: "2026-01-15T14:30:00.000Z",
};

test("a backup made under load contains everything accepted before it, and a restored Weft sends the due deliveries", async () => {
  using folder = temporaryFolder();
  await using receiver = await Receiver.start();
  const [data, backup, restored] = ["data", "backup", "restored"].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
  ];
  const accepted: string[] = [];
  let before = 0;
  {
    await using weft = await startWeft(["dev", "--data", data]);
    const client = createClient({ url: weft.url });
    await client.webhooks.createSubscription({
      url: receiver.url(),
      event_types: ["collection.*"],
      headers: { "x-kept": "secret" },
    });
    // No event is delivered until it is restored.
    receiver.respond = status(503);
    const underway = { goesOn: true };
    const publishing = Promise.all(
      Array.from({ length: 8 }, async () => {
        while (underway.goesOn) {
          const { id } = await client.events.publishEvents({ event_type: "collection.created", payload });
          accepted.push(id);
        }
      }),
    );
    await expect.poll(() => accepted.length).toBeGreaterThan(50);
    before = accepted.length;
    const known = accepted.slice();
    const { exitCode, stdout } = await runWeft(["backup", "--to", backup, "--data", data]);
    expect(exitCode, stdout).toBe(0);
    underway.goesOn = false;
    await publishing;
    expect(accepted.length).toBeGreaterThan(before);
    accepted.splice(0, accepted.length, ...known);
    weft.send("SIGKILL");
  }
  expect(statSync(join(backup, "weft.db")).mode & 0o777).toBe(0o600);
  expect(statSync(join(backup, "master.key")).mode & 0o777).toBe(0o600);
  expect((await runWeft(["restore", "--from", backup, "--data", restored])).exitCode).toBe(0);
  receiver.received.length = 0;
  receiver.respond = status(204);
  await using again = await startWeft(["dev", "--data", restored]);
  const client = createClient({ url: again.url });
  const { items: subscriptions } = await client.webhooks.listSubscriptions();
  expect(subscriptions).toHaveLength(1);
  const kept = new Set<string>();
  for await (const { id } of client.webhooks.eachMessage({ limit: 250 })) kept.add(id);
  expect(accepted.filter((id) => !kept.has(id))).toEqual([]);
  for (const id of accepted) await client.webhooks.resendMessage(id);
  await expect.poll(() => receiver.received.length).toBeGreaterThanOrEqual(before);
  // The secrets could be read: with the wrong master key no request could be signed, and no header could be sent.
  expect(receiver.received[0]?.headers["x-kept"]).toBe("secret");
});

test("a backup overwrites no file, and an invalid backup is reported with a sentence", async () => {
  using folder = temporaryFolder();
  const [data, backup] = [join(folder.path, "data"), join(folder.path, "backup")];
  expect((await runWeft(["migrate", "--data", data])).exitCode).toBe(0);
  const made = await runWeft(["backup", "--to", backup, "--data", data, "--json"]);
  expect(jsonLines(made.stdout)).toMatchObject([{ folder: backup, hasMasterKey: true }]);
  for (const args of [
    ["backup", "--to", backup, "--data", data],
    ["restore", "--from", backup, "--data", data],
  ]) {
    const { exitCode, stderr } = await runWeft(args);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining("already exists and is not overwritten")]);
  }
  const away = await runWeft(["restore", "--from", join(folder.path, "nowhere"), "--data", join(folder.path, "other")]);
  expect([away.exitCode, away.stderr]).toEqual([1, expect.stringMatching(/The database \S+ does not exist/)]);
  const broken = join(folder.path, "broken");
  await runWeft(["backup", "--to", broken, "--data", data]);
  writeFileSync(join(broken, "weft.db"), "no database at all, but a text of some length".repeat(100));
  const refused = await runWeft(["restore", "--from", broken, "--data", join(folder.path, "third")]);
  expect(refused.exitCode).toBe(1);
  expect(existsSync(join(folder.path, "third", "weft.db"))).toBe(false);
});

const postgresVariables = {
  WEFT_DATABASE_URL: "postgres://weft:hidden@127.0.0.1:1/weft",
  WEFT_MASTER_KEY: "a-master-key-of-more-than-32-characters",
};

test("with PostgreSQL the command prints the commands of a backup, without the password", async () => {
  const { exitCode, stdout } = await runWeft(["backup", "--to", "/tmp/never"], postgresVariables);
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining("pg_dump --format=custom --schema=weft")]);
  expect(stdout).toContain("weft check --verify");
  expect(stdout).not.toContain("hidden");
  expect(existsSync("/tmp/never")).toBe(false);
});

/** The programs of a PostgreSQL that Debian installs; the embedded one has no pg_dump. */
const programs = "/usr/lib/postgresql/15/bin";

test.skipIf(!existsSync(`${programs}/pg_dump`))(
  "a database that pg_dump copied and pg_restore restored is verified, and a damaged one is reported (needs PostgreSQL 15)",
  async () => {
    using folder = temporaryFolder();
    await using receiver = await Receiver.start();
    await using server = await PostgresServer.start({ isDurable: false, programs });
    const [original, restored] = [await server.database(), await server.database()];
    const variables = { ...postgresVariables, WEFT_ADMIN_KEY: "an-admin-key-of-at-least-32-characters" };
    const at = (database: string) => ({ ...variables, WEFT_DATABASE_URL: server.url(database) });
    {
      await using weft = await startWeft(["serve"], {
        ...at(original),
        ...{ WEFT_ALLOW_HTTP: "true", WEFT_ALLOW_NETWORKS: "127.0.0.0/8" },
      });
      const client = createClient({ url: weft.url, apiKey: variables.WEFT_ADMIN_KEY });
      await client.webhooks.createSubscription({ url: receiver.url(), event_types: ["collection.*"] });
      for (let n = 0; n < 20; n++) await client.events.publishEvents({ event_type: "collection.created", payload });
      await expect.poll(() => receiver.received.length).toBe(20);
      const file = join(folder.path, "weft.dump");
      const dump = ["--format=custom", "--schema=weft", `--file=${file}`, server.url(original)];
      expect(spawnSync(`${programs}/pg_dump`, dump).status).toBe(0);
      const restore = ["--no-owner", "--exit-on-error", `--dbname=${server.url(restored)}`, file];
      expect(spawnSync(`${programs}/pg_restore`, restore).status).toBe(0);
    }
    const verify = () => runWeft(["check", "--verify", "--json"], at(restored));
    const verified = await verify();
    expect(verified.exitCode, verified.stderr).toBe(0);
    const [, facts] = jsonLines(verified.stdout);
    expect(facts).toMatchObject({ rows: { organization: 2, subscription: 1, message: 21, delivery: 20 } });
    await server.query("delete from weft.message where id in (select message_id from weft.delivery limit 1)", restored);
    const damaged = await verify();
    expect([damaged.exitCode, damaged.stderr]).toEqual([
      1,
      expect.stringContaining("1 rows of delivery refer to missing rows"),
    ]);
    const empty = await runWeft(["check", "--verify"], at("postgres"));
    expect([empty.exitCode, empty.stderr]).toEqual([1, expect.stringContaining("contains no Weft")]);
  },
);

test("a restored backup of SQLite is verified", async () => {
  using folder = temporaryFolder();
  const [data, backup, restored] = ["data", "backup", "restored"].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
  ];
  await runWeft(["migrate", "--data", data]);
  await runWeft(["backup", "--to", backup, "--data", data]);
  await runWeft(["restore", "--from", backup, "--data", restored]);
  const { exitCode, stdout } = await runWeft(["check", "--verify", "--data", restored]);
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining("The database is complete: organization: 0")]);
  expect((await runWeft(["check", "--verify", "--data", join(folder.path, "none")])).exitCode).toBe(1);
});
