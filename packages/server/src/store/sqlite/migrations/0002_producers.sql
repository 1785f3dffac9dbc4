-- Collections, source connections, sync jobs, entities and chunks, and the index that chunks are searched by.
-- Deleted collections and connections stay, unseen, until what they held has been removed step by step.

create table collection (
  id text primary key,
  organization_id text not null references organization (id),
  readable_id text not null,
  name text not null,
  sync_config text check (sync_config is null or json_valid(sync_config)),
  created_at integer not null,
  modified_at integer not null,
  deleted_at integer
) strict, without rowid;

create index collections_of_organization on collection (organization_id, id);
create unique index collection_by_readable_id on collection (organization_id, readable_id) where deleted_at is null;
create index collections_deleted on collection (id) where deleted_at is not null;

create table source_connection (
  id text primary key,
  organization_id text not null,
  collection_id text not null references collection (id),
  name text not null,
  description text,
  source text not null,
  config text not null check (json_valid(config)),
  -- Encrypted.
  credentials text,
  auth_method text not null check (auth_method in ('direct', 'oauth_token', 'oauth_browser')),
  authenticated_at integer,
  sync_id text,
  entity_count integer not null default 0 check (entity_count >= 0),
  created_at integer not null,
  modified_at integer not null,
  deleted_at integer
) strict, without rowid;

create index source_connections_of_organization on source_connection (organization_id, id);
create index source_connections_of_collection on source_connection (collection_id, id);
create index source_connections_deleted on source_connection (id) where deleted_at is not null;

-- The state machine stands at the top of domain/sync-job.ts.
create table sync_job (
  id text primary key,
  organization_id text not null,
  source_connection_id text not null references source_connection (id),
  sync_id text not null,
  state text not null check (state in ('pending', 'running', 'cancelling', 'completed', 'failed', 'cancelled')),
  created_at integer not null,
  started_at integer,
  ended_at integer,
  entities_inserted integer not null default 0,
  entities_updated integer not null default 0,
  entities_deleted integer not null default 0,
  entities_skipped integer not null default 0,
  entities_failed integer not null default 0,
  chunks_written integer not null default 0,
  error text,
  check ((state in ('completed', 'failed', 'cancelled')) = (ended_at is not null)),
  check ((state = 'failed') = (error is not null)),
  check (state <> 'pending' or started_at is null),
  check (state not in ('running', 'cancelling', 'completed') or started_at is not null)
) strict, without rowid;

create index jobs_of_connection on sync_job (source_connection_id, id);
-- One connection has one unfinished job at most.
create unique index job_under_way on sync_job (source_connection_id) where state in ('pending', 'running', 'cancelling');
-- What is to be run, and what did a dead process leave?
create index jobs_unfinished on sync_job (state, id) where state in ('pending', 'running', 'cancelling');

-- Has it ever completed?
create index jobs_completed on sync_job (source_connection_id) where state = 'completed';

create table entity (
  source_connection_id text not null references source_connection (id),
  id text not null,
  type text not null,
  name text not null,
  url text,
  hash text not null,
  updated_at integer not null,
  -- The job that stored it or found it unchanged last: what a completed job has not seen is gone from the source.
  seen_by text not null,
  primary key (source_connection_id, id)
) strict, without rowid;

create index entities_by_job on entity (source_connection_id, seen_by);
create index entities_by_type on entity (source_connection_id, type, updated_at);

create table chunk (
  id integer primary key,
  source_connection_id text not null,
  entity_id text not null,
  position integer not null,
  text text not null,
  unique (source_connection_id, entity_id, position),
  foreign key (source_connection_id, entity_id) references entity (source_connection_id, id)
) strict;

-- Rowid is chunk.id. `scope` is one word, the collection: a query reads no other collection's part of the index.
create virtual table chunk_index using fts5 (
  scope,
  text,
  content = '',
  contentless_delete = 1,
  tokenize = 'porter unicode61 remove_diacritics 2'
);

-- Deletions leave marks, which later merges take out: merging because of the marks alone held a commit up for a tenth of
-- a second (measured; without it a hundredth).
insert into chunk_index (chunk_index, rank) values ('deletemerge', 0);
