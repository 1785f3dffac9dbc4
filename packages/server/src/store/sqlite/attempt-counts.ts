import type { Attempt } from "../../domain/attempt.ts";
import { latencyOf } from "../../domain/latency.ts";
import { statusClassNumber, statusClassOf } from "../../domain/status-class.ts";
import type { Database } from "./database.ts";

const minuteMs = 60_000;
// More than the number of latency ranges, for each class of status.
const kindsMax = 512;
const classesMax = 8;

/** Counts the attempts of one batch, so that it writes each row once. */
export class AttemptCounts {
  /** Attempts of a subscription or an organization, by minute and kind in one number. */
  readonly #counted = new Map<string, Map<number, number>>();

  add(attempt: Attempt): void {
    const { startedAt, durationMs, subscriptionId, organizationId } = attempt;
    const kind = latencyOf(durationMs) * classesMax + statusClassNumber(statusClassOf(attempt));
    const key = Math.floor(startedAt / minuteMs) * kindsMax + kind;
    this.#count(subscriptionId, key);
    this.#count(organizationId, key);
  }

  #count(subjectId: string, key: number): void {
    let counts = this.#counted.get(subjectId);
    if (counts === undefined) {
      counts = new Map();
      this.#counted.set(subjectId, counts);
    }
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }

  write(db: Database): void {
    for (const [subjectId, counts] of this.#counted) {
      for (const [key, attempts] of counts) {
        const kind = key % kindsMax;
        db.run(
          `insert into attempt_count_by_minute as known (starts_at, subject_id, shard, status_class, latency, attempts)
           values (?, ?, 0, ?, ?, ?)
           on conflict do update set attempts = known.attempts + excluded.attempts`,
          ((key - kind) / kindsMax) * minuteMs,
          subjectId,
          kind % classesMax,
          Math.floor(kind / classesMax),
          attempts,
        );
      }
    }
  }
}
