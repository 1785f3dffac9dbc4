import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
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
import pg from "pg";
import { stringify } from "yaml";
import { portForProcess } from "../../packages/server/src/outbound/fixtures/port-for-process.ts";

const isRoot = process.getuid?.() === 0;
const nobody = 65_534;
const asUser = isRoot ? { uid: nobody, gid: nobody } : {};

/** The folder of PostgreSQL's programs, as Debian installs them. */
const versions = "/usr/lib/postgresql";

/** The programs that a test with Patroni needs and this machine lacks. */
export function missingPrograms(): string[] {
  const missing = ["patroni", "etcd"].filter((name) => spawnSync("which", [name]).status !== 0);
  return existsSync(versions) ? missing : [...missing, "postgresql"];
}

interface Member {
  readonly name: string;
  readonly port: number;
  readonly apiPort: number;
  readonly data: string;
  readonly config: string;
  patroni: ChildProcess | null;
}

/** Two PostgreSQL servers with a synchronous standby, which Patroni and one etcd manage, in a temporary folder. */
export class PatroniCluster implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "weft-patroni-"));
  readonly #members: Member[] = [];
  #etcd: ChildProcess | null = null;

  private constructor() {
    chmodSync(this.#folder, 0o755);
    if (isRoot) chownSync(this.#folder, nobody, nobody);
  }

  static async start(): Promise<PatroniCluster> {
    const cluster = new PatroniCluster();
    const etcdPort = await cluster.#startEtcd();
    for (const name of ["one", "two"]) {
      const member = await cluster.#addMember(name, etcdPort);
      cluster.#startPatroni(member);
    }
    await cluster.synchronous();
    return cluster;
  }

  url(database: string): string {
    const hosts = this.#members.map(({ port }) => `127.0.0.1:${port}`);
    return `postgres://weft:weft@${hosts.join(",")}/${database}`;
  }

  async createDatabase(name: string): Promise<void> {
    await this.#query((await this.#leader()).port, `create database ${name}`);
  }

  /** Kills every process of the leader and its Patroni. Returns its name. */
  async killLeader(): Promise<string> {
    const leader = await this.#leader();
    leader.patroni?.kill("SIGKILL");
    leader.patroni = null;
    killServer(leader.data);
    return leader.name;
  }

  /** Starts the Patroni of a member again, and returns when the member is a synchronous standby. */
  async rejoin(name: string): Promise<void> {
    const member = this.#members.find((each) => each.name === name);
    if (member !== undefined) this.#startPatroni(member);
    await this.synchronous();
  }

  /** Returns when Patroni may promote the standby without a loss: commits wait for it, and etcd knows that. */
  async synchronous(): Promise<void> {
    while (!(await this.#hasSynchronousStandby())) await new Promise((resolve) => setTimeout(resolve, 200));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { patroni, data } of this.#members) {
      patroni?.kill("SIGKILL");
      killServer(data);
    }
    const ended = this.#etcd === null ? null : new Promise((resolve) => this.#etcd?.once("exit", resolve));
    this.#etcd?.kill("SIGKILL");
    await ended;
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10 });
  }

  async #hasSynchronousStandby(): Promise<boolean> {
    try {
      const { apiPort } = await this.#leader();
      const response = await fetch(`http://127.0.0.1:${apiPort}/cluster`);
      const { members } = (await response.json()) as { members: { role: string; state: string }[] };
      return members.some(({ role, state }) => role === "sync_standby" && ["running", "streaming"].includes(state));
    } catch {
      return false;
    }
  }

  async #leader(): Promise<Member> {
    for (;;) {
      for (const member of this.#members) {
        const isPrimary = "select 1 where not pg_is_in_recovery()";
        if ((await this.#query(member.port, isPrimary).catch(() => [])).length > 0) return member;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async #query(port: number, text: string): Promise<unknown[]> {
    const url = `postgres://weft:weft@127.0.0.1:${port}/postgres`;
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000, query_timeout: 10_000 });
    client.on("error", () => {});
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  }

  async #startEtcd(): Promise<number> {
    const [port, peerPort] = [await portForProcess(), await portForProcess()];
    const [url, peerUrl] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${peerPort}`];
    const args = ["--data-dir", join(this.#folder, "etcd"), "--name", "weft", "--log-level", "error"];
    const client = ["--listen-client-urls", url, "--advertise-client-urls", url];
    const peer = ["--listen-peer-urls", peerUrl, "--initial-advertise-peer-urls", peerUrl];
    const first = ["--initial-cluster", `weft=${peerUrl}`];
    this.#etcd = spawn("etcd", [...args, ...client, ...peer, ...first], { ...asUser, stdio: "ignore" });
    return port;
  }

  async #addMember(name: string, etcdPort: number): Promise<Member> {
    const folder = join(this.#folder, name);
    mkdirSync(folder);
    if (isRoot) chownSync(folder, nobody, nobody);
    const [port, apiPort] = [await portForProcess(), await portForProcess()];
    const member = {
      name,
      port,
      apiPort,
      data: join(folder, "data"),
      config: join(folder, "patroni.yml"),
      patroni: null,
    };
    writeFileSync(member.config, stringify(configOf(member, folder, etcdPort)));
    this.#members.push(member);
    return member;
  }

  #startPatroni(member: Member): void {
    const environment = { PATH: process.env.PATH ?? "", HOME: this.#folder, LC_ALL: "C.UTF-8" };
    member.patroni = spawn("patroni", [member.config], { ...asUser, env: environment, stdio: "ignore" });
  }
}

/** The shortest times that Patroni accepts. */
const rhythm = { ttl: 20, loop_wait: 1, retry_timeout: 3 };

function configOf({ name, port, apiPort, data }: Member, folder: string, etcdPort: number): object {
  const newest = readdirSync(versions).toSorted((a, b) => Number(b) - Number(a))[0] ?? "";
  return {
    scope: "weft",
    name,
    restapi: { listen: `127.0.0.1:${apiPort}`, connect_address: `127.0.0.1:${apiPort}` },
    etcd3: { host: `127.0.0.1:${etcdPort}` },
    bootstrap: {
      dcs: { ...rhythm, synchronous_mode: true, postgresql: { use_pg_rewind: false } },
      initdb: [{ encoding: "UTF8" }, { locale: "C" }, "no-sync"],
    },
    postgresql: {
      listen: `127.0.0.1:${port}`,
      connect_address: `127.0.0.1:${port}`,
      data_dir: data,
      bin_dir: join(versions, newest, "bin"),
      pgpass: join(folder, "pgpass"),
      remove_data_directory_on_diverged_timelines: true,
      authentication: {
        superuser: { username: "weft", password: "weft" },
        replication: { username: "replicator", password: "weft" },
      },
      pg_hba: ["host all all 127.0.0.1/32 trust", "host replication all 127.0.0.1/32 trust"],
      parameters: { unix_socket_directories: folder, wal_keep_size: "512MB" },
    },
  };
}

/** Kills a server and every process that it started, as the loss of the machine does. */
function killServer(data: string): void {
  const file = join(data, "postmaster.pid");
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, "utf8").split("\n")[0]);
  const children = `/proc/${pid}/task/${pid}/children`;
  const started = existsSync(children) ? readFileSync(children, "utf8").split(" ").filter(Boolean).map(Number) : [];
  for (const each of [pid, ...started]) {
    try {
      process.kill(each, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
}
