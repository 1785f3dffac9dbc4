import type { Attempt } from "../../domain/attempt.ts";
import type { OrganizationId, SubscriptionId } from "../../domain/id.ts";
import { latencyOf } from "../../domain/latency.ts";
import type { Database } from "./database.ts";

const minuteMs = 60_000;

interface Counted {
  readonly startsAt: number;
  readonly subjectId: SubscriptionId | OrganizationId;
  readonly succeeded: 0 | 1;
  readonly latency: number;
  attempts: number;
}

/** Counts the attempts of one batch, so that it writes each row once. */
export class AttemptTally {
  readonly #counted = new Map<string, Counted>();

  add({ startedAt, durationMs, succeeded, subscriptionId, organizationId }: Attempt): void {
    const of = {
      startsAt: startedAt - (startedAt % minuteMs),
      succeeded: succeeded ? (1 as const) : (0 as const),
      latency: latencyOf(durationMs),
    };
    for (const subjectId of [subscriptionId, organizationId]) {
      const key = `${of.startsAt} ${subjectId} ${of.succeeded} ${of.latency}`;
      const known = this.#counted.get(key);
      if (known === undefined) this.#counted.set(key, { ...of, subjectId, attempts: 1 });
      else known.attempts += 1;
    }
  }

  write(db: Database): void {
    for (const { startsAt, subjectId, succeeded, latency, attempts } of this.#counted.values()) {
      db.run(
        `insert into attempts_by_minute as known (starts_at, subject_id, shard, succeeded, latency, attempts)
         values (?, ?, 0, ?, ?, ?)
         on conflict do update set attempts = known.attempts + excluded.attempts`,
        startsAt,
        subjectId,
        succeeded,
        latency,
        attempts,
      );
    }
  }
}
