import type { OrganizationId } from "../../domain/id.ts";
import type { ReadContext, WriteContext } from "../sql.ts";
import type { LoggedChanges } from "../streams/change-log.ts";
import type { ReadStream, StreamPage, StreamStep } from "../streams/interface.ts";
import { readChanges } from "../streams/read-changes.ts";
import { takeEntries } from "../streams/take-entries.ts";
import type { PostgresSql } from "./postgres-sql.ts";
import { advance, type Snapshot, snapshotIn } from "./snapshot.ts";
import { type ChangePosition, positionIn, textOf } from "./stream-position.ts";
import type { PostgresWriteContext } from "./write-context.ts";

/** Stores the changes that the transaction has logged so far, and records the organizations that they belong to. */
export async function storeChangeLogEntries(context: PostgresWriteContext): Promise<void> {
  if (context.changeLog.isEmpty) return;
  const entries = await takeEntries(context);
  if (entries.length === 0) return;
  for (const { organizationId } of entries) context.effects.streamed.add(organizationId);
  await context.sql.over(
    `insert into change_log_entry (organization_id, part, changes)
     select * from unnest(cast(? as uuid[]), cast(? as integer[]), cast(? as text[]))`,
    entries.map(({ organizationId }) => organizationId),
    entries.map(({ part }) => part),
    entries.map(({ changes }) => JSON.stringify(changes)),
  );
}

export async function forgetChangeLogEntries(
  { sql }: WriteContext,
  { keptMs, limit }: { keptMs: number; limit: number },
): Promise<number> {
  return await sql.run(
    `delete from change_log_entry where (organization_id, transaction_id, part) in
       (select organization_id, transaction_id, part from change_log_entry
        where committed_at < cast(extract(epoch from clock_timestamp()) * 1000 as bigint) - cast(? as bigint)
        order by committed_at limit ?)`,
    keptMs,
    limit,
  );
}

interface EntryRow {
  /** Eight bytes, which the driver leaves as text. */
  readonly transaction_id: string;
  readonly part: number;
  readonly committed_at: number;
  readonly changes: string;
}

interface Moment {
  readonly at: number;
  readonly seen: Snapshot;
}

type PostgresReadContext = ReadContext & { readonly sql: PostgresSql };

export async function readStream(context: PostgresReadContext, params: ReadStream): Promise<StreamPage> {
  const { organizationId, entriesMax, keptMs } = params;
  const after = params.after === null ? null : positionIn(params.after);
  const moment = await momentOf(context);
  if (after === null || !(await isKnown(context, after, { organizationId, moment, keptMs }))) {
    const position = textOf(await headOf(context, organizationId, moment));
    return { isGap: params.after !== null, steps: [], position, isEnd: true };
  }
  const until = (params.until === null ? null : positionIn(params.until)) ?? { ...after, ...moment };
  const rows = await readEntries(context, { organizationId, after, until: until.seen, limit: entriesMax + 1 });
  const given = rows.slice(0, entriesMax);
  const changes = await readChanges(
    context,
    params,
    given.map((row) => JSON.parse(row.changes) as LoggedChanges),
  );
  const steps: StreamStep[] = [];
  let reached = after;
  for (const [index, row] of given.entries()) {
    reached = positionBehind(reached, until.seen, row, rows[index + 1] ?? null);
    steps.push({ changes: changes[index] ?? [], position: textOf(reached) });
  }
  const isEnd = rows.length <= entriesMax;
  return { isGap: false, steps, position: textOf(isEnd ? positionAt(reached, until) : reached), isEnd };
}

async function momentOf({ sql }: PostgresReadContext): Promise<Moment> {
  const row = await sql.get<{ at: number; seen: string }>(
    `select cast(extract(epoch from clock_timestamp()) * 1000 as bigint) as at,
       cast(pg_current_snapshot() as text) as seen`,
  );
  return { at: row?.at ?? 0, seen: snapshotIn(row?.seen ?? "0:0:") };
}

