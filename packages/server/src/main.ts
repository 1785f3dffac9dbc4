// The composition root, which is the only file that uses the real clock and real randomness.

import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import { type Config, sqlitePathOf } from "./config/config.ts";
import type { Clock } from "./domain/clock.ts";
import type { OrganizationId } from "./domain/id.ts";
import { maskUrls } from "./domain/masked-urls.ts";
import type { BytesUnderWay } from "./http/bytes-under-way.ts";
import type { Intake } from "./intake/intake.ts";
import { LocalAccessFile } from "./local-access.ts";
import { openStore } from "./open-store.ts";
import { watchProcess } from "./report/process-watch.ts";
import type { Machine, ProcessDescription } from "./wiring/foundations.ts";

export type { ProcessDescription };

/** A Weft that has been built and not started. */
export interface AssembledWeft extends AsyncDisposable {
  /** For requests from inside this process, which need no port. */
  readonly server: FastifyInstance;
  /** The memory that requests and responses use at present. */
  readonly bytesUnderWay: Pick<BytesUnderWay, "held">;
  /** For programs that publish from inside this process. */
  readonly intake: Intake;
  /** The first organization, which every installation has. */
  readonly organizationId: OrganizationId;
  /** Starts to deliver, and listens on no port. */
  begin(): Promise<void>;
  /** Starts to deliver and to listen. Returns the address. */
  start(): Promise<string>;
  /** Resolves with the reason when the database can never be used again in this process. */
  readonly failed: Promise<Error>;
  /** Reports stalls of the event loop and unhandled errors, for a process that runs Weft alone. */
  watch(process: NodeJS.Process): Disposable;
  /** Stops claiming work, finishes running work within a time limit, releases the rest, and closes the database. */
  stop(reason: string): Promise<void>;
}

export const machineClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => {}),
};

const machine: Machine = {
  clock: machineClock,
  elapsedMs: () => performance.now(),
  random: Math.random,
  randomBytes,
};

/**
 * Builds Weft on its database. The parts stop in reverse order: requests end before the engine that they may wait for, and the
 * database closes last.
 */
export async function assembleWeft(config: Config, description: ProcessDescription): Promise<AssembledWeft> {
  await using opened = new AsyncDisposableStack();
  // The threads of the store start while the other parts are loaded.
  const opening = openStore(config, description.command, machine.clock);
  // An error is thrown where the store is awaited.
  const openedOrNot = opening.catch(() => null);
  opened.defer(async () => await (await openedOrNot)?.store[Symbol.asyncDispose]());
  const { addressOf, firstOrganizations, openApi, openEngine, openFoundations, openProducers, reachableUrl, version } =
    await import("./wiring/parts.ts");
  const foundations = opened.use(await openFoundations(config, { ...description, machine, opening }));
  const { store, reporter, origin } = foundations;
  const { id: organizationId } = await firstOrganizations(store, origin);
  const publicUrl = (): string => config.publicUrl ?? addressOf(api.server, config);
  const engine = opened.use(openEngine(foundations));
  const producers = opened.use(openProducers(foundations, engine, publicUrl));
  const localKey = `weft_${Buffer.from(machine.randomBytes(32)).toString("base64url")}`;
  const api = opened.use(openApi(foundations, engine, producers, { organizationId, publicUrl, localKey }));
  const path = sqlitePathOf(config);
  const accessFile = path === null ? null : opened.use(new LocalAccessFile(path));
  const parts = opened.move();

  let isRunning = false;
  async function begin(): Promise<void> {
    isRunning = true;
    await engine.start();
    producers.start();
  }

  let stopped: Promise<void> | null = null;
  function stop(reason: string): Promise<void> {
    if (isRunning && stopped === null) reporter.stopping({ reason });
    stopped ??= parts.disposeAsync();
    return stopped;
  }

  return {
    server: api.server,
    bytesUnderWay: api.bytesUnderWay,
    intake: engine.intake,
    organizationId,
    failed: store.failed,
    watch: (process) => watchProcess(process, reporter),
    begin,
    start: async () => {
      await begin();
      await api.listen();
      const url = addressOf(api.server, config);
      accessFile?.write({ url: reachableUrl(url), key: localKey });
      reporter.started({ command: description.command, url, data: maskUrls(config.databaseUrl), version });
      return url;
    },
    stop,
    [Symbol.asyncDispose]: () => stop("closed"),
  };
}
