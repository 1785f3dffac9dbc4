-- Fan-outs that are too large for the commit that accepted their message, and those that must wait behind them.

create table fan_out (
  organization_id text not null,
  message_id text not null,
  -- The message whose first attempts must start before those of this one.
  after_id text,
  -- Subscriptions up to this one have their delivery; null before the first.
  after_subscription_id text,
  primary key (organization_id, message_id)
) strict, without rowid;

-- One row that checks write, so that a full disk shows before an event is refused.
create table write_check (
  id integer primary key check (id = 1),
  filler blob
) strict;

insert into write_check (id) values (1);
