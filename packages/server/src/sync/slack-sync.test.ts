import { afterEach, beforeEach, expect, test } from "vitest";
import { testApiPromises } from "./sources/http/fixtures/api-promises.ts";
import { SyncedSource } from "./sources/http/fixtures/synced-source.ts";
import { TestSlack } from "./sources/slack/fixtures/test-slack.ts";
import { slackText } from "./sources/slack/message-text.ts";
import { slackSource } from "./sources/slack/slack-source.ts";

const day = 86_400;
let slack: TestSlack;
let synced: SyncedSource;

async function openSlack(): Promise<TestSlack> {
  const slack = await TestSlack.open();
  slack.addChannel("C1", "general");
  slack.users.set("U1", "Ada").set("U2", "Grace");
  return slack;
}

beforeEach(async () => {
  slack = await openSlack();
  synced = await SyncedSource.open(slackSource);
});

afterEach(async () => {
  await synced[Symbol.asyncDispose]();
  await slack[Symbol.asyncDispose]();
});

function connect(config: Record<string, unknown> = {}) {
  return synced.weft.connect("slack", {
    config: { api_url: slack.apiUrl, ...config },
    credentials: { token: "xoxb-12345" },
  });
}

/** A time of Slack some seconds ago. */
function ago(seconds: number): string {
  return `${Math.floor(synced.clock.now() / 1_000) - seconds}.000100`;
}

const thread = (ts: string, latest: string, count = 1) => ({ thread_ts: ts, reply_count: count, latest_reply: latest });

test("channels and messages are read, with threads, names, files and web addresses", async () => {
  slack.pageSize = 2;
  slack.post("C1", "1700000000.000100", "Herons &amp; otters, <@U2>\nsee <https://x.test/a|the page>", {
    ...thread("1700000000.000100", "1700000060.000100", 3),
    files: [{ id: "F1", name: "map.pdf", url_private: "https://files.slack.test/map.pdf" }],
  });
  slack.replies.set("1700000000.000100", [
    { ts: "1700000040.000100", user: "U2", text: "They dive.", thread_ts: "1700000000.000100" },
    { ts: "1700000050.000100", user: "U9", text: "They wade.", thread_ts: "1700000000.000100" },
    { ts: "1700000060.000100", bot_profile: { name: "Robot" }, text: "Noted.", thread_ts: "1700000000.000100" },
  ]);
  slack.post("C1", "1700000050.000100", "They wade.", { subtype: "thread_broadcast", thread_ts: "1700000000.000100" });
  slack.post("C1", "1700000070.000100", "<@U1> has joined the channel", { subtype: "channel_join" });
  for (let number = 0; number < 5; number++) slack.post("C1", `170000100${number}.000100`, `Message ${number}`);
  const connection = await connect();
  expect(await synced.sync(connection)).toMatchObject({ state: "completed", inserted: 7, failed: 0, error: null });
  expect(await synced.found(connection, "otters")).toMatchObject([
    {
      entityId: "C1/1700000000.000100",
      type: "message",
      name: "Herons & otters, @Grace",
      url: "https://handbook.slack.com/archives/C1/p1700000000000100",
      text: [
        "## Ada, 2023-11-14",
        "Herons & otters, @Grace\nsee the page (https://x.test/a)",
        "Files: map.pdf",
        "## Grace, 2023-11-14",
        "They dive.",
        "## U9, 2023-11-14",
        "They wade.",
        "## Robot, 2023-11-14",
        "Noted.",
      ].join("\n\n"),
    },
  ]);
  expect(await synced.found(connection, "purpose")).toMatchObject([
    { entityId: "C1", type: "channel", name: "#general", url: "https://handbook.slack.com/archives/C1" },
  ]);
  // The name of a user is requested once.
  expect(slack.requestsFor("users.info")).toBe(3);
});

test("a later job reads new, edited and answered messages of the last days, and new channels from their beginning", async () => {
  const [old, edited, answered, quiet] = [ago(30 * day), ago(2 * day), ago(3 * day), ago(4 * day)];
  for (const ts of [old, edited, answered, quiet]) slack.post("C1", ts, `Message ${ts}`);
  const connection = await connect();
  expect(await synced.sync(connection)).toMatchObject({ inserted: 5 });
  synced.clock.forward(3_600_000);
  slack.log.length = 0;
  expect(await synced.sync(connection)).toMatchObject({ inserted: 0, updated: 0, deleted: 0, skipped: 1 });
  expect(slack.requestsFor("conversations.replies")).toBe(0);

  slack.post("C1", edited, "Edited", { edited: { user: "U1", ts: ago(60) } });
  slack.post("C1", answered, `Message ${answered}`, thread(answered, ago(30)));
  slack.replies.set(answered, [{ ts: ago(30), user: "U2", text: "A reply", thread_ts: answered }]);
  slack.post("C1", ago(20), "New");
  slack.addChannel("C2", "random");
  slack.post("C2", old, "An old message");
  expect(await synced.sync(connection)).toMatchObject({ inserted: 3, updated: 2, deleted: 0, skipped: 1 });
  expect(await synced.found(connection, "reply")).toHaveLength(1);
});

