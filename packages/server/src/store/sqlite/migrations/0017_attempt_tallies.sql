-- How many attempts were made, counted in the commits that record them: what statistics are read from.

create table attempts_by_minute (
  -- The minute in which they began.
  starts_at integer not null,
  -- A subscription, or an organization for all of its own. Nothing is shown of one that is gone.
  subject_id text not null,
  -- Nodes that count at the same time seldom share one, so that none waits for another.
  shard integer not null,
  succeeded integer not null check (succeeded in (0, 1)),
  -- How long they took: which of the stretches in domain/latency.ts.
  latency integer not null,
  attempts integer not null,
  primary key (starts_at, subject_id, shard, succeeded, latency)
) strict, without rowid;

-- Old minutes become hours.
create table attempts_by_hour (
  -- The hour in which they began.
  starts_at integer not null,
  -- A subscription, or an organization for all of its own. Nothing is shown of one that is gone.
  subject_id text not null,
  -- Nodes that count at the same time seldom share one, so that none waits for another.
  shard integer not null,
  succeeded integer not null check (succeeded in (0, 1)),
  -- How long they took: which of the stretches in domain/latency.ts.
  latency integer not null,
  attempts integer not null,
  primary key (starts_at, subject_id, shard, succeeded, latency)
) strict, without rowid;
