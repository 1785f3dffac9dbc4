// Weft as an operator runs it (`serve`: keys required, every commit synced to the disk before its response), over a
// database of its own. Its settings are those for a receiver on this machine: http and the loopback network.

import { monitorEventLoopDelay } from "node:perf_hooks";
import { readConfig } from "../packages/server/src/config/config.ts";
import { type AssembledWeft, assembleWeft } from "../packages/server/src/main.ts";
import { respondToParent } from "./child.ts";
import { ownUsage } from "./usage.ts";

let weft: AssembledWeft | null = null;
let watch: Disposable | null = null;

interface Settings {
  readonly databaseUrl: string;
  readonly adminKey: string;
  readonly masterKey: string;
  /** The folder whose files may be synced. */
  readonly filesFolder: string;
  /** Null for those of the machine. */
  readonly dnsServer: string | null;
  /** Further variables. */
  readonly settings: Readonly<Record<string, string>>;
}

async function start({
  databaseUrl,
  adminKey,
  masterKey,
  filesFolder,
  dnsServer,
  settings,
}: Settings): Promise<string> {
  const config = readConfig("serve", {
    WEFT_DATABASE_URL: databaseUrl,
    WEFT_PORT: "0",
    WEFT_ADMIN_KEY: adminKey,
    WEFT_MASTER_KEY: masterKey,
    WEFT_ALLOW_HTTP: "true",
    WEFT_SUBSCRIPTIONS_MAX: "1000000",
    WEFT_SOURCE_CONNECTIONS_MAX: "1000000",
    WEFT_ALLOW_NETWORKS: "127.0.0.0/8",
    WEFT_VERIFY_ENDPOINTS: "false",
    WEFT_DIRECTORY_ROOTS: filesFolder,
    WEFT_TEST_SOURCES: "true",
    ...(dnsServer !== null && { WEFT_DNS_SERVERS: dnsServer }),
    // A log line for each failed attempt would be most of the cost of a failing receiver.
    WEFT_LOG_LEVEL: "error",
    ...settings,
  });
  weft = await assembleWeft(config, { command: "bench", logFormat: "json" });
  watch = weft.watch(process);
  return weft.start();
}

async function stop(): Promise<void> {
  const running = weft;
  weft = null;
  watch?.[Symbol.dispose]();
  await running?.stop("the benchmark is over");
}

const delay = monitorEventLoopDelay({ resolution: 5 });

const questions = {
  start,
  stop,
  usage: ownUsage,
  /** Begins to measure how long the event loop is blocked. */
  watchLoop: () => {
    delay.enable();
    delay.reset();
  },
  longestStallMs: () => delay.max / 1e6,
};

export type WeftQuestions = typeof questions;

respondToParent(questions, () => void stop());
