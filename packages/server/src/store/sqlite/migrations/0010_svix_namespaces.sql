-- A number that clients of Svix's API store with an endpoint.
alter table subscription add column version integer not null default 1;

-- The namespace of an organization: the organization of the Svix token that created it.
alter table organization add column namespace text not null default 'org_weft';
-- The caller's own id for an organization outside the default namespace; `uid` is then null. Programs from before namespaces look
-- up `uid` alone, and must not find an organization of another namespace by it.
alter table organization add column namespace_uid text;

create index organizations_of_namespace on organization (namespace, id);
create unique index organization_by_namespace_uid on organization (namespace, namespace_uid) where namespace_uid is not null;

-- Event types outside the default namespace; see event_type.
create table namespace_event_type (
  namespace text not null,
  name text not null,
  description text not null,
  archived integer not null check (archived in (0, 1)),
  deprecated integer not null check (deprecated in (0, 1)),
  schemas text check (json_valid(schemas)),
  feature_flag text,
  group_name text,
  metadata text not null default '{}',
  created_at integer not null,
  updated_at integer not null,
  primary key (namespace, name)
) strict, without rowid;
