import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify, stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RunningWeft } from "../../packages/server/src/api/fixtures/running-weft.ts";
import { bin } from "../../packages/server/src/cli/fixtures/weft-process.ts";
import { Receiver } from "../../packages/server/src/delivery/fixtures/receiver.ts";
import { python, whyNoPython } from "../python-receivers/python.ts";
import { installPackages } from "../setup/install-packages.ts";

const programs = resolve(import.meta.dirname, "programs");
const run = promisify(execFile);

let weft: RunningWeft;
let receiver: Receiver;

beforeAll(async () => {
  [weft, receiver] = await Promise.all([RunningWeft.start(), Receiver.start(), installPackages(programs)]);
  receiver.respond = (response, { body }) => void response.writeHead(200).end(body);
}, 240_000);

afterAll(async () => {
  await weft[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

function program(name: string): string {
  return join(programs, "node_modules/.bin", name);
}

describe("the command line of the inspector", () => {
  async function inspected(...args: string[]) {
    const { stdout } = await run(program("mcp-inspector"), ["--cli", ...args, "--format", "json"]);
    return JSON.parse(stdout).result;
  }
  const http = (era: string) => [`${weft.url}/mcp`, "--transport", "http", "--protocol-era", era];

  test.each(["modern", "legacy"])("lists tools and resources, and calls a tool, in the %s era", async (era) => {
    const { tools } = await inspected(...http(era), "--method", "tools/list", "--strict");
    expect(tools.map(({ name }: { name: string }) => name)).toContain("explain_delivery");
    const { resources } = await inspected(...http(era), "--method", "resources/list");
    expect(resources.length).toBeGreaterThan(5);
    const args = ["--method", "tools/call", "--tool-name", "list_subscriptions", "--tool-args-json", "{}"];
    expect((await inspected(...http(era), ...args)).structuredContent).toMatchObject({ next_cursor: null });
  });

  test("uses weft mcp over standard input and output", async () => {
    const command = [process.execPath, bin, "mcp", "--url", weft.url];
    const { tools } = await inspected(...command, "--method", "tools/list");
    expect(tools.map(({ name }: { name: string }) => name)).toContain("search_collection");
  });
});

/** Checks that need the tools of a server made for the suite, prompts, or a stream of notifications. */
const notApplicable: Readonly<Record<string, readonly string[]>> = {
  caching: ["sep-2549-prompts-list-caching-hints"],
  "server-stateless": [
    "sep-2575-server-rejects-undeclared-capability",
    "sep-2575-missing-capability-http-400",
    "sep-2575-http-server-no-independent-requests-on-stream",
    "sep-2575-server-no-log-without-loglevel",
  ],
};

test.each([
  "tools-list",
  "resources-list",
  "sep-2164-resource-not-found",
  "dns-rebinding-protection",
  "caching",
  "server-stateless",
])("all checks of the scenario %s of the conformance suite that concern Weft pass", async (scenario) => {
  const args = ["server", "--url", `${weft.url}/mcp`, "--spec-version", "2026-07-28", "--scenario", scenario];
  // The suite ends with 1 when a check failed.
  const { stdout } = await run(program("conformance"), args).catch((error: { stdout: string }) => error);
  const lines = stripVTControlCharacters(stdout).split("\n");
  const checks = lines.flatMap((line) => {
    const [, id = "", outcome = ""] = /\[([\w-]+) *\] (SUCCESS|FAILURE)\b/.exec(line) ?? [];
    return id === "" ? [] : [{ id, outcome }];
  });
  expect(checks.filter(({ outcome }) => outcome === "SUCCESS").length).toBeGreaterThan(1);
  const failed = checks.filter(({ outcome }) => outcome === "FAILURE").map(({ id }) => id);
  expect(failed.sort()).toEqual([...(notApplicable[scenario] ?? [])].sort());
});

type Respond = (request: Request) => Promise<Response>;

const meta = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
};

// biome-ignore lint/suspicious/noExplicitAny: tests read responses of every shape.
async function call(send: Respond, url: string, method: string, params: object): Promise<any> {
  const headers = {
    ...{ "content-type": "application/json", accept: "application/json, text/event-stream" },
    ...{ authorization: "Bearer someone", "mcp-protocol-version": "2026-07-28", "mcp-method": method },
  };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { _meta: meta, ...params } });
  const response = await send(new Request(`${url}/mcp`, { method: "POST", headers, body }));
  const text = await response.text();
  const json = text.startsWith("{") ? text : (/^data: (.*)$/m.exec(text)?.[1] ?? "null");
  return { status: response.status, body: JSON.parse(json) };
}

