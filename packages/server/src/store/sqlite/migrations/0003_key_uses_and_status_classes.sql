-- needs programs of schema 0003

-- When a request last authenticated with the key, accurate to a minute; null before the first one.
alter table api_key add column last_used_at integer;

-- Counts of attempts are kept by the class of their status, in place of their success. SQLite cannot change a primary key, so the
-- tables are created anew. The class of a failure from before is not known: it is 1, other.
create table attempt_count_by_minute_classed (
  -- The start of the minute.
  starts_at integer not null,
  -- A subscription, or an organization for all of its subscriptions. Counts of a deleted subject are not shown.
  subject_id text not null,
  -- Nodes that count at the same time seldom use the same shard, so that none waits for another.
  shard integer not null,
  -- The class of domain/status-class.ts.
  status_class integer not null check (status_class between 0 and 5),
  -- The interval of domain/latency.ts that the duration is in.
  latency integer not null,
  attempts integer not null,
  primary key (starts_at, subject_id, shard, status_class, latency)
) strict, without rowid;

insert into attempt_count_by_minute_classed
  select starts_at, subject_id, shard, succeeded + 1, latency, attempts from attempt_count_by_minute;
drop table attempt_count_by_minute;
alter table attempt_count_by_minute_classed rename to attempt_count_by_minute;

create table attempt_count_by_hour_classed (
  -- The start of the hour.
  starts_at integer not null,
  subject_id text not null,
  shard integer not null,
  status_class integer not null check (status_class between 0 and 5),
  latency integer not null,
  attempts integer not null,
  primary key (starts_at, subject_id, shard, status_class, latency)
) strict, without rowid;

insert into attempt_count_by_hour_classed
  select starts_at, subject_id, shard, succeeded + 1, latency, attempts from attempt_count_by_hour;
drop table attempt_count_by_hour;
alter table attempt_count_by_hour_classed rename to attempt_count_by_hour;
