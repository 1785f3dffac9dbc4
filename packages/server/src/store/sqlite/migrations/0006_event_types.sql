-- Event types that the operator defined, beside those of Weft's own producers.

create table event_type (
  name text primary key,
  description text not null,
  archived integer not null check (archived in (0, 1)),
  deprecated integer not null check (deprecated in (0, 1)),
  -- JSON: version → JSON Schema.
  schemas text check (schemas is null or json_valid(schemas)),
  feature_flag text,
  group_name text,
  created_at integer not null,
  updated_at integer not null
) strict, without rowid;