/** Under `weft dev`, a key that is no key is refused, so that none is sent. */
const own: Respond = (request) => {
  const headers = new Headers(request.headers);
  headers.delete("authorization");
  return fetch(new Request(request, { headers }));
};
const delivery = (url: string) => ({
  mode: "webhook",
  url,
  secret: `whsec_${Buffer.alloc(32, 1).toString("base64")}`,
});
const valid = { name: "sync.completed", arguments: { source_type: "git" } };
const here = () => ({ ...valid, delivery: delivery(receiver.url("/agent")) });

describe("a server of another author", () => {
  let second: Respond;
  beforeAll(async () => {
    ({ respond: second } = (await import(join(programs, "second-server.js"))) as { respond: Respond });
  });

  const both = async (method: string, params: object, elsewhere = params) => ({
    weft: await call(own, weft.url, method, params),
    other: await call(second, "https://second.example", method, elsewhere),
  });
  const there = { ...valid, delivery: delivery("https://agent.example/agent") };

  test("describes events with the same fields", async () => {
    const { weft: ours, other } = await both("events/list", {});
    const fields = (response: typeof ours) =>
      Object.keys(response.body.result.events.find((one: { name: string }) => one.name === valid.name)).sort();
    expect(fields(ours)).toEqual(fields(other));
  });

  test("returns the same fields for a subscription and its refresh", async () => {
    const { weft: first, other } = await both("events/subscribe", here(), there);
    const fields = (response: typeof first) => Object.keys(response.body.result).sort();
    expect(fields(first)).toEqual(fields(other));
    expect(first.body.result.id).toMatch(/^sub_[0-9a-f]+$/);
    expect(other.body.result.id).toMatch(/^sub_[0-9a-f]+$/);
    const { weft: ended } = await both("events/unsubscribe", here(), there);
    expect(ended.status).toBe(200);
  });

  test.each([
    ["an unknown event", { name: "no.such" }],
    ["an unknown argument", { arguments: { nothing: "x" } }],
    ["an argument of another type", { arguments: { source_type: 1 } }],
    ["a mode that is not offered", { delivery: { ...delivery("https://agent.example/agent"), mode: "poll" } }],
    ["a URL that is none", { delivery: delivery("agent") }],
    ["a URL with credentials", { delivery: delivery("https://a:b@agent.example/") }],
    ["a URL with a fragment", { delivery: delivery("https://agent.example/#a") }],
    ["a secret that is too short", { delivery: { ...delivery("https://agent.example/"), secret: "whsec_YQ==" } }],
    ["a negative lifetime", { ttlMs: -1 }],
  ])("refuses %s with the same code", async (_, change) => {
    const { weft: ours, other } = await both("events/subscribe", { ...here(), ...change }, { ...there, ...change });
    expect(other.body.error).toBeDefined();
    expect(ours.body.error?.code).toBe(other.body.error.code);
  });
});

const whyNoServer = whyNoPython("mcp_webhook_events", "uvicorn");

