import type { ReceivedEvent } from "../received-event.ts";
import type { MessageContext } from "../router.ts";
import type { SqliteDatabase } from "../sqlite-database.ts";

/** An event as it is stored. Times are ISO 8601. */
export interface AuditedEvent {
  readonly messageId: string;
  readonly eventType: string;
  /** The time of the event. */
  readonly at: string;
  readonly collectionReadableId: string | null;
  readonly sourceConnectionId: string | null;
  readonly sourceType: string | null;
  readonly jobId: string | null;
  readonly event: ReceivedEvent;
}

/** One run of a sync, from its events. */
export interface AuditedSync {
  readonly jobId: string;
  readonly sourceType: string | null;
  readonly sourceConnectionId: string | null;
  readonly collectionReadableId: string | null;
  /** Null without an event about its start. */
  readonly startedAt: string | null;
  /** Null without an event about its end. */
  readonly endedAt: string | null;
  readonly outcome: "completed" | "failed" | "cancelled" | null;
  readonly durationMs: number | null;
}

/** Filters; a missing one matches everything. */
export interface AuditFilter {
  readonly collection?: string | undefined;
  /** A source's short name. */
  readonly source?: string | undefined;
  readonly sourceConnection?: string | undefined;
  readonly eventTypes?: readonly string[] | undefined;
  /** This time or later. */
  readonly since?: Date | undefined;
  /** Before this time. */
  readonly until?: Date | undefined;
}

/** Whether data from a collection was current at a time, with the evidence. */
export interface Currency {
  readonly isCurrent: boolean;
  readonly sources: readonly {
    readonly sourceConnectionId: string;
    readonly sourceType: string | null;
    readonly isCurrent: boolean;
    /** The last sync that had completed by then; null without one. */
    readonly lastCompleted: AuditedEvent | null;
    /** A sync that had failed after it by then; null without one. */
    readonly failedSince: AuditedEvent | null;
    /** The age of its context, in ms. */
    readonly ageMs: number | null;
  }[];
}

const ends = { "sync.completed": "completed", "sync.failed": "failed", "sync.cancelled": "cancelled" } as const;

/** Stores every event in a SQLite database, and returns evidence from them. A repeated event is stored once. */
export class AuditTrail {
  readonly #database: SqliteDatabase;

  constructor(database: SqliteDatabase) {
    database.exec(`
      create table if not exists weft_audit_event (
        message_id text primary key,
        event_type text not null,
        at integer not null,
        collection_readable_id text,
        source_connection_id text,
        source_type text,
        job_id text,
        event text not null
      ) strict;
      create index if not exists weft_audit_events_in_time on weft_audit_event (at, message_id);
      create index if not exists weft_audit_events_of_connection on weft_audit_event (source_connection_id, event_type, at);
      create index if not exists weft_audit_events_of_job on weft_audit_event (job_id, at);
    `);
    this.#database = database;
  }

  /**
   * A handler for `router.onAny`. The event is stored as its received text. An event without a time of its own is
   * stored under that of its delivery.
   */
  readonly record = (event: ReceivedEvent, { messageId, timestamp, text: body }: MessageContext): void => {
    const fields = event as unknown as Readonly<Record<string, unknown>>;
    const text = (name: string) => (typeof fields[name] === "string" ? (fields[name] as string) : null);
    const at = Date.parse(text("timestamp") ?? "");
    this.#database
      .prepare(`insert into weft_audit_event values (?, ?, ?, ?, ?, ?, ?, ?) on conflict (message_id) do nothing`)
      .run(
        messageId,
        event.event_type,
        Number.isNaN(at) ? timestamp.getTime() : at,
        text("collection_readable_id"),
        text("source_connection_id"),
        text("source_type"),
        text("job_id"),
        body,
      );
  };

  /** Events, oldest first. */
  events(filter: AuditFilter = {}): AuditedEvent[] {
    const { where, values } = conditions(filter);
    return this.#rows(`where ${where} order by at, message_id`, values);
  }

  /** The last sync that completed; null without one. "When did Slack last sync successfully?" */
  lastSuccess(filter: Omit<AuditFilter, "eventTypes"> = {}): AuditedEvent | null {
    const { where, values } = conditions({ ...filter, eventTypes: ["sync.completed"] });
    return this.#rows(`where ${where} order by at desc, message_id desc limit 1`, values)[0] ?? null;
  }

  /** Syncs with their durations, from `sync.running` to their end; oldest first. */
  syncs(filter: AuditFilter = {}): AuditedSync[] {
    const events = this.events({ ...filter, eventTypes: ["sync.running", ...Object.keys(ends)] });
    const jobs = Map.groupBy(
      events.filter(({ jobId }) => jobId !== null),
      ({ jobId }) => jobId ?? "",
    );
    return [...jobs].map(([jobId, known]) => syncOf(jobId, known));
  }

