import { afterEach, beforeEach, expect, test } from "vitest";
import { testApiPromises } from "./sources/http/fixtures/api-promises.ts";
import { SyncedSource } from "./sources/http/fixtures/synced-source.ts";
import { TestLinear } from "./sources/linear/fixtures/test-linear.ts";
import { linearSource } from "./sources/linear/linear-source.ts";

const hour = 3_600_000;
let linear: TestLinear;
let synced: SyncedSource;

beforeEach(async () => {
  linear = await TestLinear.open();
  synced = await SyncedSource.open(linearSource);
});

afterEach(async () => {
  await synced[Symbol.asyncDispose]();
  await linear[Symbol.asyncDispose]();
});

function connect(config: Record<string, unknown> = {}) {
  return synced.weft.connect("linear", {
    config: { api_url: linear.apiUrl, ...config },
    credentials: { api_key: "lin_api_12345" },
  });
}

const now = () => synced.clock.now();

test("issues, projects and documents are read, with comments, containers and web addresses", async () => {
  linear.pageSize = 1;
  linear.commentPageSize = 2;
  const issue = linear.putIssue(1, now() - hour, {
    ...{ title: "Herons do not dive", assignee: { displayName: "hopper" }, dueDate: "2026-03-01" },
    ...{ attachments: { nodes: [{ title: "heron.pdf" }] }, project: { id: "project-1", name: "Birds" } },
    parent: { id: "issue-9", identifier: "ENG-9", title: "Waders" },
  });
  linear.putIssue(2, now() - 2 * hour);
  const times = ["2026-01-05T10:00:00Z", "2026-01-07T10:00:00Z", "2026-01-06T10:00:00Z"];
  for (const [at, time] of times.entries()) linear.comment(issue, `Comment ${at + 1}`, Date.parse(time));
  linear.putProject(1, now() - hour);
  linear.putDocument(1, now() - hour, { content: "Otters swim." });
  const connection = await connect();
  expect(await synced.sync(connection)).toMatchObject({ state: "completed", inserted: 4, failed: 0, error: null });
  expect(await synced.found(connection, "herons")).toMatchObject([
    {
      ...{ entityId: issue, type: "issue", name: "ENG-1 Herons do not dive", url: "https://linear.app/acme/issue-1" },
      breadcrumbs: [
        { id: "team-1", type: "team", name: "Engineering" },
        { id: "project-1", type: "project", name: "Birds" },
        { id: "issue-9", type: "issue", name: "ENG-9 Waders" },
      ],
      text: [
        "# ENG-1 Herons do not dive",
        "State: Todo\nPriority: High\nAssignee: hopper\nCreator: ada\nLabels: bug\nDue: 2026-03-01\nAttachments: heron.pdf",
        "Description 1",
        "## grace, 2026-01-05\n\nComment 1",
        "## grace, 2026-01-06\n\nComment 3",
        "## grace, 2026-01-07\n\nComment 2",
      ].join("\n\n"),
    },
  ]);
  expect(await synced.found(connection, "otters")).toMatchObject([{ entityId: "document-1", type: "document" }]);
  expect(await synced.found(connection, "planned")).toMatchObject([{ entityId: "project-1", type: "project" }]);
});

test("a later job reads changed entities and issues with changed comments, and removes archived entities", async () => {
  for (let number = 1; number <= 6; number++) linear.putIssue(number, now() - number * hour);
  linear.putProject(1, now() - hour);
  const connection = await connect();
  expect(await synced.sync(connection)).toMatchObject({ inserted: 7 });
  synced.clock.forward(hour);
  linear.log.length = 0;
  expect(await synced.sync(connection)).toMatchObject({ inserted: 0, updated: 0, deleted: 0, skipped: 0 });
  expect(linear.log).toHaveLength(4);
  linear.putIssue(1, now(), { state: { name: "Done" } });
  linear.putIssue(2, now(), { archivedAt: new Date(now()).toISOString() });
  linear.putIssue(3, now(), { archivedAt: new Date(now()).toISOString(), trashed: true });
  linear.putIssue(7, now());
  linear.comment("issue-4", "A late comment", now());
  linear.comment("issue-1", "Another comment", now());
  expect(await synced.sync(connection)).toMatchObject({ inserted: 1, updated: 2, deleted: 2, skipped: 0 });
  expect(await synced.found(connection, "late")).toMatchObject([{ entityId: "issue-4" }]);
});

