import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createAddressGuard } from "../outbound/address-guard.ts";
import { hostAddresses } from "../outbound/connector.ts";
import { nameKnownToSquid, ProxyProgram, whyNoProxy } from "../outbound/fixtures/proxy-program.ts";
import { onLoopback, proxyAt } from "../outbound/fixtures/through-proxy.ts";
import { testSandbox } from "./fixtures/test-sandbox.ts";
import { keyOf, openTestWeft } from "./fixtures/test-weft.ts";
import { findCommit } from "./sources/git/clone.ts";
import { certificateFile, serveGit } from "./sources/git/fixtures/git-http-server.ts";
import { TestRepository } from "./sources/git/fixtures/test-repository.ts";
import { Git } from "./sources/git/git.ts";
import { type GitSourceParts, gitSource } from "./sources/git/git-source.ts";
import { openRemote } from "./sources/git/remote.ts";
import { parseRepositoryUrl } from "./sources/git/repository-url.ts";
import { hostResolver } from "./sources/resolve-host.ts";

let repository: TestRepository;
/** The source's programs use it as the machine's temporary folder. */
let temporary: string;
const machines = process.env.TMPDIR;

beforeEach(() => {
  repository = new TestRepository();
  repository.commit({ "page.md": "Herons.", "more.md": "Trout." });
  temporary = mkdtempSync(join(tmpdir(), "weft-tmp-"));
  process.env.TMPDIR = temporary;
});

