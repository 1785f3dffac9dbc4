-- What somebody asked for by hand is found past any backlog: a resend or a test event is the trial of an open circuit.
create index deliveries_due_by_hand on delivery (subscription_id, due_at, message_id)
  where state = 'due' and trigger in ('manual', 'test');

-- What holds a lane back on a node: a few rows, written now and then. A state that ended has no row.
create table hold_back (
  subscription_id text not null references subscription (id) on delete cascade,
  node_id text not null,
  state text not null,
  reason text not null,
  since integer not null,
  next_try_at integer,
  primary key (subscription_id, node_id)
) strict, without rowid;

create index hold_backs_of_node on hold_back (node_id);

-- Deliveries a second; null for as many as the endpoint takes.
alter table subscription add column rate_limit integer;

-- What a rate limit still allows, in deliveries, and when that was reckoned.
create table rate_bucket (
  subscription_id text primary key references subscription (id) on delete cascade,
  tokens real not null,
  filled_at integer not null
) strict;
