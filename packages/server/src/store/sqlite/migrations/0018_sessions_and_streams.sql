-- How somebody came who came by a session instead of his key, and what streams tell of.

alter table audit_entry add column actor_via text check (actor_via in ('session', 'portal'));

-- What one commit changed, in the order of the commits.
create table stream_entry (
  position integer primary key autoincrement,
  organization_id text not null,
  committed_at integer not null,
  -- JSON: ids by kind.
  changes text not null
) strict;

create index stream_entries_of_organization on stream_entry (organization_id, position);
