import { randomBytes } from "node:crypto";
import { startWeft, type WeftProcess } from "../../packages/server/src/cli/fixtures/weft-process.ts";
import { limits } from "../../packages/server/src/domain/limits.ts";
import { callApi } from "./load.ts";

/** The number of faults of one run: one in `npm test`, many in `npm run test:crash`. */
export const faults = Number(process.env.WEFT_TEST_KILLS ?? 1);

/** Real Weft processes over one database, which tests kill and start again. */
export class Nodes implements AsyncDisposable {
  readonly adminKey = randomBytes(24).toString("base64url");
  readonly #databaseUrl: string;
  readonly #settings: Readonly<Record<string, string>>;
  readonly #masterKey = randomBytes(32).toString("base64");
  readonly #deaths: string[] = [];
  #running: WeftProcess[] = [];

  /** `settings`: in addition to those of every node. */
  constructor(databaseUrl: string, settings: Readonly<Record<string, string>> = {}) {
    this.#databaseUrl = databaseUrl;
    this.#settings = settings;
  }

  get urls(): string[] {
    return this.#running.map((node) => node.url);
  }

  get count(): number {
    return this.#running.length;
  }

  get api(): { url: string; adminKey: string } {
    const [node] = this.#running;
    if (node === undefined) throw new Error("No node is up.");
    return { url: node.url, adminKey: this.adminKey };
  }

  /** Starts a node of this build, or of another one. */
  async start(program?: string): Promise<void> {
    const node = await startWeft(["serve", "--database-url", this.#databaseUrl], this.environment, program);
    this.#running.push(node);
    void node.ended.then(({ exitCode, stdout, stderr }) => {
      if (this.#running.includes(node)) this.#deaths.push(`A node ended by itself (${exitCode}):\n${stdout}${stderr}`);
    });
  }

  /** The settings of each node. */
  get environment(): Readonly<Record<string, string>> {
    return {
      WEFT_ADMIN_KEY: this.adminKey,
      WEFT_MASTER_KEY: this.#masterKey,
      WEFT_ALLOW_HTTP: "true",
      WEFT_ALLOW_NETWORKS: "127.0.0.0/8",
      WEFT_ATTEMPT_TIMEOUT: "2s",
      WEFT_RETRY_SCHEDULE: "1s,1s,1s,1s,1s,1s",
      WEFT_TEST_SOURCES: "true",
      WEFT_LOG_LEVEL: "error",
      ...this.#settings,
    };
  }

  /** The output of nodes that ended without being killed or stopped. */
  get deaths(): readonly string[] {
    return this.#deaths;
  }

  async startMany(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => this.start()));
  }

  /** Kills a random one, without a warning. */
  async killOne(): Promise<void> {
    await this.kill(Math.floor(Math.random() * this.#running.length));
  }

  /** Kills the one with this number, without a warning. */
  async kill(number: number): Promise<void> {
    const [victim] = this.#running.splice(number, 1);
    victim?.send("SIGKILL");
    await victim?.ended;
  }

  /** Stops the one that has run longest, and returns its exit code. */
  async stopOldest(): Promise<number | null> {
    const oldest = this.#running.shift();
    oldest?.send("SIGTERM");
    return (await oldest?.ended)?.exitCode ?? null;
  }

  /** Stops all, and returns their exit codes. */
  async stopAll(): Promise<(number | null)[]> {
    const stopping = this.#running.splice(0);
    for (const node of stopping) node.send("SIGTERM");
    return await Promise.all(stopping.map(async (node) => (await node.ended).exitCode));
  }

  async subscribe(receiverUrl: string, eventTypes: readonly string[], changes: object = {}): Promise<void> {
    const { url, adminKey } = this.api;
    const body = { url: receiverUrl, event_types: eventTypes, ...changes };
    const response = await callApi(url, adminKey, "/webhooks/subscriptions", body);
    if (!response.ok) throw new Error(`The subscription was refused: ${await response.text()}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#running.splice(0).map((node) => node[Symbol.asyncDispose]()));
  }
}

/**
 * The maximum number of webhooks that these faults may repeat: the running requests of each node, to one receiver, at
 * each of them.
 */
export function duplicatesMax(faultCount: number, nodes: number): number {
  return faultCount * nodes * limits.laneConcurrencyMax;
}

export function restAtMost(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.random() * ms));
}
