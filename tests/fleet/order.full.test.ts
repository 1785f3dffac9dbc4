import { expect, test } from "vitest";
import { until } from "../../packages/server/src/delivery/fixtures/manual-clock.ts";
import { delayed, Receiver } from "../../packages/server/src/delivery/fixtures/receiver.ts";
import { PostgresServer } from "../../packages/server/src/store/postgres/fixtures/postgres-server.ts";
import { callApi, Load } from "./load.ts";
import { Nodes } from "./nodes.ts";

const connections = 12;
const rounds = 4;

test("on three nodes, the first attempts of each job's events start in the order in which they happened", async () => {
  await using postgres = await PostgresServer.start({ isDurable: false });
  await using receiver = await Receiver.start();
  // Responses take different times, so that any overtaking would show.
  receiver.respond = (response) => void setTimeout(() => response.writeHead(204).end(), Math.random() * 40);
  const database = await postgres.database();
  await using nodes = new Nodes(postgres.url(database));
  await nodes.startMany(3);
  await nodes.subscribe(receiver.url(), ["sync.*"]);
  const ids = await Promise.all(Array.from({ length: connections }, (_, index) => makeConnection(nodes, index)));
  for (let round = 0; round < rounds; round++) await Promise.all(ids.map((id) => runOnce(nodes, id)));
  const jobs = connections * rounds;
  const stories = await until("the last event of every job arrived", async () => {
    const published = await storiesIn(postgres, database);
    return published.length === jobs && published.every((story) => story.length === 3) && published;
  });
  for (const story of stories) {
    const starts = ["sync.pending", "sync.running", "sync.completed"].map((type) => startOf(story, type));
    expect(starts).toEqual(starts.toSorted((one, other) => one - other));
  }
});

test("on three nodes, an ordered subscription gets one message at a time, in message order", async () => {
  await using postgres = await PostgresServer.start({ isDurable: false });
  await using receiver = await Receiver.start();
  await using nodes = new Nodes(postgres.url(await postgres.database()));
  await nodes.startMany(3);
  await nodes.subscribe(receiver.url(), ["collection.*"], { ordered: true });
  const hold = delayed();
  receiver.respond = hold.respond;
  const alone = new Load(1, nodes.adminKey, () => nodes.urls);
  await alone.moves();
  await alone.stop();
  await until("it is under way", () => receiver.received.length === 1);
  // Stored while the first is delayed, and so all present when the next are claimed.
  const load = new Load(6, nodes.adminKey, () => nodes.urls);
  await until("there is a backlog", () => load.accepted.size > 150);
  await load.stop();
  hold.release();
  const all = alone.accepted.size + load.accepted.size;
  await until("everything arrived", () => receiver.received.length === all);
  expect(receiver.openMax).toBe(1);
  const ids = receiver.received.map(({ id }) => id).slice(alone.accepted.size);
  expect(ids).toEqual(ids.toSorted());
});

async function makeConnection(nodes: Nodes, index: number): Promise<string> {
  const { adminKey } = nodes;
  const url = nodes.urls[index % nodes.count] ?? "";
  const collection = (await (await callApi(url, adminKey, "/collections", { name: `Team ${index}` })).json()) as {
    readable_id: string;
  };
  const reply = await callApi(url, adminKey, "/source-connections", {
    name: `Connection ${index}`,
    short_name: "timed",
    readable_collection_id: collection.readable_id,
    config: { entity_count: 1, duration_seconds: 0.1 },
    authentication: { credentials: { timed_key: "key" } },
    sync_immediately: false,
  });
  if (!reply.ok) throw new Error(await reply.text());
  return ((await reply.json()) as { id: string }).id;
}

/** Runs a connection through any node, and waits for the end of the job. */
async function runOnce(nodes: Nodes, id: string): Promise<void> {
  const url = () => nodes.urls[Math.floor(Math.random() * nodes.count)] ?? "";
  await until(
    "the job is taken",
    async () => (await callApi(url(), nodes.adminKey, `/source-connections/${id}/run`, {})).ok,
  );
  await until("the job has ended", async () => {
    const reply = await callApi(url(), nodes.adminKey, `/source-connections/${id}/jobs`);
    const [job] = (await reply.json()) as { status: string }[];
    return job?.status === "completed";
  });
}

interface FirstAttempt {
  readonly job: string;
  readonly event_type: string;
  readonly started_at: string;
}

/** The first attempts for the events of each job. */
async function storiesIn(postgres: PostgresServer, database: string): Promise<FirstAttempt[][]> {
  const attempts = (await postgres.query(
    `select cast(payload as json) ->> 'job_id' as job, event_type, started_at
     from weft.attempt join weft.message on message.id = message_id where attempt_number = 1`,
    database,
  )) as unknown as FirstAttempt[];
  return [...Map.groupBy(attempts, (attempt) => attempt.job).values()];
}

function startOf(story: readonly FirstAttempt[], eventType: string): number {
  return Number(story.find((attempt) => attempt.event_type === eventType)?.started_at);
}
