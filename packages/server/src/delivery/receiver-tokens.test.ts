import { afterEach, beforeEach, expect, test } from "vitest";
import { noAccess, type TokenClient } from "../domain/receiver-access.ts";
import { createAddressGuard } from "../outbound/address-guard.ts";
import { requestClientToken } from "../outbound/client-credentials.ts";
import { GuardedFetch } from "../outbound/guarded-fetch.ts";
import { clientSecret, machineId, TestProvider } from "../sync/fixtures/test-provider.ts";
import { until } from "./fixtures/manual-clock.ts";
import { Receiver } from "./fixtures/receiver.ts";
import { RunningEngine } from "./fixtures/running-engine.ts";
import { ReceiverTokens } from "./receiver-tokens.ts";

let provider: TestProvider;
let receiver: Receiver;
let running: RunningEngine;
let bearers: string[];

beforeEach(async () => {
  [provider, receiver, running] = await Promise.all([TestProvider.start(), Receiver.start(), RunningEngine.start()]);
  bearers = [];
  receiver.respond = async (response, { headers }) => {
    const token = (headers.authorization ?? "").replace("Bearer ", "");
    bearers.push(token);
    response.writeHead((await provider.accepts(token)) ? 204 : 401).end();
  };
});
afterEach(async () => {
  await running[Symbol.asyncDispose]();
  await Promise.all([receiver[Symbol.asyncDispose](), provider[Symbol.asyncDispose]()]);
});

function client(changes: Partial<TokenClient> = {}): TokenClient {
  return {
    type: "oauth2",
    tokenUrl: `${provider.url}/token`,
    clientId: machineId,
    clientSecret,
    scope: null,
    audience: null,
    clientAuthentication: "basic",
    ...changes,
  };
}

function subscribe(authentication = client(), changes: { retryDelaysMs?: number[] } = {}) {
  return running.world.subscribe({ url: receiver.url(), access: { ...noAccess, authentication }, ...changes });
}

test("deliveries have an access token that the provider issued, and share it until it expires", async () => {
  const { id } = await subscribe();
  for (let i = 0; i < 5; i++) await running.world.accept();
  await until("they were delivered", async () => (await running.made(id)).length === 5);
  expect((await running.made(id)).every(({ succeeded }) => succeeded)).toBe(true);
  expect(provider.granted).toEqual(["client_credentials"]);
  expect(new Set(bearers).size).toBe(1);

  await running.advance(3_600_000);
  await running.world.accept();
  await until("it was delivered", async () => (await running.made(id)).length === 6);
  expect(provider.granted).toHaveLength(2);
  expect(new Set(bearers).size).toBe(2);
});

test("a token that the receiver refuses is replaced once, and the delivery is sent again at once", async () => {
  const { id } = await subscribe();
  await running.world.accept();
  await until("it was delivered", async () => (await running.made(id)).length === 1);
  await provider.endMachine(bearers[0] ?? "");
  await running.advance(120_000);
  await running.world.accept();
  await until("it was delivered", async () => (await running.made(id)).length === 3);
  const attempts = (await running.made(id)).toReversed();
  expect(attempts.map(({ responseStatus }) => responseStatus)).toEqual([204, 401, 204]);
  expect(provider.granted).toHaveLength(2);

  // The receiver refuses every token: further ones would not help.
  receiver.respond = (response) => response.writeHead(401).end();
  await running.world.accept();
  await until("it was refused", async () => (await running.made(id)).length === 4);
  await running.quiet();
  expect(await running.made(id)).toHaveLength(4);
  expect(provider.granted).toHaveLength(2);
});

test.each([
  ["a wrong secret", { clientSecret: "hush" }, "The token endpoint returned 401 (invalid_client)."],
  ["a missing endpoint", { tokenUrl: "/nowhere" }, "The token endpoint returned 404"],
  [
    "an endpoint that is down",
    { tokenUrl: "http://127.0.0.1:1/" },
    "The token endpoint did not respond: The connection",
  ],
  ["a blocked address", { tokenUrl: "http://10.0.0.1/token" }, "The token endpoint did not respond: Requests to this"],
])(
  "with %s, the attempt names the token endpoint, and the receiver gets no request",
  async (_name, changes, detail) => {
    const { tokenUrl } = changes as { tokenUrl?: string };
    const absolute = tokenUrl?.startsWith("/") ? { tokenUrl: provider.url + tokenUrl } : {};
    const { id } = await subscribe(client({ ...changes, ...absolute }));
    for (let i = 0; i < 3; i++) await running.world.accept();
    await until("they failed", async () => (await running.made(id)).length === 3);
    const [attempt] = await running.made(id);
    expect(attempt).toMatchObject({ responseStatus: 0, error: expect.stringContaining(`authentication: ${detail}`) });
    expect(attempt?.error).not.toContain("hush");
    expect(bearers).toEqual([]);
    // The failure is remembered for some seconds.
    expect(provider.refused.length).toBeLessThanOrEqual(1);
  },
);

test("responses without a usable token are failures of the token endpoint", async () => {
  const { id } = await subscribe(client(), { retryDelaysMs: [] });
  for (const [index, body] of [{}, { access_token: "a\r\nb" }, { access_token: "x".repeat(10_000) }].entries()) {
    provider.tokenResponse = () => ({ token_type: "bearer", ...body });
    await running.world.accept();
    await until("it failed", async () => (await running.made(id)).length === index + 1);
    await running.quiet();
    running.sleep(6_000);
  }
  const errors = (await running.made(id)).map(({ error }) => error);
  expect(new Set(errors)).toEqual(
    new Set(["authentication: The response of the token endpoint has no usable access token."]),
  );
});

test("of several nodes, one requests a token, and the others use it", async () => {
  const { id: subscriptionId } = await subscribe();
  const { store } = running.world;
  await using fetch = new GuardedFetch({
    guard: createAddressGuard({ allowNetworks: ["127.0.0.0/8"] }),
    ...{ allowHttp: true, timeoutMs: 10_000, readBytesMax: 64 * 1024 },
  });
  const nodes = Array.from(
    { length: 4 },
    () =>
      new ReceiverTokens({
        ...{ store, clock: running.clock },
        requestToken: (given, owner) => requestClientToken(fetch, given, owner),
      }),
  );
  const owner = { subscriptionId, owner: running.world.organizationId, client: client() };
  const obtained = Promise.all(nodes.map((node) => node.tokenFor(owner)));
  let isDone = false;
  void obtained.then(() => {
    isDone = true;
  });
  await until("all have a token", () => {
    running.clock.advance(200);
    return isDone;
  });
  const values = (await obtained).map((token) => ("value" in token ? token.value : token.detail));
  expect(new Set(values).size).toBe(1);
  expect(provider.granted).toEqual(["client_credentials"]);
});
