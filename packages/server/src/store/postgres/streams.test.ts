import pg from "pg";
import { afterAll, expect, test } from "vitest";
import type { MessageId } from "../../domain/id.ts";
import { machineClock } from "../fixtures/machine-clock.ts";
import { World } from "../fixtures/samples.ts";
import type { StreamPage, StreamPosition } from "../streams/interface.ts";
import { TestDatabases } from "./fixtures/test-databases.ts";
import { openPostgresStore, type PostgresStore } from "./postgres-store.ts";

const databases = new TestDatabases();
afterAll(() => databases[Symbol.asyncDispose]());

/** A node whose commits take as long as a test decides. */
class SlowNode implements AsyncDisposable {
  readonly #client: pg.Client;
  readonly #world: World;

  private constructor(client: pg.Client, world: World) {
    this.#client = client;
    this.#world = world;
  }

  static async connect(url: string, world: World): Promise<SlowNode> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query("set search_path to weft");
    return new SlowNode(client, world);
  }

  /** Stores messages in a number of parts, without committing. */
  async begin(parts = 1): Promise<MessageId[]> {
    await this.#client.query("begin");
    const ids: MessageId[] = [];
    for (let part = 0; part < parts; part++) {
      const { id, organizationId, createdAt } = this.#world.message();
      ids.push(id);
      await this.#client.query(
        `insert into message (id, organization_id, event_type, payload, created_at) values ($1, $2, 'sync.completed', '{}', $3)`,
        [id, organizationId, createdAt],
      );
      await this.#client.query("insert into change_log_entry (organization_id, part, changes) values ($1, $2, $3)", [
        organizationId,
        part,
        JSON.stringify({ message: [id] }),
      ]);
    }
    return ids;
  }

  async end(how: "commit" | "rollback" = "commit"): Promise<void> {
    await this.#client.query(how);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#client.end();
  }
}

async function opened(nodes: number) {
  const url = await databases.fresh();
  const store: PostgresStore = await openPostgresStore(
    {
      url,
      masterKey: "a master key for streams",
      retentionMs: 90 * 86_400_000,
      connectionsMax: 4,
      preparesStatements: true,
    },
    machineClock,
  );
  const world = await World.open(async () => store);
  // Creates the partitions that all of them write to.
  await world.accept();
  const slow: SlowNode[] = [];
  for (let i = 0; i < nodes; i++) slow.push(await SlowNode.connect(url, world));
  return {
    world,
    slow,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(slow.map((node) => node[Symbol.asyncDispose]()));
      await world[Symbol.asyncDispose]();
    },
  };
}

function read(
  { store, organizationId }: Pick<World, "store" | "organizationId">,
  after: StreamPosition | null,
  entriesMax = 100,
): Promise<StreamPage> {
  return store.readStream({
    organizationId,
    after,
    until: null,
    kinds: ["message"],
    withPayloads: false,
    receivers: [],
    entriesMax,
    keptMs: 3_600_000,
  });
}

function idsIn({ steps }: StreamPage): string[] {
  return steps
    .flatMap(({ changes }) => changes)
    .flatMap((change) => (change.kind === "message" ? [change.message.id] : []));
}

test("a transaction that began early on another node and commits last is neither skipped nor delays others", async () => {
  await using it = await opened(2);
  const [first, second] = it.slow as [SlowNode, SlowNode];
  let { position } = await read(it.world, null);
  const next = async () => {
    const page = await read(it.world, position);
    position = page.position;
    return idsIn(page);
  };
  const one = await first.begin();
  const accepted = await it.world.accept();
  const two = await second.begin(3);
  expect(await next()).toEqual([accepted.id]);
  await second.end();
  const more = await it.world.accept();
  expect(await next()).toEqual([...two, more.id]);
  await first.end();
  expect(await next()).toEqual(one);
  expect(await next()).toEqual([]);
});

test("a rolled-back change appears in no stream and delays nothing", async () => {
  await using it = await opened(1);
  const [node] = it.slow as [SlowNode];
  const from = (await read(it.world, null)).position;
  await node.begin();
  await node.end("rollback");
  const accepted = await it.world.accept();
  expect(idsIn(await read(it.world, from))).toEqual([accepted.id]);
});

test("a position that is ahead of this database is a gap", async () => {
  await using ahead = await opened(0);
  for (let i = 0; i < 20; i++) await ahead.world.accept();
  await using behind = await opened(0);
  const { position } = await read(ahead.world, null);
  const moved = { store: behind.world.store, organizationId: ahead.world.organizationId };
  expect((await read(moved, position)).isGap).toBe(true);
});

// Deterministic, so that a failing run can be reproduced.
function randomsFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test.each([1, 2, 3, 4, 5, 6])(
  "pages of any length between commits in any order contain each message once (%i)",
  async (seed) => {
    await using it = await opened(5);
    const random = randomsFrom(seed);
    const open = new Map<SlowNode, MessageId[]>();
    const committed: string[] = [];
    const streamed: string[] = [];
    let { position } = await read(it.world, null);
    for (let step = 0; step < 150; step++) {
      const dice = random();
      const node = it.slow[Math.floor(random() * it.slow.length)] as SlowNode;
      const under = open.get(node);
      if (dice < 0.6) {
        if (under === undefined) open.set(node, await node.begin(1 + Math.floor(random() * 4)));
        else {
          const how = random() < 0.8 ? "commit" : "rollback";
          await node.end(how);
          if (how === "commit") committed.push(...under);
          open.delete(node);
        }
      } else if (dice < 0.7) {
        committed.push((await it.world.accept()).id);
      } else {
        const page = await read(it.world, position, 1 + Math.floor(random() * 3));
        expect(page.isGap).toBe(false);
        // Some readers resume after a part of the page.
        const part = random() < 0.3 ? Math.floor(random() * page.steps.length) : page.steps.length;
        const steps = page.steps.slice(0, part);
        streamed.push(...idsIn({ ...page, steps }));
        position = part < page.steps.length ? (steps.at(-1)?.position ?? position) : page.position;
      }
    }
    for (const [node, ids] of open) {
      await node.end();
      committed.push(...ids);
    }
    for (let isEnd = false; !isEnd; ) {
      const page = await read(it.world, position, 2);
      streamed.push(...idsIn(page));
      ({ position, isEnd } = page);
    }
    expect(streamed.toSorted()).toEqual(committed.toSorted());
  },
);
