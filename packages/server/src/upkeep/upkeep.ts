import { ArchiveStorageError } from "../archive/archive-storage.ts";
import { type Clock, loop, untilNextLook } from "../domain/clock.ts";
import type { NewId, RecoveryId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import { newOperationalEventIds } from "../domain/operational-event.ts";
import type { Reporter } from "../report/reporter.ts";
import type { Store } from "../store/store.ts";
import type { Expiry } from "./expiry.ts";
import { sealEverythingAnew } from "./seal-anew.ts";

export interface UpkeepSettings {
  /** How long messages and attempts are kept (ms). */
  readonly retentionMs: number;
  readonly newId: NewId;
  /** Whether messages are archived: then only `expiry` deletes them. */
  readonly isArchived: boolean;
}

export interface UpkeepParts extends UpkeepSettings {
  readonly store: Store;
  readonly clock: Clock;
  readonly reporter: Reporter;
  readonly expiry: Expiry;
}

const recoveryEveryMs = 250;
const taskEveryMs = 100;
const sealingEveryMs = 20;
const lookEveryMs = 1_000;
const retryMs = 1_000;
const recoveriesPerTurn = 50;
const tasksPerTurn = 50;
const retentionEveryMs = 60_000;
const expiryEveryMs = 600_000;
const deletedPerStep = 500;
/** A message may have very many deliveries, and its step delays the commits of all. */
const messagesPerStep = 20;
const listenersPerTurn = 100;
const certificatesPerTurn = 100;
const hour = 3_600_000;

/** The slow tasks of one node: recoveries and other tasks in steps, and retention. */
export class Upkeep {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #reporter: Reporter;
  readonly #settings: UpkeepSettings;
  readonly #expiry: Expiry;
  readonly #stop = new AbortController();
  #running: Promise<unknown> = Promise.resolve();
  #lastRecovery: RecoveryId | null = null;

  constructor({ store, clock, reporter, expiry, ...settings }: UpkeepParts) {
    this.#store = store;
    this.#clock = clock;
    this.#reporter = reporter;
    this.#expiry = expiry;
    this.#settings = settings;
  }

  start(): void {
    this.#running = Promise.all([
      this.#repeat("recover messages", async () => {
        const count = await this.#advanceRecoveries();
        return count > 0 ? recoveryEveryMs : this.#untilNextLook();
      }),
      this.#repeat("take steps of tasks", async () => {
        const count = await this.#advanceTasks();
        return count > 0 ? taskEveryMs : this.#untilNextLook();
      }),
      this.#repeat("delete old messages", async () => {
        await this.#deleteOld();
        return retentionEveryMs;
      }),
      this.#repeat("delete expired messages", async () => {
        await this.#expire();
        return expiryEveryMs;
      }),
      this.#repeat("seal secrets with the new master key", async () => {
        await this.#sealAnew();
        return retentionEveryMs;
      }),
      this.#repeat("announce expiring certificates", async () => {
        const count = await this.#announceCertificates();
        return count === certificatesPerTurn ? 0 : retentionEveryMs;
      }),
      this.#repeat("end silent listeners", async () => {
        const count = await this.#endSilentListeners();
        return count === listenersPerTurn ? 0 : retentionEveryMs;
      }),
    ]);
  }

  #untilNextLook(): number {
    return untilNextLook(this.#clock.now(), lookEveryMs);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** A turn returns how long to wait (ms). */
  #repeat(task: string, turn: () => Promise<number>): Promise<void> {
    return loop(this.#clock, this.#stop.signal, async () => {
      try {
        return await turn();
      } catch (error) {
        if (this.#stop.signal.aborted) return 0;
        this.#reporter.internalOperationFailed({ operation: task, error });
        return retryMs;
      }
    });
  }

  // Each recovery takes one step per turn in rotation, so that long and waiting ones do not delay the others.
  async #advanceRecoveries(): Promise<number> {
    const running = await this.#store.findRunningRecoveries({ after: this.#lastRecovery, limit: recoveriesPerTurn });
    this.#lastRecovery = running.length < recoveriesPerTurn ? null : (running.at(-1)?.recoveryId ?? null);
    for (const { recoveryId } of running) {
      await this.#countRecovery(recoveryId);
      await this.#store.advanceRecovery({
        recoveryId,
        now: this.#clock.now(),
        dueMax: limits.recoveryStepDeliveries,
        messagesMax: limits.recoveryStepMessagesScanned,
      });
    }
    return running.length;
  }

  async #countRecovery(recoveryId: RecoveryId): Promise<void> {
    const messagesMax = limits.recoveryStepMessagesCounted;
    const step = await this.#store.countRecoveryStep({ recoveryId, messagesMax });
    if (step !== null) await this.#store.noteCounted({ recoveryId, step, now: this.#clock.now() });
  }

  async #advanceTasks(): Promise<number> {
    const running = await this.#store.findRunningTasks({ limit: tasksPerTurn });
    for (const taskId of running) {
      await this.#store.advanceTask({ taskId, now: this.#clock.now(), messagesMax: limits.taskStepMessages });
    }
    return running.length;
  }

  // Expired messages stay until the archive can be written again.
  async #expire(): Promise<void> {
    try {
      await this.#expiry.run(this.#stop.signal);
    } catch (error) {
      if (!(error instanceof ArchiveStorageError)) throw error;
      this.#reporter.archiveFailed({ error });
    }
  }

  async #sealAnew(): Promise<void> {
    if (!(await this.#store.isSealingDue({}))) return;
    const outcome = await sealEverythingAnew(this.#store, {
      now: () => this.#clock.now(),
      onStep: async () => {
        await this.#clock.sleep(sealingEveryMs, this.#stop.signal);
        this.#stop.signal.throwIfAborted();
      },
    });
    this.#reporter.secretsSealedAnew(outcome);
  }

  /** Deletes listeners that have not connected for a long time, with their waiting deliveries. */
  async #endSilentListeners(): Promise<number> {
    const now = this.#clock.now();
    const heardBefore = now - limits.listenerQuietMsMax;
    const silent = await this.#store.findSilentListeners({ heardBefore, limit: listenersPerTurn });
    for (const key of silent) {
      await this.#store.deleteSubscription({
        ...key,
        now,
        operationalEventIds: newOperationalEventIds(this.#settings.newId),
      });
    }
    return silent.length;
  }

  async #announceCertificates(): Promise<number> {
    const now = this.#clock.now();
    const before = now + limits.certificateAnnouncedMs;
    const expiring = await this.#store.findExpiringCertificates({ before, limit: certificatesPerTurn });
    for (const subscriptionId of expiring) {
      const operationalEventId = this.#settings.newId<"message">();
      await this.#store.announceExpiringCertificate({ subscriptionId, before, now, operationalEventId });
    }
    return expiring.length;
  }

  async #deleteOld(): Promise<void> {
    const now = this.#clock.now();
    await this.#deleteInSteps((limit) => this.#store.deleteExpiredPayloads({ now, limit }));
    await this.#deleteInSteps((limit) =>
      this.#store.deleteIdempotencyBefore({ before: now - limits.idempotencyKeptMs, limit }),
    );
    await this.#deleteInSteps((limit) => this.#store.forgetRevokedTokens({ now, limit }));
    const keptMs = limits.streamKeptMs + limits.streamKeptMsMore;
    await this.#deleteInSteps((limit) => this.#store.forgetChangeLogEntries({ keptMs, limit }));
    await this.#deleteInSteps((limit) => this.#store.deleteAuditBefore({ before: now - limits.auditKeptMs, limit }));
    await this.#deleteInSteps((limit) =>
      this.#store.deleteAuthorizationsBefore({ before: now - limits.authorizationsKeptMs, limit }),
    );
    const before = now - this.#settings.retentionMs;
    const minutesUntil = now - limits.statsMinutesKeptMs;
    await this.#deleteInSteps((limit) =>
      this.#store.rollUpAttemptCounts({ before: minutesUntil - (minutesUntil % hour), limit }),
    );
    await this.#deleteInSteps((limit) => this.#store.deleteAttemptCountsBefore({ before, limit }));
    await this.#deleteInSteps((limit) => this.#store.deleteTasksBefore({ before, limit }));
    const steps = await this.#stepsOf(() =>
      this.#store.forgetBefore({ before, limit: messagesPerStep, onlyEmpty: this.#settings.isArchived }),
    );
    if (steps > 0) this.#reporter.messagesForgotten({ before, steps });
    await this.#stepsOf(() => this.#store.purgeOrganizations({ limit: messagesPerStep }));
  }

  /** Runs steps until none is left. Returns how many there were. */
  async #stepsOf(takeStep: () => Promise<boolean>): Promise<number> {
    let steps = 0;
    while (!this.#stop.signal.aborted && (await takeStep())) steps += 1;
    return steps;
  }

  async #deleteInSteps(deleteStep: (limit: number) => Promise<number>): Promise<number> {
    let total = 0;
    while (!this.#stop.signal.aborted) {
      const deleted = await deleteStep(deletedPerStep);
      total += deleted;
      if (deleted < deletedPerStep) break;
    }
    return total;
  }
}
