import { writeFileSync } from "node:fs";
import { createClient, type Message } from "@weft/sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { jsonLines, runWeft, startWeft, temporaryFolder, type WeftProcess } from "./fixtures/weft-process.ts";

const folder = temporaryFolder();
let weft: WeftProcess;

beforeAll(async () => {
  weft = await startWeft(["dev", "--data", folder.path]);
});

afterAll(async () => {
  await weft[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

async function messages(eventType: string): Promise<Message[]> {
  const { webhooks } = createClient({ url: weft.url });
  return (await webhooks.listMessages({ event_types: [eventType], limit: 250 })).items;
}

test("an event is published with the current time and new ids that belong together", async () => {
  const before = Date.now();
  const { exitCode, stdout } = await runWeft(["trigger", "sync.completed", "--count", "2", "--url", weft.url]);
  expect(exitCode).toBe(0);
  expect(stdout.match(/^Published sync\.completed as message \S+\.$/gm)).toHaveLength(2);
  const [second, first] = await messages("sync.completed");
  expect(first?.payload.job_id).toBe(first?.payload.sync_job_id);
  expect(first?.payload.job_id).not.toBe(second?.payload.job_id);
  expect(Date.parse(String(first?.payload.timestamp))).toBeGreaterThanOrEqual(before);
});

test("more events than one request takes are all published", async () => {
  const args = ["trigger", "collection.updated", "--count", "1200", "--json"];
  const { stdout } = await runWeft(args, { WEFT_URL: weft.url });
  expect(new Set(jsonLines(stdout).map(({ id }) => id)).size).toBe(1_200);
});

test("a payload is read from the command line or from a file", async () => {
  const payload = {
    event_type: "collection.created",
    collection_id: "770e8400-e29b-41d4-a716-446655440002",
    collection_name: "From a file",
    collection_readable_id: "from-a-file",
    timestamp: "2026-01-15T14:30:00Z",
  };
  const file = `${folder.path}/payload.json`;
  writeFileSync(file, JSON.stringify(payload));
  for (const given of [JSON.stringify(payload), `@${file}`]) {
    const { exitCode } = await runWeft(["trigger", "collection.created", "--payload", given, "--url", weft.url]);
    expect(exitCode).toBe(0);
  }
  expect((await messages("collection.created")).map((message) => message.payload)).toEqual([payload, payload]);
});

test("a payload is sent as its text, alone and in lists: large numbers, fractions and duplicate keys stay", async () => {
  const text =
    '{"event_type":"collection.deleted","collection_id":"770e8400-e29b-41d4-a716-446655440002","collection_name":"é",' +
    '"collection_readable_id":"a-ab123", "timestamp":"2026-01-15T14:30:00Z","account_id":9007199254740993,"amount":1.10,"k":1,"k":2}';
  const file = `${folder.path}/exact.json`;
  writeFileSync(file, `${text}\n`);
  const trigger = ["trigger", "collection.deleted", "--url", weft.url, "--payload"];
  for (const given of [[text], [`@${file}`], [text, "--count", "2"]]) {
    expect((await runWeft([...trigger, ...given])).exitCode).toBe(0);
  }
  const listed = await (await fetch(`${weft.url}/v1/webhooks/messages?event_types=collection.deleted`)).text();
  expect(listed.split(`"payload":${text}`)).toHaveLength(5);
});

test("a file that is not UTF-8 is refused with the offset of its first wrong byte", async () => {
  const file = `${folder.path}/latin1.json`;
  writeFileSync(file, Buffer.from('{"collection_name":"Caf\u00e9"}', "latin1"));
  const { exitCode, stderr } = await runWeft(["trigger", "sync.failed", "--payload", `@${file}`, "--url", weft.url]);
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/latin1\.json is not valid UTF-8: byte 23,/)]);
});

test("a story is published as its events, as often as requested", async () => {
  const args = ["trigger", "story:failed-sync", "--count", "2", "--pace", "0", "--json", "--url", weft.url];
  const { exitCode, stdout } = await runWeft(args);
  expect(exitCode).toBe(0);
  const once = ["sync.pending", "sync.running", "sync.failed", "sync.pending", "sync.running", "sync.completed"];
  expect(jsonLines(stdout).map(({ event_type }) => event_type)).toEqual([...once, ...once]);
});

test("the list has every event type and story", async () => {
  const { exitCode, stdout } = await runWeft(["trigger", "--list", "--url", weft.url]);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^sync\.pending {2,}A sync job was created/m);
  for (const line of stdout.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  const wide = (await runWeft(["trigger", "--list", "--wide", "--url", weft.url])).stdout;
  expect(wide).not.toContain("…");
  expect(stdout).toMatch(/^story:reauth {2,}credentials expire/m);
  const listed = jsonLines((await runWeft(["trigger", "--list", "--json", "--url", weft.url])).stdout);
  expect(listed.map(({ name }) => name)).toContain("story:lifecycle");
});

test("an invalid argument is reported with a sentence that names the valid ones", async () => {
  const failureOf = async (...args: string[]) => {
    const { exitCode, stderr } = await runWeft(["trigger", ...args, "--url", weft.url]);
    return [exitCode, stderr];
  };
  expect(await failureOf("sync.finished")).toEqual([2, expect.stringContaining("The event types are sync.pending, ")]);
  expect(await failureOf()).toEqual([2, expect.stringContaining("An event type or a story is missing")]);
  expect(await failureOf("story:old")).toEqual([2, expect.stringContaining("The stories are story:first-sync, ")]);
  expect(await failureOf("story:reauth", "--payload", "{}")).toEqual([2, expect.stringContaining("Remove --payload")]);
  expect(await failureOf("story:reauth", "--pace", "-1")).toEqual([2, expect.stringContaining("--pace is a number")]);
  expect(await failureOf("sync.failed", "--pace", "1")).toEqual([
    2,
    expect.stringContaining("--pace applies only to stories"),
  ]);
  expect(await failureOf("sync.failed", "--count", "0")).toEqual([
    2,
    expect.stringContaining("--count is a whole number"),
  ]);
  expect(await failureOf("sync.failed", "--payload", "{")).toEqual([2, expect.stringContaining("not a JSON object: ")]);
  expect(await failureOf("sync.failed", "--payload", "[]")).toEqual([
    2,
    "The payload is not a JSON object: The text is not a JSON object.\n",
  ]);
  expect(await failureOf("sync.failed", "--payload", "@nowhere.json")).toEqual([
    2,
    expect.stringContaining("nowhere.json"),
  ]);
  expect(await failureOf("sync.failed", "--payload", "{}")).toEqual([2, expect.stringContaining("payload.")]);
});

test("if no Weft responds, the error says how to start one", async () => {
  const { exitCode, stderr } = await runWeft(["trigger", "sync.failed", "--url", "http://127.0.0.1:1"]);
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining("Start Weft with `weft dev`")]);
});
