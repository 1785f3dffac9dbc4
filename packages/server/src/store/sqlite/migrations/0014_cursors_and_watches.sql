-- From where a connection's next job goes on reading. Encrypted: some sources' cursors are as good as a key.

alter table source_connection add column sync_cursor text;

-- 1: synced whenever something changed; then `next_run_at` is set by whoever notices that.
alter table source_connection add column schedule_continuous integer not null default 0;
create index source_connections_watched on source_connection (id)
  where schedule_continuous = 1 and paused_at is null and deleted_at is null;
