-- Who changed what, from where, and how it ended.

create table audit_entry (
  id text primary key,
  organization_id text not null,
  actor_kind text not null check (actor_kind in ('api_key', 'admin_key', 'organization_token', 'application_token', 'anybody')),
  actor_id text,
  actor_name text,
  address text,
  forwarded_for text,
  operation text not null,
  method text not null,
  path text not null,
  -- A JSON array of names.
  fields text not null,
  request_id text not null,
  created_at integer not null,
  -- Null until it is known.
  status integer
) strict, without rowid;

create index audit_of_organization on audit_entry (organization_id, id);
