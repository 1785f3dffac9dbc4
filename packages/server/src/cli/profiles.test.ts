import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runWeft, startWeft, temporaryFolder, type WeftProcess } from "./fixtures/weft-process.ts";

const adminKey = "k".repeat(40);
const data = temporaryFolder();
let weft: WeftProcess;
beforeAll(async () => {
  weft = await startWeft(["serve", "--data", data.path], { WEFT_ADMIN_KEY: adminKey });
});
afterAll(async () => {
  await weft[Symbol.asyncDispose]();
  data[Symbol.dispose]();
});

function configFolder() {
  const folder = temporaryFolder();
  const file = join(folder.path, "weft", "profiles.json");
  return { env: { XDG_CONFIG_HOME: folder.path }, file, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

/** A server that records the API key of each request, and refuses it. */
async function keyRecorder() {
  const keys: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    keys.push(request.headers["x-api-key"]?.toString() ?? request.headers.authorization);
    response.writeHead(401, { "content-type": "application/problem+json" }).end('{"detail":"Not here."}');
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, keys, [Symbol.asyncDispose]: async () => void server.close() };
}

test("after a login, commands use the URL and the key of the profile", async () => {
  using config = configFolder();
  const login = await runWeft(["login", "--url", weft.url], config.env, `${adminKey}\n`);
  expect([login.exitCode, login.stderr]).toEqual([0, ""]);
  expect(login.stdout).toContain(`Logged in to ${weft.url} as "Default organization"`);
  expect(login.stdout).not.toContain(adminKey);
  expect(await runWeft(["messages"], config.env)).toEqual({ exitCode: 0, stdout: "No messages match.\n", stderr: "" });
  expect((await runWeft(["orgs", "list"], config.env)).stdout).toContain("Default organization");
});

test("only the user can read the profile file", async () => {
  using config = configFolder();
  await runWeft(["login", "--url", weft.url], config.env, adminKey);
  expect(statSync(config.file).mode & 0o777).toBe(0o600);
  expect(statSync(join(config.file, "..")).mode & 0o777).toBe(0o700);
});

test("a profile file that other users can read is refused, with the command that corrects it", async () => {
  using config = configFolder();
  await runWeft(["login", "--url", weft.url], config.env, adminKey);
  chmodSync(config.file, 0o640);
  for (const args of [["messages"], ["keys", "list"], ["logout"], ["login", "--url", weft.url, "--key", adminKey]]) {
    const { exitCode, stdout, stderr } = await runWeft(args, config.env);
    expect([exitCode, stdout], args.join(" ")).toEqual([1, ""]);
    expect(stderr).toContain(`(mode 640), and it contains API keys. Run \`chmod 600 ${config.file}\`.`);
  }
});

test("flags and environment variables take precedence over the default profile", async () => {
  using config = configFolder();
  mkdirSync(join(config.file, ".."), { recursive: true });
  writeFileSync(config.file, JSON.stringify({ profiles: { default: { url: "http://127.0.0.1:1", key: "wrong" } } }), {
    mode: 0o600,
  });
  const used = { WEFT_URL: weft.url, WEFT_API_KEY: adminKey };
  expect((await runWeft(["messages"], { ...config.env, ...used })).exitCode).toBe(0);
  expect((await runWeft(["messages", "--url", weft.url, "--key", adminKey], config.env)).exitCode).toBe(0);
  const port = new URL(weft.url).port;
  const byPort = { ...config.env, WEFT_PORT: port, WEFT_API_KEY: adminKey };
  expect((await runWeft(["messages"], byPort)).exitCode).toBe(0);
  using folder = temporaryFolder();
  expect((await runWeft(["keys", "list", "--data", folder.path], config.env)).stdout).toBe("There are no API keys.\n");
});

test("the key of a profile is not sent to another URL", async () => {
  using config = configFolder();
  await using other = await keyRecorder();
  await runWeft(["login", "--url", weft.url], config.env, adminKey);
  expect((await runWeft(["messages", "--url", other.url], config.env)).exitCode).toBe(1);
  expect((await runWeft(["messages"], { ...config.env, WEFT_URL: other.url })).exitCode).toBe(1);
  expect(other.keys).toEqual([undefined, undefined]);
  // The same URL, written with a slash, belongs to the profile.
  expect((await runWeft(["messages", "--url", `${weft.url}/`], config.env)).exitCode).toBe(0);
});

test("several profiles are selected by --profile and WEFT_PROFILE", async () => {
  using config = configFolder();
  const login = ["login", "--url", weft.url, "--profile", "staging"];
  await runWeft(login, config.env, adminKey);
  expect((await runWeft(["messages", "--profile", "staging"], config.env)).exitCode).toBe(0);
  expect((await runWeft(["messages"], { ...config.env, WEFT_PROFILE: "staging" })).exitCode).toBe(0);
  // A flag takes precedence over the variables of another Weft.
  const elsewhere = { WEFT_URL: "http://127.0.0.1:1", WEFT_API_KEY: "wrong" };
  expect((await runWeft(["messages", "--profile", "staging"], { ...config.env, ...elsewhere })).exitCode).toBe(0);
  const unknown = await runWeft(["messages", "--profile", "stagin"], config.env);
  expect([unknown.exitCode, unknown.stderr]).toEqual([
    2,
    'The profile "stagin" does not exist. The profiles are staging. Create one with `weft login --profile`.\n',
  ]);
  const both = await runWeft(["messages", "--profile", "staging", "--url", weft.url], config.env);
  expect([both.exitCode, both.stderr]).toEqual([2, expect.stringContaining("cannot be used with")]);
  const database = await runWeft(["keys", "list", "--profile", "staging", "--data", "x"], config.env);
  expect([database.exitCode, database.stderr]).toEqual([2, expect.stringContaining("Set only one of them.")]);
});

test("a logout deletes the profile and its key, and leaves the others", async () => {
  using config = configFolder();
  await runWeft(["login", "--url", weft.url], config.env, adminKey);
  await runWeft(["login", "--url", weft.url, "--profile", "staging"], config.env, adminKey);
  const logout = await runWeft(["logout"], config.env);
  expect([logout.exitCode, logout.stdout]).toEqual([0, expect.stringContaining('Deleted the profile "default".')]);
  expect(Object.keys(JSON.parse(readFileSync(config.file, "utf8")).profiles)).toEqual(["staging"]);
  expect((await runWeft(["logout"], config.env)).exitCode).toBe(2);
});

test("a wrong key is not stored", async () => {
  using config = configFolder();
  const { exitCode, stderr } = await runWeft(["login", "--url", weft.url], config.env, "weft_wrong");
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining("not known here")]);
  expect(() => statSync(config.file)).toThrow();
  const empty = await runWeft(["login", "--url", weft.url], config.env, "");
  expect([empty.exitCode, empty.stderr]).toEqual([2, expect.stringContaining("contains no API key")]);
});

test("a login to a Weft that requires no key asks for none", async () => {
  using config = configFolder();
  using folder = temporaryFolder();
  await using dev = await startWeft(["dev", "--data", folder.path]);
  expect((await runWeft(["login", "--url", dev.url], config.env)).exitCode).toBe(0);
  expect((await runWeft(["messages"], config.env)).stdout).toBe("No messages match.\n");
});

test("a damaged profile file is reported with its path", async () => {
  using config = configFolder();
  mkdirSync(join(config.file, ".."), { recursive: true });
  for (const text of ["{", "{}", '{"profiles":{"default":{"url":1}}}', '{"profiles":{"__proto__":null}}']) {
    writeFileSync(config.file, text, { mode: 0o600 });
    const { exitCode, stderr } = await runWeft(["messages"], config.env);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(`${config.file} is damaged.`)]);
  }
});
