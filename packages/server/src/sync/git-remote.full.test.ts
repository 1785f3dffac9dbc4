import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { SyncJobId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import { createAddressGuard } from "../outbound/address-guard.ts";
import { hostAddresses } from "../outbound/connector.ts";
import type { SourceConnectionKey } from "../store/source-connections/interface.ts";
import { testSandbox } from "./fixtures/test-sandbox.ts";
import { keyOf, newFolder, openTestWeft } from "./fixtures/test-weft.ts";
import { serveGit } from "./sources/git/fixtures/git-http-server.ts";
import { TestRepository } from "./sources/git/fixtures/test-repository.ts";
import { type GitSourceParts, gitSource } from "./sources/git/git-source.ts";
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

test("settings of the machine, of its user and of a proxy have no effect", async () => {
  await using server = await serveGit(repository.root);
  const home = mkdtempSync(join(temporary, "home-"));
  writeFileSync(join(home, ".gitconfig"), `[url "file:///nowhere/"]\n\tinsteadOf = http://git.test\n`);
  const environment = {
    ...process.env,
    HOME: home,
    GIT_CONFIG_GLOBAL: join(home, ".gitconfig"),
    http_proxy: "http://127.0.0.1:1",
    GIT_DIR: "/nowhere",
  };
  const config = { url: `http://git.test:${server.port}/${path}` };
  expect(await syncOnce({ config, parts: { environment } })).toMatchObject({ state: "completed", inserted: 2 });
});

test("a hanging host and an oversized repository are given up, and leave no folder", async () => {
  await using server = await serveGit(repository.root, {
    respond: (request) => request.url?.startsWith("/hangs") === true,
  });
  const hangs = await syncOnce({
    config: { url: `http://git.test:${server.port}/hangs` },
    parts: { limits: { bytesMax: 10_000_000, exchangeMsMax: 300 } },
  });
  expect(hangs.error).toBe("The repository's host took longer than 0.3 seconds and was given up.");
  const { randomBytes } = await import("node:crypto");
  for (let file = 0; file < 20; file++) repository.write(`${file}.txt`, randomBytes(60_000).toString("base64"));
  repository.commit();
  const large = await syncOnce({
    config: { url: `http://git.test:${server.port}/${path}` },
    parts: { limits: { bytesMax: 1024 * 1024, exchangeMsMax: 60_000 } },
  });
  expect(large.error).toMatch(/^The repository is too large: at most 1 MiB are fetched/);
  expect(leftFolders()).toEqual([]);
});

test("killing a process fails its job, and the next job reads everything and removes its folders", async () => {
  let isAsked = () => {};
  const requested = new Promise<void>((resolve) => {
    isAsked = resolve;
  });
  let hangs = true;
  await using server = await serveGit(repository.root, {
    respond: () => {
      isAsked();
      return hangs;
    },
  });
  const folder = newFolder();
  const program = new URL("./sources/git/fixtures/job-that-dies.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [program, folder, `http://127.0.0.1:${server.port}/${path}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  const { key, jobId } = JSON.parse(String(said)) as { key: SourceConnectionKey; jobId: SyncJobId };
  await requested;
  expect(leftFolders()).toHaveLength(1);
  child.kill("SIGKILL");
  await once(child, "exit");
  hangs = false;
  {
    const source = gitSource({
      sandbox: testSandbox,
      allowedFolders: [],
      allowHttp: true,
      resolveHost: resolver(),
      environment: process.env,
    });
    await using weft = await openTestWeft({ sources: [source], folder });
    expect(await weft.ended(key, jobId)).toMatchObject({ state: "failed" });
    const next = await weft.ended(key, (await weft.connections.run(key)).id);
    expect(next).toMatchObject({ state: "completed", counts: { inserted: 2 } });
  }
  rmSync(folder, { recursive: true });
  expect(leftFolders()).toEqual([]);
});

test("git gets no more memory than the limit, for any repository", async () => {
  const telling = programsIn("git", "echo git version 1.0 with $(ulimit -v)", { replaces: true });
  const environment = { PATH: `${telling}:${process.env.PATH}` };
  const { error } = await syncOnce({ config: { url: repository.url }, parts: { environment } });
  expect(error).toContain(`git version 1.0 with ${limits.gitMemoryBytesMax / 1024}`);
});

test("a missing or outdated program git fails the job with a sentence", async () => {
  const empty = mkdtempSync(join(temporary, "programs-"));
  const config = { url: repository.url };
  const missing = await syncOnce({ config, parts: { environment: { PATH: empty } } });
  expect(missing.error).toBe("The program `git` is not installed where this Weft runs, and this source needs it.");
  const old = programsIn("git", "echo git version 2.36.9", { replaces: true });
  const outdated = await syncOnce({ config, parts: { environment: { PATH: `${old}:${process.env.PATH}` } } });
  expect(outdated.error).toMatch(
    /^This source needs git 2\.37 or newer; where this Weft runs there is git version 2\.36\.9/,
  );
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