afterEach(() => {
  if (machines === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = machines;
  repository[Symbol.dispose]();
  rmSync(temporary, { recursive: true });
});

/** Every name resolves to loopback, which is allowed unless the test says otherwise. */
function resolver(allowNetworks: readonly string[] = ["127.0.0.0/8"]) {
  const guard = createAddressGuard({ allowNetworks });
  const lookup = async () => [{ address: "127.0.0.1", family: 4 }];
  return hostResolver((host) => hostAddresses(host, { guard, lookup }));
}

interface Settings {
  readonly config: Record<string, unknown>;
  readonly credentials?: Record<string, unknown>;
  readonly parts?: Partial<GitSourceParts>;
}

async function open({ config, credentials, parts }: Settings) {
  const source = gitSource({
    sandbox: testSandbox,
    allowedFolders: [repository.root],
    allowHttp: true,
    resolveHost: resolver(),
    environment: process.env,
    ...parts,
  });
  const weft = await openTestWeft({ sources: [source] });
  const connection = await weft.connect("git", { config, ...(credentials && { credentials }) });
  const sync = async () => {
    const job = await weft.ended(keyOf(connection), (await weft.connections.run(keyOf(connection))).id);
    return { state: job.state, inserted: job.counts.inserted, error: job.state === "failed" ? job.error : null };
  };
  return { weft, connection, sync };
}

async function syncOnce(settings: Settings) {
  const { weft, sync } = await open(settings);
  await using _ = weft;
  return await sync();
}

function leftFolders(): string[] {
  return readdirSync(temporary).filter((name) => name.startsWith("weft-git-"));
}

const path = "docs%20repository";

test("a repository is read over http, and an unchanged one costs only a request for its refs", async () => {
  await using server = await serveGit(repository.root);
  const { weft, sync } = await open({ config: { url: `http://git.test:${server.port}/${path}` } });
  await using _ = weft;
  expect(await sync()).toMatchObject({ state: "completed", inserted: 2 });
  server.requests.length = 0;
  expect(await sync()).toMatchObject({ state: "completed", inserted: 0 });
  expect(server.requests.map((request) => request.path)).toEqual([
    `/${path}/info/refs?service=git-upload-pack`,
    `/${path}/git-upload-pack`,
  ]);
  repository.commit({ "new.md": "Otters." });
  expect(await sync()).toMatchObject({ state: "completed", inserted: 1 });
  expect(leftFolders()).toEqual([]);
});

test("a repository is read over https at the checked address, under its own name", async () => {
  await using server = await serveGit(repository.root, { tls: true, login: "ada:token-12345" });
  const config = { url: `https://receiver.test:${server.port}/${path}` };
  const trusting = { ...process.env, GIT_SSL_CAINFO: certificateFile };
  const credentials = { username: "ada", token: "token-12345" };
  expect(await syncOnce({ config, credentials, parts: { environment: trusting } })).toMatchObject({ inserted: 2 });
  expect(await syncOnce({ config, credentials })).toMatchObject({
    state: "failed",
    error: "The host's certificate could not be verified.",
  });
  const other = { url: `https://other.test:${server.port}/${path}` };
  const wrongName = await syncOnce({ config: other, credentials, parts: { environment: trusting } });
  expect(wrongName.error).toBe("The host's certificate could not be verified.");
});

test("wrong or missing credentials fail the job with a sentence that contains none of them", async () => {
  await using server = await serveGit(repository.root, { login: "git:right-token" });
  const config = { url: `http://git.test:${server.port}/${path}` };
  const error = "The repository refused the credentials, or it needs some.";
  expect(await syncOnce({ config })).toMatchObject({ state: "failed", error });
  expect(await syncOnce({ config, credentials: { token: "wrong-token" } })).toMatchObject({ state: "failed", error });
  expect(await syncOnce({ config, credentials: { token: "right-token" } })).toMatchObject({ inserted: 2 });
});

test("a token is in no argument and in no file, and unusual characters in it work", async () => {
  const token = `t'o"k$(e)n\\ %0a ü`;
  await using server = await serveGit(repository.root, { login: `git:${token}` });
  const programs = programsIn("git", 'printf "%s\\n" "$@" >> "$HOME/../seen"; cat "$HOME"/* >> "$HOME/../seen" 2>&1');
  const config = { url: `http://git.test:${server.port}/${path}` };
  const environment = { PATH: `${programs}:${process.env.PATH}` };
  expect(await syncOnce({ config, credentials: { token }, parts: { environment } })).toMatchObject({ inserted: 2 });
  const seen = readFileSync(join(temporary, "seen"), "utf8");
  expect(seen).toContain("followRedirects");
  expect(seen).toContain("fetch");
  expect(seen).not.toContain("t'o");
});

test("a host at a blocked address gets no request", async () => {
  await using server = await serveGit(repository.root);
  for (const name of ["git.test", "127.0.0.1", "0x7f.1"]) {
    const config = { url: `http://${name}:${server.port}/${path}` };
    const result = await syncOnce({ config, parts: { resolveHost: resolver([]) } });
    expect(result.error).toMatch(/^The host \S+ is at an address that this Weft may not connect to\.$/);
  }
  expect(server.requests).toEqual([]);
});

/** The host of a repository that each proxy can reach: by any name, by a name of the machine, and by a name of squid. */
const proxied = [
  { scheme: "socks5", name: "microsocks", host: "git.test" },
  { scheme: "socks5h", name: "microsocks", host: "localhost" },
  { scheme: "http", name: "squid", host: nameKnownToSquid },
] as const;

test.for(proxied)(
  "a repository is read through $name with $scheme://, and a proxy that refuses is named",
  async (used, { skip }) => {
    const { scheme, name, host } = used;
    const missing = whyNoProxy(name);
    skip(missing !== null, missing ?? "");
    // squid changes to a user of its own.
    chmodSync(temporary, 0o711);
    await using program = await ProxyProgram.start(name, { user: "weft", password: "hush-hush" });
    const tls = scheme === "http";
    await using server = await serveGit(repository.root, { tls });
    const url = `${tls ? "https" : "http"}://${host}:${server.port}/${path}`;
    const environment = { ...process.env, GIT_SSL_CAINFO: certificateFile };
    const proxy = (password: string) => proxyAt(`${scheme}://weft:${password}@127.0.0.1:${program.port}`);
    const guard = createAddressGuard({ allowNetworks: ["127.0.0.0/8"] });
    const resolveHost = hostResolver((host) =>
      hostAddresses(host, { guard, proxy: proxy("hush-hush"), lookup: onLoopback }),
    );
    const parts = { proxy: proxy("hush-hush"), resolveHost, environment };
    expect(await syncOnce({ config: { url }, parts })).toMatchObject({ state: "completed", inserted: 2 });

    const requests = server.requests.length;
    const rules = { allowedFolders: [], allowHttp: true, resolveHost, proxy: proxy("wrong") };
    await using opened = await openRemote(url, "owner", rules);
    await using git = await Git.open({
      ...{ remote: opened.remote, credentials: {}, knownHosts: "", environment },
      limits: { bytesMax: 1_000_000, exchangeMsMax: 20_000 },
      signal: new AbortController().signal,
    });
    await expect(findCommit(git, null)).rejects.toThrow(
      "The outbound proxy of this Weft opened no connection to the host.",
    );
    expect(server.requests).toHaveLength(requests);
  },
);

test("a redirect is not followed", async () => {
  await using target = await serveGit(repository.root);
  await using server = await serveGit(repository.root, {
    respond: (request, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${target.port}${request.url}` }).end();
      return true;
    },
  });
  const result = await syncOnce({ config: { url: `http://git.test:${server.port}/${path}` } });
  expect(result.error).toMatch(/^The host returned a redirect, which is not followed/);
  expect(target.requests).toEqual([]);
});

test("a missing repository and a closed port fail the job with their sentences", async () => {
  await using server = await serveGit(repository.root);
  const missing = await syncOnce({ config: { url: `http://git.test:${server.port}/nowhere.git` } });
  expect(missing.error).toMatch(/^The repository does not exist/);
  const { port } = server;
  await server[Symbol.asyncDispose]();
  const refused = await syncOnce({ config: { url: `http://git.test:${port}/${path}` } });
  expect(refused.error).toBe("The host could not be reached, or ended the connection.");
});

test("cancelling a job ends the programs that it started", async () => {
  let isAsked = () => {};
  const requested = new Promise<void>((resolve) => {
    isAsked = resolve;
  });
  let isClosed = () => {};
  const closed = new Promise<void>((resolve) => {
    isClosed = resolve;
  });
  await using server = await serveGit(repository.root, {
    respond: (request) => {
      request.socket.once("close", isClosed);
      isAsked();
      return true;
    },
  });
  const { weft, connection } = await open({ config: { url: `http://git.test:${server.port}/${path}` } });
  await using _ = weft;
  const { id } = await weft.connections.run(keyOf(connection));
  await requested;
  await weft.connections.cancel(keyOf(connection), id);
  expect(await weft.ended(keyOf(connection), id)).toMatchObject({ state: "cancelled" });
  await closed;
  await expect.poll(leftFolders).toEqual([]);
});

test("ssh gets the key, the host's keys and the checked address, trusts nothing else, and leaves no key behind", async () => {
  // Replaces ssh: it records its arguments and then serves the repository, as the host's ssh would.
  const programs = programsIn(
    "ssh",
    'printf "%s\\n" "$@" > "$HOME/../seen"; ls -l "$HOME/key" >> "$HOME/../seen"; cat "$HOME/key" "$HOME/known_hosts" >> "$HOME/../seen"; for last; do :; done; unset GIT_CONFIG_GLOBAL; HOME=/nowhere exec sh -c "$last"',
    { replaces: true },
  );
  const key = "-----BEGIN OPENSSH PRIVATE KEY-----\r\nbm90IGEga2V5\r\n-----END OPENSSH PRIVATE KEY-----";
  const settings = {
    config: {
      url: `ssh://git@git.test:2222${repository.folder.replaceAll(" ", "%20")}`,
      known_hosts: "git.test ssh-ed25519 AAAA",
    },
    credentials: { private_key: key },
    parts: { environment: { PATH: `${programs}:${process.env.PATH}` } },
  };
  expect(await syncOnce(settings)).toMatchObject({ state: "completed", inserted: 2 });
  const seen = readFileSync(join(temporary, "seen"), "utf8");
  for (const message of [
    "-F\n/dev/null",
    "HostName=127.0.0.1",
    "HostKeyAlias=[git.test]:2222",
    "StrictHostKeyChecking=yes",
    "BatchMode=yes",
    "IdentityAgent=none",
    "ProxyCommand=none",
    "-p\n2222",
    "-rw-------",
    `${key.replaceAll("\r", "")}\ngit.test ssh-ed25519 AAAA\n`,
  ]) {
    expect(seen).toContain(message);
  }
  expect(leftFolders()).toEqual([]);
});

test("ssh without the host's keys cannot be connected, and without a private key it fails the job", async () => {
  const url = "git@git.test:docs.git";
  await expect(open({ config: { url } })).rejects.toThrow(/needs `known_hosts`/);
  const keyless = await syncOnce({ config: { url, known_hosts: "git.test ssh-ed25519 AAAA" } });
  expect(keyless.error).toBe("An ssh address needs the credential `private_key`.");
});

test("invalid addresses, and those that another program could misinterpret, cannot be connected", async () => {
  const source = gitSource({
    sandbox: testSandbox,
    allowedFolders: [repository.root],
    allowHttp: false,
    resolveHost: resolver(),
    environment: process.env,
  });
  const check = async (config: object) => source.check?.({ known_hosts: "x", ...config });
  for (const url of [
    "--upload-pack=touch /tmp/x",
    "ext::sh -c touch% /tmp/x",
    "http://git.test/docs.git",
    "git://git.test/docs.git",
    "https://ada:secret@git.test/docs.git",
    "https://git.test/docs.git#main",
    "https://git.test./docs.git",
    "ssh://-oProxyCommand=x/docs.git",
    "ssh://-oProxyCommand=x@git.test/docs.git",
    "ssh://git@-git.test/docs.git",
    "git@-oProxyCommand=x:docs.git",
    "git@git.test:-docs.git",
    "-git@git.test:docs.git",
    "ssh://git@git.test/docs%0a.git",
    "https://git.test/do\ncs.git",
    "file://git.test/srv/docs",
    "/srv/docs",
    "docs",
  ]) {
    await expect(check({ url }), url).rejects.toThrow(/repository's address|ssh address/);
  }
  for (const ref of [
    "-x",
    "--upload-pack=x",
    "a..b",
    "a b",
    "main~1",
    "x@{1}",
    "a\nb",
    "refs/heads/*",
    "a/.b",
    "x.lock",
  ]) {
    await expect(check({ url: repository.url, ref }), ref).rejects.toThrow(/not the name of a branch or a tag/);
  }
});

test("addresses of every form are parsed correctly", async () => {
  const http = parseRepositoryUrl("https://Git.Test:8443/team/docs.git", { allowHttp: false });
  expect(http).toMatchObject({ kind: "http", protocol: "https", host: { name: "git.test", port: 8443 } });
  const plain = parseRepositoryUrl("http://[2001:db8::1]/docs", { allowHttp: true });
  expect(plain).toMatchObject({ kind: "http", protocol: "http", host: { name: "2001:db8::1", port: 80 } });
  const ssh = parseRepositoryUrl("ssh://git@git.test:2222/~ada/docs.git", { allowHttp: false });
  expect(ssh).toMatchObject({ kind: "ssh", host: { name: "git.test", port: 2222 } });
  const scp = parseRepositoryUrl("git@git.test:team/docs.git", { allowHttp: false });
  expect(scp).toMatchObject({ kind: "ssh", url: "git@git.test:team/docs.git", host: { name: "git.test", port: 22 } });
  const file = parseRepositoryUrl("file:///srv/my%20docs", { allowHttp: false });
  expect(file).toMatchObject({ kind: "file", path: "/srv/my docs" });
});

test("a repository on this machine must be in an allowed folder, and leads to no other", async () => {
  const closed = new TestRepository();
  closed.commit({ "secret.md": "Not to be read." });
  const connect = (url: string) => open({ config: { url } });
  await expect(connect(closed.url)).rejects.toThrow(/is not in a folder that the operator of this Weft allowed/);
  await expect(connect(`file://${repository.root}`)).rejects.toThrow(/There is no git repository/);
  const worktree = join(repository.root, "worktree");
  mkdirSync(worktree);
  writeFileSync(join(worktree, ".git"), `gitdir: ${closed.folder}/.git\n`);
  await expect(connect(`file://${worktree}`)).rejects.toThrow(/There is no git repository/);
  const borrower = join(repository.folder, ".git/objects/info/alternates");
  writeFileSync(borrower, `${closed.folder}/.git/objects\n`);
  await expect(connect(repository.url)).rejects.toThrow(/borrows objects/);
  closed[Symbol.dispose]();
});

/** A folder with a program that first runs `script`, and then the real program of this name. */
function programsIn(name: string, script: string, { replaces = false } = {}): string {
  const folder = mkdtempSync(join(temporary, "programs-"));
  const real = (process.env.PATH ?? "")
    .split(":")
    .map((parent) => join(parent, name))
    .find((file) => existsSync(file));
  const text = `#!/bin/sh\n${script}\n${replaces ? "" : `exec ${real} "$@"\n`}`;
  writeFileSync(join(folder, name), text);
  chmodSync(join(folder, name), 0o755);
  return folder;
}
