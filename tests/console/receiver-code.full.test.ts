import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { signedHeaders } from "../../packages/receiver/src/index.ts";
import { frameworks, receiverCode } from "../../packages/server/src/console/pages/event-types/receiver-code.ts";
import { portForProcess } from "../../packages/server/src/outbound/fixtures/port-for-process.ts";
import { python, whyNoPython } from "../python-receivers/python.ts";

const secret = `whsec_${Buffer.from("a secret of twenty-four!").toString("base64")}`;
const body = JSON.stringify({ event_type: "sync.completed", collection_name: "Sales Data" });

// Inside the repository, so that packages are found.
const folder = mkdtempSync(join(resolve(import.meta.dirname, "../../node_modules"), ".receiver-code-"));
const children: ChildProcess[] = [];

afterAll(async () => {
  await Promise.all(
    children.map((child) => (child.exitCode === null && child.kill("SIGKILL") ? once(child, "exit") : null)),
  );
  rmSync(folder, { recursive: true, force: true });
});

async function signed(id: string) {
  return await signedHeaders(body, { id, timestamp: new Date(), secret });
}

function codeFor(key: string, url: string): string {
  const framework = frameworks.find((known) => known.key === key);
  if (framework === undefined) throw new Error(`There is no program for ${key}.`);
  return receiverCode(framework, "sync.completed", url);
}

interface Runner {
  readonly file: string;
  readonly command: (file: string, port: number) => [string, string[]];
}

const node: Runner = { file: "main.mjs", command: (file) => [process.execPath, [file]] };
const runners: Readonly<Record<string, Runner>> = {
  node,
  express: node,
  fastify: node,
  ...(whyNoPython() === null && { python: { file: "plain.py", command: (file) => [python, [file]] } }),
  ...(whyNoPython("fastapi", "uvicorn", "standardwebhooks") === null && {
    fastapi: {
      file: "api.py",
      command: (_file, port) => [python, ["-m", "uvicorn", "api:app", "--port", String(port)]],
    },
  }),
};

test.each(Object.entries(runners))(
  "the program for %s receives genuine requests and refuses others",
  async (framework, runner) => {
    const port = await portForProcess();
    const url = `http://127.0.0.1:${port}/hooks/weft`;
    const file = join(folder, `${framework}-${runner.file}`.replace("fastapi-", ""));
    writeFileSync(file, codeFor(framework, url));
    const [command, args] = runner.command(file, port);
    const child = spawn(command, args, { cwd: folder, env: { ...process.env, WEFT_SECRET: secret } });
    children.push(child);
    let written = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (text: Buffer) => {
        written += text.toString();
      });
    const send = (headers: Record<string, string>) =>
      fetch(url, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });
    const headers = await signed("msg_1");
    await expect
      .poll(
        () =>
          send(headers).then(
            (response) => response.status,
            () => 0,
          ),
        { timeout: 30_000 },
      )
      .toBe(204);
    await expect.poll(() => written).toContain("msg_1");
    expect((await send({ ...headers, "webhook-id": "msg_2", "svix-id": "msg_2" })).status).toBe(400);
  },
);

test.each(["hono", "web"] as const)(
  "the module for %s receives genuine requests and refuses others",
  async (framework) => {
    const file = join(folder, `${framework}.mjs`);
    writeFileSync(file, codeFor(framework, "https://example.com/hooks/weft"));
    process.env.WEFT_SECRET = secret;
    const module = (await import(file)) as {
      default?: { fetch: (request: Request) => Promise<Response> };
      POST?: (request: Request) => Promise<Response>;
    };
    delete process.env.WEFT_SECRET;
    const receive = module.default?.fetch ?? module.POST;
    const headers = await signed("msg_1");
    const request = (more: Record<string, string>) =>
      new Request("https://example.com/hooks/weft", { method: "POST", headers: { ...headers, ...more }, body });
    expect((await receive?.(request({})))?.status).toBe(204);
    expect((await receive?.(request({ "webhook-id": "msg_2", "svix-id": "msg_2" })))?.status).toBe(400);
  },
);

test("every framework has a program, even for endpoints without a path or port", () => {
  for (const framework of frameworks) {
    for (const url of [null, "https://example.com", "https://example.com/$&"]) {
      expect(receiverCode(framework, "acme.sale", url)).toContain('"acme.sale"');
    }
  }
});
