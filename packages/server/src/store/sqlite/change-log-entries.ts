import type { OrganizationId } from "../../domain/id.ts";
import type { ReadContext, WriteContext } from "../sql.ts";
import type { LoggedChanges } from "../streams/change-log.ts";
import type { ReadStream, StreamPage, StreamPosition } from "../streams/interface.ts";
import { readChanges } from "../streams/read-changes.ts";
import { takeEntries } from "../streams/take-entries.ts";
import type { SqliteWriteContext } from "./write-context.ts";

const now = "cast(unixepoch('subsec') * 1000 as integer)";

const insertEntry = `insert into change_log_entry (organization_id, committed_at, changes) values (?, ${now}, ?)`;

/** Stores the changes that the commit has logged, and records the organizations that they belong to. */
export async function storeChangeLogEntries(context: SqliteWriteContext): Promise<void> {
  if (context.changeLog.isEmpty) return;
  for (const { organizationId, changes } of await takeEntries(context)) {
    context.db.run(insertEntry, organizationId, JSON.stringify(changes));
    context.effects.streamed.add(organizationId);
  }
}

export async function forgetChangeLogEntries(
  { sql }: WriteContext,
  { keptMs, limit }: { keptMs: number; limit: number },
): Promise<number> {
  // The newest entry stays, because further positions are counted from it.
  return await sql.run(
    `delete from change_log_entry where position in
       (select position from (select position, committed_at from change_log_entry order by position limit ?)
        where committed_at < ${now} - ? and position < (select max(position) from change_log_entry))`,
    limit,
    keptMs,
  );
}

/**
 * A number is enough, because one writer commits one batch after the other. The commit time distinguishes an entry from
 * another one with the same number, after an older copy of the file was restored or a power cut lost the newest
 * commits.
 */
interface ChangePosition {
  /** The time when everything up to here had been returned (Unix ms). */
  readonly at: number;
  /** The newest entry of the organization then; 0 for none. */
  readonly entry: number;
  readonly committedAt: number;
}

interface EntryRow {
  readonly position: number;
  readonly committed_at: number;
  readonly changes: string;
}

export async function readStream(context: ReadContext, params: ReadStream): Promise<StreamPage> {
  const { organizationId, keptMs, entriesMax } = params;
  const after = params.after === null ? null : positionIn(params.after);
  const at = await clock(context);
  if (after === null || !(await isKnown(context, after, { organizationId, forgottenBefore: at - keptMs }))) {
    const head = await headOf(context, organizationId, at);
    return { isGap: params.after !== null, steps: [], position: textOf(head), isEnd: true };
  }
  const until = params.until === null ? null : positionIn(params.until);
  const rows = await context.sql.all<EntryRow>(
    `select position, committed_at, changes from change_log_entry
     where organization_id = ? and position > ? and position <= ? order by position limit ?`,
    organizationId,
    after.entry,
    until?.entry ?? Number.MAX_SAFE_INTEGER,
    entriesMax + 1,
  );
  const given = rows.slice(0, entriesMax);
  const changes = await readChanges(
    context,
    params,
    given.map((row) => JSON.parse(row.changes) as LoggedChanges),
  );
  // Everything after an entry was committed after it.
  const positions = given.map(
    (row): ChangePosition => ({ at: row.committed_at, entry: row.position, committedAt: row.committed_at }),
  );
  const steps = positions.map((each, index) => ({ changes: changes[index] ?? [], position: textOf(each) }));
  const isEnd = rows.length <= entriesMax;
  const last = positions.at(-1) ?? after;
  const position = textOf(isEnd ? { ...last, at: Math.max(until?.at ?? at, after.at) } : last);
  return { isGap: false, steps, position, isEnd };
}

async function clock({ sql }: ReadContext): Promise<number> {
  return (await sql.get<{ now: number }>(`select ${now} as now`))?.now ?? 0;
}

async function headOf({ sql }: ReadContext, organizationId: OrganizationId, at: number): Promise<ChangePosition> {
  const row = await sql.get<EntryRow>(
    "select position, committed_at from change_log_entry where organization_id = ? order by position desc limit 1",
    organizationId,
  );
  return { at, entry: row?.position ?? 0, committedAt: row?.committed_at ?? 0 };
}

async function isKnown(
  { sql }: ReadContext,
  { at, entry, committedAt }: ChangePosition,
  { organizationId, forgottenBefore }: { organizationId: OrganizationId; forgottenBefore: number },
): Promise<boolean> {
  if (at < forgottenBefore) return false;
  if (committedAt < forgottenBefore) return true;
  const found = await sql.get(
    "select 1 as known from change_log_entry where position = ? and organization_id = ? and committed_at = ?",
    entry,
    organizationId,
    committedAt,
  );
  return found !== null;
}

const pattern = /^s1-([0-9a-z]{1,11})-([0-9a-z]{1,11})-([0-9a-z]{1,11})$/;

function positionIn(text: string): ChangePosition | null {
  const [, at = "", entry = "", committedAt = ""] = pattern.exec(text) ?? [];
  const each = { at: read(at), entry: read(entry), committedAt: read(committedAt) };
  return Object.values(each).every(Number.isSafeInteger) ? each : null;
}

function read(text: string): number {
  return Number.parseInt(text, 36);
}

function textOf({ at, entry, committedAt }: ChangePosition): StreamPosition {
  return `s1-${[at, entry, committedAt].map((number) => number.toString(36)).join("-")}`;
}
