import { afterAll, expect, test } from "vitest";
import { completed } from "../../packages/server/src/api/fixtures/weft-and-receiver.ts";
import { temporaryFolder } from "../../packages/server/src/cli/fixtures/weft-process.ts";
import { until } from "../../packages/server/src/delivery/fixtures/manual-clock.ts";
import { delayed, Receiver } from "../../packages/server/src/delivery/fixtures/receiver.ts";
import { TestDatabases } from "../../packages/server/src/store/postgres/fixtures/test-databases.ts";
import { Nodes } from "../fleet/nodes.ts";
import { Collector } from "./collector.ts";
import { databases } from "./databases.ts";

const made = new TestDatabases();
afterAll(() => made[Symbol.asyncDispose]());

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";

test.each(databases)("on %s, a delivery continues its trace after kill -9 and a restart", async (database) => {
  using folder = temporaryFolder();
  await using receiver = await Receiver.start();
  await using collector = await Collector.start();
  const url = database === "sqlite" ? `sqlite:${folder.path}/weft.db` : await made.fresh();
  await using nodes = new Nodes(url, collector.variables);
  await nodes.start();
  await nodes.subscribe(receiver.url(), ["sync.*"], { send_trace_context: true });
  const { respond } = delayed();
  receiver.respond = respond;
  const { url: api, adminKey } = nodes.api;
  const published = await fetch(`${api}/v1/events`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${adminKey}`,
      "content-type": "application/json",
      traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
    },
    body: JSON.stringify(completed()),
  });
  expect(published.status).toBe(200);
  await until("the first attempt runs", () => receiver.received.length === 1);
  await nodes.kill(0);
  receiver.respond = (response) => void response.writeHead(204).end();
  await nodes.start();
  const spans = await collector.trace(traceId, /^deliver /, 1);
  const deliver = spans.find(({ name }) => name.startsWith("deliver "));
  const post = spans.find(({ name }) => name === "POST");
  const [first, second] = receiver.received.map(({ headers }) => String(headers.traceparent).split("-"));
  expect([first?.[1], second?.[1]]).toEqual([traceId, traceId]);
  // Both requests are the first attempt, because the first one was not recorded.
  expect(second?.[2]).toBe(post?.spanId);
  expect(post?.parentId).toBe(deliver?.spanId);
  const publish = spans.find(({ name }) => name.startsWith("publish "));
  if (publish !== undefined) expect(deliver?.parentId).toBe(publish.spanId);
});
