-- Recoveries of more than one scope, tasks beside them, and tokens that were ended before their time.

alter table recovery add column scope text not null default 'undelivered';
alter table recovery alter column scope drop default;
-- JSON, of a replay.
alter table recovery add column filter text;
alter table recovery add column updated_at bigint;
update recovery set updated_at = created_at;
alter table recovery alter column updated_at set not null;
alter table recovery drop constraint recovery_status_check;
alter table recovery add constraint recovery_status_check check (status in ('running', 'completed', 'failed'));
alter table recovery add constraint recovery_scope_check check (scope in ('undelivered', 'never_sent', 'replay'));
alter table recovery add constraint recovery_filter_check check ((filter is null) = (scope <> 'replay'));
create index recoveries_of_organization on recovery (organization_id, id);

-- Tasks other than recoveries.
create table chore (
  id uuid primary key,
  -- Null for the operator's own.
  organization_id uuid references organization (id),
  kind text not null,
  status text not null check (status in ('running', 'finished')),
  -- JSON: what it is about, and how far it is.
  progress text not null,
  created_at bigint not null,
  updated_at bigint not null
);

create index chores_of_organization on chore (organization_id, id);
create index chores_running on chore (id) where status = 'running';

-- Tokens of an application that are refused although they have not expired.
create table ended_token (
  organization_id uuid not null references organization (id),
  -- Which: all of them, those of a session, or one.
  name text collate "C" not null,
  -- Those issued up to this time …
  issued_until bigint not null,
  -- … are refused from this time on.
  refused_from bigint not null,
  -- When the last of them has expired by itself; null when nobody can tell.
  needed_until bigint,
  primary key (organization_id, name, issued_until)
);

create index ended_tokens_by_need on ended_token (needed_until) where needed_until is not null;