test("deleted messages are found when everything is read again", async () => {
  const [first, second] = [ago(3 * day), ago(2 * day)];
  slack.post("C1", first, "First");
  slack.post("C1", second, "Second");
  const connection = await connect({ full_every_hours: 24 });
  await synced.sync(connection);
  slack.delete("C1", second);
  expect(await synced.sync(connection)).toMatchObject({ deleted: 0 });
  synced.clock.forward(day * 1_000);
  expect(await synced.sync(connection)).toMatchObject({ deleted: 1, skipped: 2, inserted: 0 });
  expect(await synced.stored(connection, ["C1", `C1/${first}`, `C1/${second}`])).toEqual(["C1", `C1/${first}`]);
});

test("the settings select channels, and how far back messages are read", async () => {
  slack.addChannel("C2", "random");
  slack.post("C1", ago(40 * day), "Old");
  slack.post("C1", ago(day), "New", thread(ago(day), ago(day)));
  slack.post("C2", ago(day), "Elsewhere");
  const connection = await connect({ channels: ["#general"], history_days: 30, threads: false });
  expect(await synced.sync(connection)).toMatchObject({ state: "completed", inserted: 2 });
  expect(slack.requestsFor("conversations.replies")).toBe(0);
  expect((await synced.sync(await connect({ channels: ["nowhere"] }))).error).toBe(
    "The app is not a member of the channel nowhere, or the channel does not exist. Invite the app to it.",
  );
});

test("a channel that cannot be read is a problem, and no entity is deleted because of it", async () => {
  slack.post("C1", ago(day), "Stays");
  const connection = await connect({ full_every_hours: 1 });
  await synced.sync(connection);
  synced.clock.forward(3_600_000);
  slack.interruption = ({ url, response }) =>
    url.pathname.endsWith("conversations.history") && slack.json(response, { ok: false, error: "not_in_channel" });
  expect(await synced.sync(connection)).toMatchObject({ state: "completed", failed: 1, deleted: 0 });
});

test("a token without a scope, and other errors of Slack, fail the job with a sentence", async () => {
  const connection = await connect();
  const errorOf = async (body: unknown) => {
    slack.interruption = ({ response }) => slack.json(response, body);
    return (await synced.sync(connection)).error;
  };
  expect(await errorOf({ ok: false, error: "fatal_error" })).toBe("Slack returned the error fatal_error.");
  expect(await errorOf({ ok: false, error: "<b>xoxb-12345</b>" })).toBe("Slack returned the error unknown_error.");
  expect(await errorOf({ ok: false, error: "missing_scope", needed: "channels:read" })).toBe(
    "The token does not have access to Slack's data (missing_scope). It needs the scope channels:read.",
  );
});

test("markup that never ends is read in linear time", () => {
  for (const part of ["<", "<@U1|", "&lt;", "<a|b"]) {
    expect(slackText(part.repeat(100_000), (id) => id).length).toBeGreaterThan(0);
  }
});

testApiPromises<TestSlack>({
  ...{ shortName: "slack", name: "Slack", urlSetting: "api_url", source: slackSource },
  open: async () => {
    const slack = await openSlack();
    slack.pageSize = 1;
    for (let number = 0; number < 3; number++) slack.post("C1", `170000100${number}.000100`, `Message ${number}`);
    return slack;
  },
  config: ({ apiUrl }) => ({ api_url: apiUrl }),
  credentials: { token: "xoxb-12345" },
  wrongCredentials: { token: "xoxb-wrong" },
  isLaterPage: ({ url }) => url.pathname.endsWith("conversations.history") && url.searchParams.has("cursor"),
  limit: (slack, { response }) =>
    slack.json(response, { ok: false, error: "ratelimited" }, 429, { "retry-after": "90" }),
  emptyPage: (slack, { url, response }, next_cursor) =>
    url.pathname.endsWith("conversations.history") &&
    slack.json(response, { ok: true, messages: [], has_more: true, response_metadata: { next_cursor } }),
  scope: "channels:history,channels:read,users:read",
});
