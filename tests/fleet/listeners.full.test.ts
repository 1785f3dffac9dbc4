import { expect, test } from "vitest";
import { type RunningCommand, startCommand } from "../../packages/server/src/cli/fixtures/weft-process.ts";
import { until } from "../../packages/server/src/delivery/fixtures/manual-clock.ts";
import { delayed, Receiver } from "../../packages/server/src/delivery/fixtures/receiver.ts";
import { PostgresServer } from "../../packages/server/src/store/postgres/fixtures/postgres-server.ts";
import { FaultyProxy } from "./faulty-proxy.ts";
import { Load } from "./load.ts";
import { Nodes } from "./nodes.ts";
import { reconcile } from "./reconciliation.ts";

const isConnected = ({ event }: Record<string, unknown>) => event === "connected";

test("a listener at one node gets messages that another accepts, moves to it when its own is killed, and every message has one outcome", async () => {
  await using postgres = await PostgresServer.start({ isDurable: false });
  await using program = await Receiver.start();
  const database = await postgres.database();
  await using nodes = new Nodes(postgres.url(database));
  await nodes.startMany(2);
  // Like a load balancer, it leads to the first node that is running.
  await using balancer = await FaultyProxy.start(() => Number(new URL(nodes.urls[0] ?? "").port));
  await using listening = listenThrough(balancer, nodes, program);
  await listening.line(isConnected);

  const load = new Load(1, nodes.adminKey, () => nodes.urls.slice(-1));
  await until("what the other node accepted comes to the listener", () => program.received.length > 20);
  // Deliveries that the node has handed out, and outcomes that it did not receive, are lost with it.
  const hold = delayed();
  program.respond = hold.respond;
  await until("deliveries are under way", () => program.open > 3);
  await nodes.kill(0);
  hold.release();
  await listening.line(({ event }) => event === "disconnected");
  await until("it is connected again", () => countOf(listening, isConnected).then((count) => count > 1));
  await load.moves();
  await load.stop();

  const { lost, notStored, pending, duplicates } = await reconcile(load.accepted, program, nodes.api);
  expect({ lost, notStored, pending, duplicates }).toEqual({ lost: [], notStored: [], pending: 0, duplicates: 0 });
  // Each is reported once, as delivered at the first attempt.
  const [outcomes, ...others] = await outcomesIn(postgres, database);
  expect(others).toEqual([]);
  expect(outcomes).toMatchObject({ state: "delivered", outcomes: "1", delivered: "1" });
  expect(Number(outcomes?.messages)).toBeGreaterThanOrEqual(load.accepted.size);
  listening.send("SIGTERM");
  expect((await listening.ended).exitCode).toBe(0);
  expect(nodes.deaths).toEqual([]);
});

function listenThrough({ port }: FaultyProxy, { adminKey }: Nodes, program: Receiver): RunningCommand {
  const args = ["listen", "--json", "--name", "laptop", "--forward-to", program.url()];
  return startCommand(args, { WEFT_URL: `http://127.0.0.1:${port}`, WEFT_API_KEY: adminKey });
}

function countOf(command: RunningCommand, fits: (line: Record<string, unknown>) => boolean): Promise<number> {
  return command.inOutput((output) => {
    const lines = output.split("\n").slice(0, -1);
    return lines.filter((line) => fits(JSON.parse(line) as Record<string, unknown>)).length;
  });
}

/** The number of messages by their state, their recorded attempts and their successful attempts. */
async function outcomesIn(postgres: PostgresServer, database: string): Promise<Record<string, unknown>[]> {
  return (await postgres.query(
    `select state, outcomes, delivered, count(*) as messages
     from (
       select state, count(attempt.id) as outcomes, coalesce(sum(succeeded), 0) as delivered
       from weft.delivery left join weft.attempt using (message_id, subscription_id)
       group by message_id, subscription_id, state
     ) as ends
     group by state, outcomes, delivered`,
    database,
  )) as Record<string, unknown>[];
}
