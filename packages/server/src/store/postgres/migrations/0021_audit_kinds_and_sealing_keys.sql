-- Entries that stand for several calls, and the keys that seal what is secret.

alter table audit_entry add column kind text not null default 'change'
  check (kind in ('change', 'replay', 'sign_in', 'sign_in_failed', 'refused', 'secret_read'));
alter table audit_entry add column count integer not null default 1;
alter table audit_entry add column last_at bigint;

-- A row for each master key that something is sealed with: a known text under it, so that a program without the key refuses
-- to start. The id is made from the key.
create table sealing_key (
  id text primary key,
  sealed text not null,
  -- When it was brought in; of several keys the newest is the one that everything is sealed with in the end.
  created_at bigint not null,
  -- Since when it is refused: a rotation has sealed everything with another.
  retired_at bigint
);

-- The keys that a node has, the one that it seals with first.
alter table node add column sealing_keys text not null default '';

-- What an earlier program sealed does not name its key.
insert into sealing_key select 'unnamed', sealed, 0 from master_key_check;
drop table master_key_check;
