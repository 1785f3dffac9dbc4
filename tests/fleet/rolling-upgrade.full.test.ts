import { expect, test } from "vitest";
import { startCommand } from "../../packages/server/src/cli/fixtures/weft-process.ts";
import { until } from "../../packages/server/src/delivery/fixtures/manual-clock.ts";
import { Receiver } from "../../packages/server/src/delivery/fixtures/receiver.ts";
import { PostgresServer } from "../../packages/server/src/store/postgres/fixtures/postgres-server.ts";
import { Load } from "./load.ts";
import { Nodes } from "./nodes.ts";
import { OtherBuild } from "./other-build.ts";
import { reconcile } from "./reconciliation.ts";

const publishers = 4;
const timeout = 180_000;

/** The last version that ran only with exactly its own schema. */
const olderCommit = "61fdd04db9793b5320498a748950bcd35da2cdca";

/** Adds to the tables of each event, as a newer version would. */
const additive = `alter table message add column color text;
alter table delivery add column color text;
alter table attempt add column color text not null default 'red';
alter table event_type add column color text;
alter table subscription add column color text;
create table color (name text primary key);
`;

const breaking = `-- needs programs of schema 9998
alter table message drop column color;
`;

/** A fleet under load, of which each node has an old build at first and a new one in the end. */
async function upgrade(
  builds: { readonly old?: string; readonly new?: string },
  duringUpgrade?: (nodes: Nodes) => Promise<void>,
) {
  await using postgres = await PostgresServer.start({ isDurable: true });
  await using receiver = await Receiver.start();
  const url = postgres.url(await postgres.database());
  await using nodes = new Nodes(url);
  await nodes.start(builds.old);
  await nodes.start(builds.old);
  await nodes.subscribe(receiver.url(), ["collection.*"]);
  const load = new Load(publishers, nodes.adminKey, () => nodes.urls);
  await load.moves();
  expect(await migrate(url, nodes, builds.new)).toMatchObject({ exitCode: 0, stderr: "" });
  await accepts(load);
  await duringUpgrade?.(nodes);
  for (let count = 0; count < 2; count++) {
    await nodes.start(builds.new);
    await accepts(load);
    expect(await nodes.stopOldest()).toBe(0);
    await accepts(load);
  }
  await load.stop();
  expect(nodes.deaths).toEqual([]);
  const { duplicates, ...rest } = await reconcile(load.accepted, receiver, nodes.api);
  expect(rest).toEqual({ lost: [], notStored: [], pending: 0 });
  expect(duplicates).toBe(0);
}

async function accepts(load: Load): Promise<void> {
  const enough = load.accepted.size + 100;
  await until("more events are accepted", () => load.accepted.size >= enough);
}

async function migrate(url: string, nodes: Nodes, program?: string) {
  await using command = startCommand(["migrate", "--database-url", url], nodes.environment, program);
  return await command.ended;
}

test("a fleet continues while a newer version adds to the schema, and its old nodes can still restart", {
  timeout,
}, async () => {
  using newer = OtherBuild.newer({ "9998_colors.sql": additive });
  await upgrade({ new: newer.program }, async (nodes) => {
    await nodes.start();
    expect(await nodes.stopOldest()).toBe(0);
  });
});

test("a migration that removes a column is refused while nodes need the column, and runs after they were upgraded", {
  timeout,
}, async () => {
  using expanding = OtherBuild.newer({ "9998_colors.sql": additive });
  using contracting = OtherBuild.newer({ "9998_colors.sql": additive, "9999_no_colors.sql": breaking });
  await using postgres = await PostgresServer.start({ isDurable: true });
  const url = postgres.url(await postgres.database());
  await using nodes = new Nodes(url);
  await nodes.start();
  expect(await migrate(url, nodes, expanding.program)).toMatchObject({ exitCode: 0 });
  const refused = await migrate(url, nodes, contracting.program);
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toContain(
    "1 running nodes or listeners could not use the database after its migration to schema 9998",
  );
  await nodes.start(expanding.program);
  expect(await nodes.stopOldest()).toBe(0);
  expect(await migrate(url, nodes, contracting.program)).toMatchObject({ exitCode: 0 });
  await expect(nodes.start()).rejects.toThrow("The database needs a Weft that knows schema 9998");
});

test("a fleet of the last version with a fixed schema is upgraded node by node", { timeout }, async ({ skip }) => {
  skip(!OtherBuild.hasCommit(olderCommit), "This clone does not contain the commit of the older version.");
  using older = OtherBuild.at(olderCommit);
  await upgrade({ old: older.program });
});