  /**
   * Whether the context of a collection was current at a time: every source that had synced into it before had
   * completed within `maxAgeMs`, and had not failed since.
   */
  wasCurrent(
    collection: string,
    at: Date,
    { maxAgeMs = Number.POSITIVE_INFINITY }: { maxAgeMs?: number } = {},
  ): Currency {
    const until = new Date(at.getTime() + 1);
    const known = this.events({ collection, until, eventTypes: ["sync.completed", "sync.failed"] });
    const sources = [...Map.groupBy(known, ({ sourceConnectionId }) => sourceConnectionId ?? "")].map(
      ([id, events]) => {
        const lastCompleted = events.findLast(({ eventType }) => eventType === "sync.completed") ?? null;
        const lastFailed = events.findLast(({ eventType }) => eventType === "sync.failed") ?? null;
        const hasFailed = lastFailed !== null && (lastCompleted === null || lastFailed.at > lastCompleted.at);
        const ageMs = lastCompleted === null ? null : at.getTime() - Date.parse(lastCompleted.at);
        return {
          sourceConnectionId: id,
          sourceType: events.at(-1)?.sourceType ?? null,
          isCurrent: ageMs !== null && ageMs <= maxAgeMs && !hasFailed,
          lastCompleted,
          failedSince: hasFailed ? lastFailed : null,
          ageMs,
        };
      },
    );
    return { isCurrent: sources.length > 0 && sources.every(({ isCurrent }) => isCurrent), sources };
  }

  /** The events as CSV (RFC 4180), with a header. */
  csv(filter: AuditFilter = {}): string {
    const columns = [
      "at",
      "messageId",
      "eventType",
      "collectionReadableId",
      "sourceType",
      "sourceConnectionId",
      "jobId",
    ] as const;
    const lines = this.events(filter).map((event) => columns.map((column) => cell(event[column] ?? "")).join(","));
    return [columns.join(","), ...lines, ""].join("\r\n");
  }

  #rows(clause: string, values: (string | number)[]): AuditedEvent[] {
    const rows = this.#database.prepare(`select * from weft_audit_event ${clause}`).all(...values) as Row[];
    return rows.map((row) => ({
      messageId: row.message_id,
      eventType: row.event_type,
      at: new Date(row.at).toISOString(),
      collectionReadableId: row.collection_readable_id,
      sourceConnectionId: row.source_connection_id,
      sourceType: row.source_type,
      jobId: row.job_id,
      event: JSON.parse(row.event) as ReceivedEvent,
    }));
  }
}

interface Row {
  readonly message_id: string;
  readonly event_type: string;
  readonly at: number;
  readonly collection_readable_id: string | null;
  readonly source_connection_id: string | null;
  readonly source_type: string | null;
  readonly job_id: string | null;
  readonly event: string;
}

function conditions(filter: AuditFilter): { where: string; values: (string | number)[] } {
  const found: [string, ...(string | number)[]][] = [["1 = 1"]];
  if (filter.collection !== undefined) found.push(["collection_readable_id = ?", filter.collection]);
  if (filter.source !== undefined) found.push(["source_type = ?", filter.source]);
  if (filter.sourceConnection !== undefined) found.push(["source_connection_id = ?", filter.sourceConnection]);
  if (filter.since !== undefined) found.push(["at >= ?", filter.since.getTime()]);
  if (filter.until !== undefined) found.push(["at < ?", filter.until.getTime()]);
  if (filter.eventTypes !== undefined) {
    found.push([`event_type in (${filter.eventTypes.map(() => "?").join(", ")})`, ...filter.eventTypes]);
  }
  return { where: found.map(([condition]) => condition).join(" and "), values: found.flatMap(([, ...bound]) => bound) };
}

function syncOf(jobId: string, events: readonly AuditedEvent[]): AuditedSync {
  const start = events.find(({ eventType }) => eventType === "sync.running");
  const end = events.findLast(({ eventType }) => eventType in ends);
  const any = events[0];
  return {
    jobId,
    sourceType: any?.sourceType ?? null,
    sourceConnectionId: any?.sourceConnectionId ?? null,
    collectionReadableId: any?.collectionReadableId ?? null,
    startedAt: start?.at ?? null,
    endedAt: end?.at ?? null,
    outcome: end === undefined ? null : ends[end.eventType as keyof typeof ends],
    durationMs: start === undefined || end === undefined ? null : Date.parse(end.at) - Date.parse(start.at),
  };
}

// Spreadsheets would run a cell that begins like a formula.
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
