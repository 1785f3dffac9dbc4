import { createClient, type Message } from "@weft/sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startWeft, temporaryFolder, type WeftProcess } from "../fixtures/weft-process.ts";
import { publishSteps } from "./publish-story.ts";
import { type Story, stories } from "./stories.ts";

const folder = temporaryFolder();
const end = new Date("2026-01-15T14:30:00.000Z");
let weft: WeftProcess;

beforeAll(async () => {
  weft = await startWeft(["dev", "--data", folder.path]);
});

afterAll(async () => {
  await weft[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

function storyNamed(name: string): Story {
  const story = stories.find((each) => each.name === name);
  if (story === undefined) throw new Error(`There is no story ${name}.`);
  return story;
}

/** Publishes a story to a real Weft, which validates every event. Returns the messages with their payloads. */
async function published(
  story: Story,
  paceMs: number | null = null,
): Promise<{ messages: Message[]; waits: number[] }> {
  const client = createClient({ url: weft.url });
  const messages: Message[] = [];
  const waits: number[] = [];
  let now = end.getTime();
  const sleep = async (ms: number) => {
    waits.push(ms);
    now += ms;
  };
  for await (const { id } of publishSteps({ client, story, paceMs, now: () => new Date(now), sleep })) {
    messages.push(await client.webhooks.getMessage(id));
  }
  return { messages, waits };
}

test.each(stories)("Weft accepts every event of the story $name, in order", async (story) => {
  const { messages } = await published(story);
  expect(messages.map(({ event_type }) => event_type)).toEqual(story.steps.map(({ eventType }) => eventType));
});

test.each(stories)(
  "the events of the story $name are about one collection, connection and sync, and jobs of their own",
  async (story) => {
    const payloads = (await published(story)).messages.map(({ payload }) => payload);
    const valuesOf = (field: string) =>
      new Set(payloads.flatMap((payload) => (field in payload ? [payload[field]] : [])));
    for (const field of ["collection_id", "collection_readable_id", "source_connection_id", "sync_id", "source_type"]) {
      expect(valuesOf(field).size, field).toBeLessThanOrEqual(1);
    }
    expect(valuesOf("collection_readable_id").size).toBe(1);
    for (const payload of payloads) expect(payload.job_id).toBe(payload.sync_job_id);
    const jobs = Map.groupBy(
      payloads.filter((payload) => "job_id" in payload),
      (payload) => payload.job_id,
    );
    expect(jobs.size).toBeGreaterThan(0);
    for (const events of jobs.values()) {
      expect(events.map(({ status }) => status)).toEqual([
        "pending",
        "running",
        expect.stringMatching(/^(completed|failed|cancelled)$/),
      ]);
    }
  },
);

test.each(stories)("two runs of the story $name share no id", async (story) => {
  const ids = async () => {
    const text = JSON.stringify((await published(story)).messages.map(({ payload }) => payload));
    return new Set(text.match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g));
  };
  const [first, second] = [await ids(), await ids()];
  expect(first.size).toBeGreaterThan(2);
  expect([...first].filter((id) => second.has(id))).toEqual([]);
});

test.each(stories)("the times of the story $name ascend and end now", async (story) => {
  const times = (await published(story)).messages.map(({ payload }) => Date.parse(String(payload.timestamp)));
  expect(times).toEqual(times.toSorted((left, right) => left - right));
  expect(new Set(times).size).toBe(times.length);
  expect(times.at(-1)).toBe(end.getTime());
});

test("with a pace, each event has the time of its publication", async () => {
  const { messages, waits } = await published(storyNamed("failed-sync"), 2_000);
  expect(waits).toEqual([2_000, 2_000, 2_000, 2_000, 2_000]);
  const times = messages.map(({ payload }) => Date.parse(String(payload.timestamp)) - end.getTime());
  expect(times).toEqual([0, 2_000, 4_000, 6_000, 8_000, 10_000]);
});

test("credentials expire, and syncs succeed after they are replaced", async () => {
  const { messages } = await published(storyNamed("reauth"));
  const types = messages.map(({ event_type }) => event_type);
  const failed = types.indexOf("sync.failed");
  expect(messages[failed]?.payload.error).toMatch(/expired/);
  expect(types.slice(failed + 1)).toEqual([
    "source_connection.auth_completed",
    "sync.pending",
    "sync.running",
    "sync.completed",
  ]);
});

test("a renamed collection has its new name from then on, and its deletion names no earlier connection", async () => {
  const payloads = (await published(storyNamed("lifecycle"))).messages.map(({ payload }) => payload);
  const names = payloads.flatMap(({ collection_name: name }) => (name === undefined ? [] : [name]));
  const [before, after] = [names[0], names.at(-1)];
  expect(names.join()).toBe([...Array(4).fill(before), ...Array(5).fill(after)].join());
  expect(payloads.at(-1)?.source_connection_ids).toEqual([]);
});
