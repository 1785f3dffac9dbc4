import type { EventQueue } from "./event-queue.ts";

export interface PrimaryMachine {
  readonly cores: number;
  /** One sync of the WAL, regardless of its size. */
  readonly syncMs: number;
  readonly walBytesPerSecond: number;
}

interface Job {
  readonly cpuMs: number;
  /** Null for a transaction that writes nothing. */
  readonly walBytes: number | null;
  readonly done: () => void;
}

/** A Postgres primary: cores that serve in turn, and one WAL whose syncs all waiting transactions share. */
export class Primary {
  readonly #events: EventQueue;
  readonly #machine: PrimaryMachine;
  readonly #waiting: Job[] = [];
  #next = 0;
  #busyCores = 0;
  #unsynced: Job[] = [];
  #isSyncing = false;
  cpuMs = 0;
  walBytes = 0;

  constructor(events: EventQueue, machine: PrimaryMachine) {
    this.#events = events;
    this.#machine = machine;
  }

  run(job: Job): void {
    this.#waiting.push(job);
    this.#serve();
  }

  #serve(): void {
    while (this.#busyCores < this.#machine.cores) {
      const job = this.#waiting[this.#next];
      if (job === undefined) break;
      this.#next += 1;
      this.#busyCores += 1;
      this.#events.at(this.#events.now + job.cpuMs, () => {
        this.cpuMs += job.cpuMs;
        this.#busyCores -= 1;
        if (job.walBytes === null) job.done();
        else this.#sync(job);
        this.#serve();
      });
    }
    if (this.#next < 1_000) return;
    this.#waiting.splice(0, this.#next);
    this.#next = 0;
  }

  #sync(job: Job): void {
    this.#unsynced.push(job);
    if (!this.#isSyncing) this.#syncAll();
  }

  #syncAll(): void {
    const jobs = this.#unsynced;
    if (jobs.length === 0) return;
    this.#unsynced = [];
    this.#isSyncing = true;
    const bytes = jobs.reduce((sum, { walBytes }) => sum + (walBytes ?? 0), 0);
    const tookMs = this.#machine.syncMs + (bytes / this.#machine.walBytesPerSecond) * 1_000;
    this.#events.at(this.#events.now + tookMs, () => {
      this.walBytes += bytes;
      this.#isSyncing = false;
      for (const { done } of jobs) done();
      this.#syncAll();
    });
  }
}