test("permanently deleted issues are found when everything is read again", async () => {
  for (let number = 1; number <= 3; number++) linear.putIssue(number, now() - hour);
  const connection = await connect({ full_every_hours: 2 });
  await synced.sync(connection);
  linear.issues.delete("issue-2");
  synced.clock.forward(hour);
  expect(await synced.sync(connection)).toMatchObject({ deleted: 0 });
  synced.clock.forward(hour);
  expect(await synced.sync(connection)).toMatchObject({ deleted: 1, skipped: 2 });
  expect(await synced.stored(connection, ["issue-1", "issue-2", "issue-3"])).toEqual(["issue-1", "issue-3"]);
});

test("the setting selects the content", async () => {
  linear.putIssue(1, now());
  linear.putDocument(1, now());
  expect(await synced.sync(await connect({ content: ["documents"] }))).toMatchObject({ inserted: 1 });
});

test("a query waits when the budget of complexity does not suffice for another one", async () => {
  linear.pageSize = 1;
  linear.putIssue(1, now());
  linear.putIssue(2, now());
  let queries = 0;
  linear.interruption = ({ response }) => {
    const remaining = queries++ === 0 ? "4000" : "3000000";
    response.setHeader("x-ratelimit-complexity-remaining", remaining);
    response.setHeader("x-ratelimit-complexity-reset", String(now() + 60_000));
    return false;
  };
  expect(await synced.sync(await connect({ content: ["issues"] }))).toMatchObject({ state: "completed", inserted: 2 });
  expect(synced.parts.waits.map((ms) => Math.round(ms / 1_000))).toEqual([61]);
});

test("a token without access and errors of GraphQL fail the job with a sentence", async () => {
  const connection = await connect();
  const errorOf = async (status: number, code: string) => {
    linear.interruption = ({ response }) => linear.refuse(response, status, code);
    return (await synced.sync(connection)).error;
  };
  expect(await errorOf(400, "GRAPHQL_VALIDATION_FAILED")).toBe("Linear returned the error GRAPHQL_VALIDATION_FAILED.");
  expect(await errorOf(200, "INTERNAL_SERVER_ERROR")).toBe("Linear returned the error INTERNAL_SERVER_ERROR.");
  expect(await errorOf(200, "FORBIDDEN")).toBe(
    "The token does not have access to Linear's data. It needs the scope read.",
  );
});

testApiPromises<TestLinear>({
  ...{ shortName: "linear", name: "Linear", urlSetting: "api_url", source: linearSource },
  open: async () => {
    const linear = await TestLinear.open();
    linear.pageSize = 1;
    for (let number = 1; number <= 3; number++) linear.putIssue(number, Date.now() - number * hour);
    return linear;
  },
  config: ({ apiUrl }) => ({ api_url: apiUrl, content: ["issues"] }),
  credentials: { api_key: "lin_api_12345" },
  wrongCredentials: { api_key: "lin_api_wrong" },
  isLaterPage: ({ body }) => JSON.stringify(body).includes('"after":"'),
  limit: (linear, { response }) =>
    linear.refuse(response, 400, "RATELIMITED", {
      "x-ratelimit-requests-remaining": "0",
      "x-ratelimit-requests-reset": String(Date.now() + 89_000),
    }),
  emptyPage: (linear, { response }, endCursor) =>
    linear.json(response, { data: { issues: { nodes: [], pageInfo: { hasNextPage: true, endCursor } } } }),
  scope: "read",
});
