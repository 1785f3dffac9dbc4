-- Recoveries that count in steps, can be paused and cancelled, and know what became of what they made due again.

alter table recovery drop constraint recovery_status_check;
alter table recovery add constraint recovery_status_check
  check (status in ('running', 'paused', 'completed', 'failed', 'cancelled'));
-- Null while they are counted: `counted` is how many were found up to the cursor.
alter table recovery alter column total drop not null;
alter table recovery add column counted integer not null default 0;
update recovery set counted = total;
-- Outcomes of deliveries that a later recovery made due again; those of all others are their states.
alter table recovery add column delivered integer not null default 0;
alter table recovery add column failed integer not null default 0;
create index recoveries_running_of_subscription on recovery (subscription_id, id) where status = 'running';

-- The last recovery that made a delivery due again, and when (ms).
alter table delivery add column recovery_id uuid;
alter table delivery add column recovered_at bigint;
create index deliveries_of_recovery on delivery (recovery_id, state) where recovery_id is not null;
