import { afterAll, beforeAll, expect, test } from "vitest";
import { portForProcess } from "../../packages/server/src/outbound/fixtures/port-for-process.ts";
import { TestDatabases } from "../../packages/server/src/store/postgres/fixtures/test-databases.ts";
import { blocksIn } from "./blocks.ts";
import { type Elsewhere, startElsewhere } from "./elsewhere.ts";
import { toRun } from "./left-out.ts";
import { PageFolder } from "./page-folder.ts";
import { pageTimeMs, runCommands } from "./run-commands.ts";
import { saveRequest } from "./saved-request.ts";

const blocks = blocksIn("sh");
const pages = [...new Set(blocks.filter((block) => toRun(block) !== null).map(({ page }) => page))];

const synced = /sync job finished.*status=completed/;

/** The visible results of a page's commands, besides that none of them fails. */
const sights: Readonly<Record<string, readonly RegExp[]>> = {
  "README.md": [
    /^✓ the counts are true/m,
    /POST \/webhooks {2}collection\.created {2}msg_\w+ /,
    synced,
    /POST \/webhooks {2}sync\.completed {2}msg_\w+ /,
    /^Published sync\.completed as message/m,
    /^\{"id":"[^"]+","event_type":"sync\.failed"/m,
    /^\{"id":"[^"]+","event_type":"invoice\.paid"/m,
    /^The API key "admin" \(admin\)/m,
    /^Copied [1-9]\d* rows/m,
  ],
  "packages/receiver/README.md": [/^Grade A/m],
  "packages/server/README.md": [/^Usage: weft/m],
  "docs/start/README.md": [
    /^Published sync\.completed as message/m,
    /POST \/ {2}sync\.completed {2}msg_\w+ {2}\d+ bytes {2}verifies/,
    /^msg_\w+ +sync\.completed +/m,
  ],
  "docs/agents/README.md": [/^The API key "an agent" \(read\)/m, /^✓ the agent found texts/m],
  "docs/start/publish.md": [/"name":"invoice\.paid"/, /^\{"id":"[^"]+","event_type":"invoice\.paid"/m],
  "docs/start/receive.md": [/^Created the subscription ep_/m, /^Signing secret: whsec_/m],
  "docs/start/operate.md": [/^The API key "admin" \(admin\)/m, /"command":"weft serve".*"event":"started"/, /Acme/],
  "docs/troubleshoot/README.md": [/^No subscriptions match\.$/m],
  "docs/troubleshoot/signature.md": [/^Verifies: message msg_1/m],
  "docs/troubleshoot/did-not-arrive.md": [/deliver/],
  "docs/troubleshoot/disabled.md": [/^No subscriptions match\.$/m],
  "docs/troubleshoot/does-not-start.md": [/^WEFT_AUTH=none$/m],
  "docs/receive/reliability.md": [/^Grade A/m],
  "docs/operate/monitoring.md": [/^weft_messages_accepted_total \d+/m],
  "docs/receive/authentication.md": [/"authentication":\{"type":"basic","username":"weft","password":"\*\*\*"\}/],
  "docs/operate/configuration-as-code.md": [
    /^4 to create, 0 to change, 0 to delete, 0 unchanged\.$/m,
    /^0 created, 0 changed, 0 deleted, 4 unchanged\.$/m,
  ],
  "docs/operate/alerts.md": [/"destination":"slack"/],
  "docs/operate/retention.md": [/"retention_days":30,"event_type_retention_days":\{"sync\.running":7\}/],
  "docs/operate/backup.md": [/^Backed up \d+ bytes/m, /^Restored \d+ bytes/m],
  "docs/operate/console.md": [/"url":"http:\/\/127\.0\.0\.1:\d+\/console\/#token=/],
  "docs/send/event-types.md": [
    /"name":"invoice\.paid","group":"invoice".*"built_in":false/,
    /POST \/webhooks {2}msg_\w+ {2}\d+ bytes/,
    /"unknown_event_types":"accept"/,
    /POST \/orders {2}msg_\w+ {2}\d+ bytes/,
  ],
  "docs/reference/command-line.md": [
    /^Logged in to http:.*"Default organization"/m,
    /^No subscriptions match\.$/m,
    /^Deleted the profile "local"\./m,
    /^The API key "operations" \(admin\)/m,
  ],
  "docs/operate/install.md": [/^WEFT_AUTH=required$/m, /"command":"weft serve".*"event":"started"/],
  "docs/receive/on-a-laptop.md": [
    /"event":"listening".*"forward_to":/,
    /"event":"message".*"event_type":"sync\.cancelled"/,
    /^Published source_connection\.auth_completed as message/m,
    /^Receiving webhooks at/m,
    /^Verifies: message msg_1/m,
  ],
  "docs/sync/git.md": [synced],
  "docs/sync/oauth.md": [/"auth_url":"http/],
  "docs/sync/web.md": [synced],
  // The progress meter of curl can precede them on their lines.
  "docs/receive/stream.md": [/data: \{.*"event_type":"collection\.created"/, /event: gap$/m],
  "docs/migrate/svix.md": [/^eyJ/m],
  "docs/operate/upgrade.md": [/^Backed up \d+ bytes/m, /^The schema is up to date\.$/m, /"event":"started"/],
};

const databases = new TestDatabases();
let elsewhere: Elsewhere;

beforeAll(async () => {
  elsewhere = await startElsewhere();
});

afterAll(async () => {
  await elsewhere[Symbol.asyncDispose]();
  await databases[Symbol.asyncDispose]();
});

test.each(pages)("the commands of %s work, one after the other", { timeout: pageTimeMs + 30_000 }, async (page) => {
  using folder = new PageFolder();
  const addresses = {
    weft: await portForProcess(),
    receiver: await portForProcess(),
    inbox: await portForProcess(),
    elsewhere: elsewhere.origin,
    databases: { weft: await databases.empty(), empty: await databases.empty() },
    folder: folder.elsewhere,
    saved: await saveRequest(folder.path),
  };
  const ofPage = blocks.filter((block) => block.page === page);
  await using run = runCommands(ofPage, folder, addresses);
  expect(await run.isDone, run.said()).toBe(true);
  const ofThisPage = sights[page];
  expect(ofThisPage, "nothing of this page is looked for").toBeDefined();
  for (const sight of ofThisPage ?? []) await expect.poll(run.said).toMatch(sight);
});

test("failing commands are noticed", async () => {
  using folder = new PageFolder();
  const addresses = {
    weft: 1,
    receiver: 2,
    inbox: 3,
    elsewhere: "",
    databases: {},
    folder: "",
    saved: await saveRequest(folder.path),
  };
  const block = { page: "none.md", line: 1, language: "sh", text: "npx weft trigger no.such.event\n" };
  await using run = runCommands([block], folder, addresses);
  expect(await run.isDone).toBe(false);
});
