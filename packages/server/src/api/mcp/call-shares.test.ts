import { afterAll, beforeAll, expect, test } from "vitest";
import { Receiver } from "../../delivery/fixtures/receiver.ts";
import { limits } from "../../domain/limits.ts";
import { RunningWeft } from "../fixtures/running-weft.ts";

const adminKey = "admin-key-of-the-tests-of-shares-0123456789";
const admin = { headers: { "x-api-key": adminKey } };
const secret = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;

let weft: RunningWeft;
let receiver: Receiver;

beforeAll(async () => {
  const env = { WEFT_ADMIN_KEY: adminKey, WEFT_ALLOW_HTTP: "true", WEFT_ALLOW_NETWORKS: "127.0.0.0/8" };
  [weft, receiver] = await Promise.all([RunningWeft.start(env, "serve"), Receiver.start()]);
});

afterAll(async () => {
  await weft[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

async function keyIn(organization: string): Promise<string> {
  const headers = { ...admin.headers, "x-organization-id": organization };
  return (await weft.post("/api-keys", { name: "agent", scopes: ["subscribe"] }, { headers })).body.key;
}

async function newOrganization(name: string): Promise<string> {
  return (await weft.post("/organizations", { name }, admin)).body.id;
}

function call(key: string, method: string, more: object = {}): Promise<Response> {
  const meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  return fetch(`${weft.url}/mcp`, {
    method: "POST",
    headers: {
      ...{ "content-type": "application/json", accept: "application/json, text/event-stream", "x-api-key": key },
      ...{ "mcp-protocol-version": "2026-07-28", "mcp-method": method },
    },
    body: JSON.stringify({
      ...{ jsonrpc: "2.0", id: 1, method },
      params: { _meta: meta, name: "sync.completed", ...more },
    }),
  });
}

test("agents of an organization that use up its calls leave those of the node to other organizations", async () => {
  const [crowded, other] = [await newOrganization("Crowded"), await newOrganization("Other")];
  const { mcpCallsPerOrganizationMax: max, mcpChallengesPerMinute: ofEach } = limits;
  const release: (() => void)[] = [];
  receiver.respond = (response, { body }) => {
    const { challenge } = JSON.parse(body) as { challenge: string };
    release.push(() => void response.writeHead(200).end(JSON.stringify({ challenge })));
  };
  // Each agent waits for as many challenges as it may cause.
  const held: Promise<Response>[] = [];
  for (let agent = 0; agent < max / ofEach; agent++) {
    const key = await keyIn(crowded);
    for (let index = 0; index < ofEach; index++) {
      const delivery = { url: receiver.url(`/${agent}-${index}`), secret };
      held.push(call(key, "events/subscribe", { delivery }));
    }
  }
  await expect.poll(() => release.length, { timeout: 8_000 }).toBe(max);
  const late = await keyIn(crowded);
  const refused = await call(late, "events/poll");
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "1"]);
  expect(await refused.json()).toMatchObject({ error: { data: { reason: "too_many_calls" } } });
  const served = await call(await keyIn(other), "events/poll");
  expect(await served.json()).toMatchObject({ result: { events: [] } });
  for (const send of release) send();
  const statuses = (await Promise.all(held)).map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect((await call(late, "events/poll")).status).toBe(200);
});
