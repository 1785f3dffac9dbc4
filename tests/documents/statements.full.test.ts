import { afterAll, beforeAll, expect, test } from "vitest";
import { RunningWeft } from "../../packages/server/src/api/fixtures/running-weft.ts";
import { PostgresServer } from "../../packages/server/src/store/postgres/fixtures/postgres-server.ts";
import { blocksIn, locationOf } from "./blocks.ts";
import { masterKey } from "./substitutions.ts";

const blocks = blocksIn("sql");

/** The state before the statements of a block, and the checks after them. */
const around: Readonly<Record<string, { readonly given: string; readonly after: string }>> = {
  "begin;": {
    given:
      "create table public.orders (id integer primary key, state text); insert into public.orders values (42, 'new')",
    after:
      "select state = 'paid' and exists (select from weft.message where event_id = 'order-42-paid') as holds from public.orders",
  },
  "grant weft_publisher to the_application;": {
    given: "create role the_application",
    after: "select pg_has_role('the_application', 'weft_publisher', 'member') as holds",
  },
  "create role weft_publisher nologin;": {
    given: "drop owned by weft_publisher; drop role weft_publisher",
    after:
      "select has_function_privilege('weft_publisher', 'weft.publish(uuid, text, text, text)', 'execute') as holds",
  },
  "create role weft_reader login password '…';": {
    given: "",
    after: "select has_table_privilege('weft_reader', 'public.orders', 'select') as holds",
  },
};

// Roles belong to a whole server, so this test has its own.
let server: PostgresServer;
let database: string;
let weft: RunningWeft;

beforeAll(async () => {
  server = await PostgresServer.start({ isDurable: false });
  database = await server.database();
  weft = await RunningWeft.start({ WEFT_DATABASE_URL: server.url(database), WEFT_MASTER_KEY: masterKey });
});

afterAll(async () => {
  await weft[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

test.each(blocks.map((block) => ({ location: locationOf(block), ...block })))(
  "the statements at $location do what their page says",
  async ({ text }) => {
    const { given, after } = around[text.slice(0, text.indexOf("\n"))] ?? { given: null, after: "" };
    expect(given, "nothing is known of this block").not.toBeNull();
    await server.query(`${given}`, database);
    await server.query(text, database);
    await expect.poll(() => server.query(after, database)).toEqual([{ holds: true }]);
  },
);
