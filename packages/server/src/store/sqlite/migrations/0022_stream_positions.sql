-- Entries of the log for streams count on from the newest, which is never forgotten: a count of its own cost every commit a page.

create table counted_stream_entry (
  position integer primary key,
  organization_id text not null,
  committed_at integer not null,
  -- JSON: ids by kind.
  changes text not null
) strict;

insert into counted_stream_entry select position, organization_id, committed_at, changes from stream_entry;

insert into counted_stream_entry select seq, '', 0, '{}' from sqlite_sequence
  where name = 'stream_entry' and not exists (select 1 from stream_entry);

drop table stream_entry;

alter table counted_stream_entry rename to stream_entry;

create index stream_entries_of_organization on stream_entry (organization_id, position);
