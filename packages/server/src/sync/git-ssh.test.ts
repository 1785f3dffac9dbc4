import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createAddressGuard } from "../outbound/address-guard.ts";
import { hostAddresses } from "../outbound/connector.ts";
import { testSandbox } from "./fixtures/test-sandbox.ts";
import { keyOf, openTestWeft, type TestWeft } from "./fixtures/test-weft.ts";
import { newSshKey, SshServer, whyNoSshServer } from "./sources/git/fixtures/ssh-server.ts";
import { TestRepository } from "./sources/git/fixtures/test-repository.ts";
import { gitSource } from "./sources/git/git-source.ts";
import { hostResolver } from "./sources/resolve-host.ts";

const why = whyNoSshServer();
let repository: TestRepository;
let server: SshServer;
let weft: TestWeft;
let environment: Record<string, string | undefined>;

beforeEach(async ({ skip }) => {
  skip(why !== null, why ?? "");
  repository = new TestRepository();
  repository.commit({ "page.md": "Herons.", "more.md": "Trout." });
  server = await SshServer.start();
  environment = { ...process.env };
  const guard = createAddressGuard({ allowNetworks: ["127.0.0.0/8"] });
  const lookup = async () => [{ address: "127.0.0.1", family: 4 }];
  const resolveHost = hostResolver((host) => hostAddresses(host, { guard, lookup }));
  weft = await openTestWeft({
    sources: [gitSource({ sandbox: testSandbox, allowedFolders: [], allowHttp: false, resolveHost, environment })],
  });
});

afterEach(async () => {
  if (why !== null) return;
  await weft[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  repository[Symbol.dispose]();
});

async function connect(settings: { known?: string; key?: string; path?: string } = {}) {
  const path = settings.path ?? repository.folder;
  const connection = await weft.connect("git", {
    config: {
      url: `ssh://${server.user}@git.test:${server.port}${path.replaceAll(" ", "%20")}`,
      known_hosts: settings.known ?? server.known("git.test"),
    },
    credentials: { private_key: settings.key ?? server.userKey.secret },
  });
  return async () => {
    const job = await weft.ended(keyOf(connection), (await weft.connections.run(keyOf(connection))).id);
    const { inserted, updated, deleted } = job.counts;
    return { state: job.state, inserted, updated, deleted, error: job.state === "failed" ? job.error : null };
  };
}

const refused = "The repository refused the credentials, or it needs some.";

test("a repository is read over ssh with a deploy key, and the next job reads the changes", async () => {
  const sync = await connect();
  expect(await sync()).toMatchObject({ state: "completed", inserted: 2, error: null });
  expect(server.log).toContain(`Accepted publickey for ${server.user}`);
  repository.git("rm", "--quiet", "more.md");
  repository.commit({ "page.md": "Herons wade.", "new.md": "Otters." });
  expect(await sync()).toMatchObject({ state: "completed", inserted: 1, updated: 1, deleted: 1 });
  expect(await sync()).toMatchObject({ state: "completed", inserted: 0, updated: 0, deleted: 0 });
});

test("a host with another key or another name never learns whose key would open it", async () => {
  const other = newSshKey(server.folder, { name: "other-host" });
  for (const known of [server.known("git.test", other), server.known("other.test"), "# comment\n"]) {
    const sync = await connect({ known });
    expect((await sync()).error, known).toBe("The host's key is not in `known_hosts`.");
  }
  expect(server.log).not.toMatch(/publickey/);
});

test("a key that the host refuses, or that has a passphrase, fails the job without a prompt", async () => {
  const stranger = newSshKey(server.folder, { name: "stranger" });
  const locked = newSshKey(server.folder, { name: "locked", passphrase: "not to be asked for" });
  for (const key of [stranger.secret, locked.secret]) expect((await (await connect({ key }))()).error).toBe(refused);
  expect(server.log).not.toContain("Accepted");
});

test("keys of the machine's agent are not used", async () => {
  await using agent = await startAgent(join(server.folder, "agent"));
  expect(agent.add(join(server.folder, "user"))).toBe(true);
  environment.SSH_AUTH_SOCK = agent.socket;
  const stranger = newSshKey(server.folder, { name: "stranger" });
  const sync = await connect({ key: stranger.secret });
  expect((await sync()).error).toBe(refused);
  expect(server.log).not.toContain("Accepted");
});

test("a missing repository fails the job, and a host that is down cannot be reached", async () => {
  const sync = await connect({ path: "/nowhere/docs" });
  expect((await sync()).error).toBe("The repository does not exist, or the credentials do not give access to it.");
  const later = await connect();
  await server[Symbol.asyncDispose]();
  expect((await later()).error).toBe("The host could not be reached, or ended the connection.");
  server = await SshServer.start();
});

interface Agent extends AsyncDisposable {
  readonly socket: string;
  add(keyFile: string): boolean;
}

async function startAgent(socket: string): Promise<Agent> {
  const agent: ChildProcess = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
  await expect.poll(() => existsSync(socket)).toBe(true);
  return {
    socket,
    add: (keyFile) => {
      const added = spawnSync("ssh-add", ["-q", keyFile], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
      return added.status === 0;
    },
    [Symbol.asyncDispose]: async () => {
      const ended = new Promise((resolve) => agent.once("exit", resolve));
      agent.kill();
      await ended;
    },
  };
}