describe.skipIf(whyNoServer !== null)(
  `a server in Python that was proven with ChatGPT${whyNoServer === null ? "" : `: ${whyNoServer}`}`,
  () => {
    let child: ChildProcess;
    let url: string;
    let folder: string;
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), "weft-third-server-"));
      child = spawn(python, [join(programs, "third_server.py"), join(folder, "events.db")], {
        stdio: ["ignore", "pipe", "ignore"],
      });
      url = await new Promise((resolvePort, reject) => {
        child.stdout?.on("data", (chunk: Buffer) => {
          const [, port] = /^port (\d+)$/m.exec(chunk.toString()) ?? [];
          if (port !== undefined) resolvePort(`http://127.0.0.1:${port}`);
        });
        child.on("exit", (code) => reject(new Error(`The server ended with the code ${code}.`)));
      });
    }, 120_000);
    afterAll(() => {
      child.kill();
      rmSync(folder, { recursive: true });
    });

    const both = async (method: string, params: object) => ({
      weft: await call(own, weft.url, method, params),
      other: await call(fetch, url, method, params),
    });

    test("describes events with the same fields", async () => {
      const { weft: ours, other } = await both("events/list", {});
      const fields = (response: typeof ours) =>
        Object.keys(response.body.result.events.find((one: { name: string }) => one.name === valid.name)).sort();
      expect(fields(ours)).toEqual(fields(other));
    });

    test("challenges the callback in the same form, and returns the same fields for a subscription and its end", async () => {
      receiver.received.length = 0;
      const { weft: ours, other } = await both("events/subscribe", {
        ...here(),
        delivery: delivery(receiver.url("/python")),
      });
      const fields = (response: typeof ours) => Object.keys(response.body.result).sort();
      expect(fields(other)).toEqual(expect.arrayContaining(fields(ours)));
      const challenges = receiver.received.map(({ body, headers }) => ({
        body: Object.keys(JSON.parse(body)).sort(),
        id: /^msg_verification_/.test(String(headers["webhook-id"])),
        subscription: /^sub_[0-9a-f]{32}$/.test(String(headers["x-mcp-subscription-id"])),
        signature: /^v1,/.test(String(headers["webhook-signature"])),
      }));
      expect(challenges).toHaveLength(2);
      expect(challenges[0]).toEqual(challenges[1]);
      for (const response of Object.values(await both("events/unsubscribe", here()))) {
        expect(response.body.result).toMatchObject({ resultType: "complete" });
      }
    });

    test.each([
      ["an unknown argument", { arguments: { nothing: "x" } }],
      ["an argument of another type", { arguments: { source_type: 1 } }],
      ["a secret that is too short", { delivery: { ...delivery("https://agent.example/"), secret: "whsec_YQ==" } }],
      ["a callback that cannot be reached", { delivery: delivery("http://127.0.0.1:1/") }],
      ["a negative lifetime", { ttlMs: -1 }],
    ])("refuses %s with the same code", async (_, change) => {
      const { weft: ours, other } = await both("events/subscribe", { ...here(), ...change });
      expect(other.body.error).toBeDefined();
      expect(ours.body.error?.code).toBe(other.body.error.code);
    });

    test.each([
      ["an unknown event", { name: "no.such" }, -32_011],
      ["a URL that is none", { delivery: delivery("agent") }, -32_602],
      ["a URL with credentials", { delivery: delivery("https://a:b@agent.example/") }, -32_602],
    ])("refuses %s as well, with a code of its own", async (_, change, code) => {
      const { weft: ours, other } = await both("events/subscribe", { ...here(), ...change });
      expect(ours.body.error?.code).toBe(code);
      expect([-32_015, -32_602]).toContain(other.body.error?.code);
    });
  },
);

const whyNot = whyNoPython("mcp");

test.skipIf(whyNot !== null)(
  `the client in Python lists tools and calls one${whyNot === null ? "" : `: ${whyNot}`}`,
  async () => {
    const { stdout } = await run(python, [join(programs, "list_tools.py"), `${weft.url}/mcp`]);
    const { tools, result } = JSON.parse(stdout);
    expect(tools).toContain("explain_delivery");
    expect(result).toMatchObject({ items: [] });
  },
);

const whyNoFastMcp = whyNoPython("fastmcp");

test.skipIf(whyNoFastMcp !== null)(
  `the client of FastMCP lists tools and resources, and calls a tool${whyNoFastMcp === null ? "" : `: ${whyNoFastMcp}`}`,
  async () => {
    const { stdout } = await run(python, [join(programs, "call_with_fastmcp.py"), `${weft.url}/mcp`]);
    const { tools, resources, result } = JSON.parse(stdout);
    expect(tools).toContain("explain_delivery");
    expect(resources).toBeGreaterThan(5);
    expect(result).toMatchObject({ items: [] });
  },
);
