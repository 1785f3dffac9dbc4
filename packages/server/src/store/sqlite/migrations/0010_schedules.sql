-- When source connections are synced by themselves.

alter table source_connection add column schedule_cron text;
alter table source_connection add column schedule_time_zone text;
alter table source_connection add column next_run_at integer;
-- While it is set nothing runs by itself.
alter table source_connection add column paused_at integer;
create index source_connections_scheduled on source_connection (next_run_at)
  where next_run_at is not null and paused_at is null and deleted_at is null;