async function headOf(
  { sql }: PostgresReadContext,
  organizationId: OrganizationId,
  moment: Moment,
): Promise<ChangePosition> {
  const row = await sql.get<EntryRow>(
    `select transaction_id, committed_at from change_log_entry where organization_id = ?
     order by organization_id desc, transaction_id desc limit 1`,
    organizationId,
  );
  return { ...moment, begun: [], witness: row === null ? null : witnessOf(row) };
}

/**
 * A snapshot does not see transactions that were running or had not begun: each is looked up, however old the oldest
 * is.
 */
async function readEntries(
  { sql }: PostgresReadContext,
  range: { organizationId: OrganizationId; after: ChangePosition; until: Snapshot; limit: number },
): Promise<EntryRow[]> {
  const { organizationId, after, until, limit } = range;
  return await sql.over<EntryRow>(
    `select transaction_id, part, committed_at, changes from (
       select * from change_log_entry where organization_id = ? and transaction_id >= cast(cast(? as text) as xid8)
       union all
       select * from change_log_entry where organization_id = ? and transaction_id = any (cast(cast(? as text[]) as xid8[]))
     ) as entry
     where transaction_id < cast(cast(? as text) as xid8)
       and transaction_id <> all (cast(cast(? as text[]) as xid8[]))
       and part >= coalesce((select parts from unnest(cast(cast(? as text[]) as xid8[]), cast(? as integer[]))
         as begun (id, parts) where id = transaction_id), 0)
     order by transaction_id, part limit ?`,
    organizationId,
    String(after.seen.next),
    organizationId,
    after.seen.running.map(String),
    String(until.next),
    until.running.map(String),
    after.begun.map(({ transaction }) => String(transaction)),
    after.begun.map(({ parts }) => parts),
    limit,
  );
}

/** After an entry: after its transaction, or within it when its next part follows. */
function positionBehind(
  before: ChangePosition,
  until: Snapshot,
  entry: EntryRow,
  next: EntryRow | null,
): ChangePosition {
  const transaction = BigInt(entry.transaction_id);
  const isWhole = next?.transaction_id !== entry.transaction_id;
  const seen = advance(before.seen, until, isWhole ? transaction : transaction - 1n);
  const begun = stillBegun(before, seen).filter((other) => other.transaction !== transaction);
  if (!isWhole) begun.push({ transaction, parts: entry.part + 1 });
  return { at: before.at, seen, begun, witness: witnessOf(entry) };
}

/** After everything that a moment sees. */
function positionAt(before: ChangePosition, { at, seen: until }: Moment): ChangePosition {
  const seen = advance(before.seen, until, until.next - 1n);
  return { ...before, at: Math.max(before.at, at), seen, begun: stillBegun(before, seen) };
}

function stillBegun({ begun }: ChangePosition, { next, running }: Snapshot): ChangePosition["begun"][number][] {
  return begun.filter(({ transaction }) => transaction >= next || running.includes(transaction));
}

/** Whether this log has everything after a position. */
async function isKnown(
  { sql }: PostgresReadContext,
  { at, seen, witness }: ChangePosition,
  { organizationId, moment, keptMs }: { organizationId: OrganizationId; moment: Moment; keptMs: number },
): Promise<boolean> {
  const forgottenBefore = moment.at - keptMs;
  if (at < forgottenBefore || seen.next > moment.seen.next) return false;
  if (witness === null || witness.committedAt < forgottenBefore) return true;
  const found = await sql.get(
    `select 1 as known from change_log_entry
     where organization_id = ? and transaction_id = cast(cast(? as text) as xid8) and committed_at = ? limit 1`,
    organizationId,
    String(witness.transaction),
    witness.committedAt,
  );
  return found !== null;
}

function witnessOf({ transaction_id, committed_at }: EntryRow): ChangePosition["witness"] {
  return { transaction: BigInt(transaction_id), committedAt: committed_at };
}
