-- Entries that stand for several calls, and the keys that seal what is secret.

alter table audit_entry add column kind text not null default 'change'
  check (kind in ('change', 'replay', 'sign_in', 'sign_in_failed', 'refused', 'secret_read'));
alter table audit_entry add column count integer not null default 1;
alter table audit_entry add column last_at integer;

-- A row for each master key that something is sealed with: a known text under it, so that a program without the key refuses
-- to start. The id is made from the key.
create table sealing_key (
  id text primary key,
  sealed text not null,
  -- When it was brought in; of several keys the newest is the one that everything is sealed with in the end.
  created_at integer not null,
  -- Since when it is refused: a rotation has sealed everything with another.
  retired_at integer
) strict, without rowid;
