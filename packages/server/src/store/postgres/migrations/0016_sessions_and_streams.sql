-- How somebody came who came by a session instead of his key, and what streams tell of.

alter table audit_entry add column actor_via text check (actor_via in ('session', 'portal'));

-- What one transaction changed. Which of two committed first is known by no number, but by snapshots that see one and not
-- the other: a stream goes on with what its last snapshot did not see.
create table stream_entry (
  organization_id uuid not null,
  transaction_id xid8 not null default pg_current_xact_id(),
  -- Of one transaction: no entry is large.
  part integer not null,
  committed_at bigint not null default cast(extract(epoch from clock_timestamp()) * 1000 as bigint),
  -- JSON: ids by kind.
  changes text not null,
  primary key (organization_id, transaction_id, part)
);

create index stream_entries_by_age on stream_entry (committed_at);
