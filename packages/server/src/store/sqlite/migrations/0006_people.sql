-- People who sign in at an identity provider act under a kind of their own. SQLite cannot change a check, so the table is created anew.
create table audit_entry_with_people (
  id text primary key,
  organization_id text not null,
  kind text not null
    check (kind in ('change', 'replay', 'sign_in', 'sign_in_failed', 'refused', 'secret_read')),
  actor_kind text not null
    check (actor_kind in ('api_key', 'admin_key', 'organization_token', 'application_token', 'person', 'anonymous')),
  actor_id text,
  actor_name text,
  -- How the actor signed in when they did not send their key with the request.
  actor_via text check (actor_via in ('session', 'portal')),
  address text,
  forwarded_for text,
  operation text not null,
  method text not null,
  path text not null,
  -- JSON: an array of names.
  fields text not null check (json_valid(fields)),
  request_id text not null,
  -- Null until the response is known.
  status integer,
  -- How many calls the entry stands for, and when the last of them was.
  count integer not null check (count > 0),
  created_at integer not null,
  last_at integer
) strict, without rowid;

insert into audit_entry_with_people
  select id, organization_id, kind, actor_kind, actor_id, actor_name, actor_via, address, forwarded_for, operation, method, path,
    fields, request_id, status, count, created_at, last_at
  from audit_entry;
drop table audit_entry;
alter table audit_entry_with_people rename to audit_entry;

create index audit_of_organization on audit_entry (organization_id, id);
