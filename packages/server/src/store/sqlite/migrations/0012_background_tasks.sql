-- Recoveries of more than one scope, tasks beside them, and tokens that were ended before their time.

create table recovery_before as select * from recovery;
drop index recoveries_of_subscription;
drop index recoveries_running;
drop table recovery;

create table recovery (
  id text primary key,
  organization_id text not null references organization (id),
  subscription_id text not null references subscription (id),
  status text not null check (status in ('running', 'completed', 'failed')),
  scope text not null check (scope in ('undelivered', 'never_sent', 'replay')),
  -- JSON, of a replay.
  filter text check ((filter is null) = (scope <> 'replay')),
  since integer not null,
  until integer not null,
  total integer not null,
  recovered integer not null,
  cursor text not null,
  created_at integer not null,
  updated_at integer not null
) strict, without rowid;

insert into recovery select id, organization_id, subscription_id, status, 'undelivered', null, since, until, total, recovered,
  cursor, created_at, created_at from recovery_before;
drop table recovery_before;

create index recoveries_of_subscription on recovery (subscription_id, id);
create index recoveries_of_organization on recovery (organization_id, id);
create index recoveries_running on recovery (id) where status = 'running';

-- Tasks other than recoveries.
create table chore (
  id text primary key,
  -- Null for the operator's own.
  organization_id text references organization (id),
  kind text not null,
  status text not null check (status in ('running', 'finished')),
  -- JSON: what it is about, and how far it is.
  progress text not null check (json_valid(progress)),
  created_at integer not null,
  updated_at integer not null
) strict, without rowid;

create index chores_of_organization on chore (organization_id, id);
create index chores_running on chore (id) where status = 'running';

-- Tokens of an application that are refused although they have not expired.
create table ended_token (
  organization_id text not null references organization (id),
  -- Which: all of them, those of a session, or one.
  name text not null,
  -- Those issued up to this time …
  issued_until integer not null,
  -- … are refused from this time on.
  refused_from integer not null,
  -- When the last of them has expired by itself; null when nobody can tell.
  needed_until integer,
  primary key (organization_id, name, issued_until)
) strict, without rowid;

create index ended_tokens_by_need on ended_token (needed_until) where needed_until is not null;
