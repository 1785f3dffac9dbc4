-- Recoveries that count in steps, can be paused and cancelled, and know what became of what they made due again.

create table recovery_before as select * from recovery;
drop index recoveries_of_subscription;
drop index recoveries_of_organization;
drop index recoveries_running;
drop table recovery;

create table recovery (
  id text primary key,
  organization_id text not null references organization (id),
  subscription_id text not null references subscription (id),
  status text not null check (status in ('running', 'paused', 'completed', 'failed', 'cancelled')),
  scope text not null check (scope in ('undelivered', 'never_sent', 'replay')),
  -- JSON, of a replay.
  filter text check ((filter is null) = (scope <> 'replay')),
  since integer not null,
  until integer not null,
  -- Null while they are counted: `counted` is how many were found up to the cursor.
  total integer,
  counted integer not null,
  recovered integer not null,
  -- Outcomes of deliveries that a later recovery made due again; those of all others are their states.
  delivered integer not null,
  failed integer not null,
  cursor text not null,
  created_at integer not null,
  updated_at integer not null
) strict, without rowid;

insert into recovery select id, organization_id, subscription_id, status, scope, filter, since, until, total, total, recovered,
  0, 0, cursor, created_at, updated_at from recovery_before;
drop table recovery_before;

create index recoveries_of_subscription on recovery (subscription_id, id);
create index recoveries_of_organization on recovery (organization_id, id);
create index recoveries_running on recovery (id) where status = 'running';
create index recoveries_running_of_subscription on recovery (subscription_id, id) where status = 'running';

-- The last recovery that made a delivery due again, and when (ms).
alter table delivery add column recovery_id text;
alter table delivery add column recovered_at integer;
create index deliveries_of_recovery on delivery (recovery_id, state) where recovery_id is not null;
