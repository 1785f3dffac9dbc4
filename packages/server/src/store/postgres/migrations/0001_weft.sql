-- Everything that Weft keeps, in a schema of its own. Ids are UUIDv7, so id order is time order. Times are integer
-- milliseconds. Payloads are text, as received. Messages, deliveries and attempts lie in partitions by id, which is by
-- time; the partitions are made ahead and dropped by the program (partitions.ts).

-- A text sealed with the installation's master key: a node with another key finds out before it does any harm.
create table master_key_check (
  id integer primary key check (id = 1),
  sealed text not null
);

create table organization (
  id uuid primary key,
  name text not null,
  created_at bigint not null,
  modified_at bigint not null,
  -- Goes up with every change to its subscriptions, so that a node knows when what it remembers of them is old.
  routes_version bigint not null default 0
);

create table api_key (
  id uuid primary key,
  organization_id uuid not null references organization (id) on delete cascade,
  name text not null,
  prefix text not null,
  hash text not null unique,
  scopes text not null,
  created_at bigint not null,
  expires_at bigint
);

create index api_keys_of_organization on api_key (organization_id, id);

-- The time ranges that have partitions.
create table time_range (
  starts_at bigint primary key,
  ends_at bigint not null,
  check (starts_at < ends_at)
);

create table message (
  id uuid not null,
  organization_id uuid not null,
  event_type text not null,
  event_id text,
  payload text not null,
  created_at bigint not null,
  -- The subscription that a test event was made for: nobody else gets it, also not in a recovery.
  test_of uuid,
  primary key (id)
) partition by range (id);

create index messages_of_organization on message (organization_id, id);
create index messages_by_event_type on message (organization_id, event_type, id);

-- A unique index over partitions must name what they are cut by, so event ids are kept unique here.
create table event_id (
  organization_id uuid not null,
  event_id text collate "C" not null,
  message_id uuid not null,
  primary key (organization_id, event_id)
);

create index event_ids_by_age on event_id (message_id);

create table idempotency (
  organization_id uuid not null,
  key text collate "C" not null,
  request_hash text not null,
  created_at bigint not null,
  -- Both null while the request is under way. The answers of stored requests are encrypted: a new key may be in one.
  status integer,
  body text,
  primary key (organization_id, key),
  check ((status is null) = (body is null))
);

create index idempotency_by_age on idempotency (created_at);

create table subscription (
  id uuid primary key,
  organization_id uuid not null references organization (id),
  url text not null,
  event_types text not null,
  description text,
  filters text,
  -- Encrypted: they may carry credentials.
  headers text not null,
  retry_delays_ms text,
  ordered integer not null default 0 check (ordered in (0, 1)),
  disabled_reason text check (disabled_reason in ('by_request', 'gone', 'failing')),
  created_at bigint not null,
  updated_at bigint not null,
  deleted_at bigint,
  -- By the clock of the database: what other nodes have to forget.
  changed_at timestamptz not null default clock_timestamp()
);

create index subscriptions_of_organization on subscription (organization_id, id) where deleted_at is null;
create index subscriptions_changed on subscription (changed_at);

-- Which subscriptions want an event type: one lookup for each of its patterns.
create table subscription_pattern (
  organization_id uuid not null,
  pattern text collate "C" not null,
  subscription_id uuid not null references subscription (id) on delete cascade,
  primary key (organization_id, pattern, subscription_id)
);

create index patterns_of_subscription on subscription_pattern (subscription_id);

create table subscription_health (
  subscription_id uuid primary key references subscription (id) on delete cascade,
  recent text not null,
  failing_since bigint
);

create table signing_secret (
  subscription_id uuid not null references subscription (id) on delete cascade,
  position integer not null,
  -- Encrypted.
  secret text not null,
  created_at bigint not null,
  expires_at bigint,
  primary key (subscription_id, position)
);

create table node (
  id uuid primary key,
  lease_until bigint not null,
  -- When it was declared dead. Its row stays a while, since a commit of its own may still be on its way.
  buried_at bigint,
  -- The number of the last batch that the node committed: how it finds out about one whose answer was lost.
  last_commit bigint not null default 0
);

-- The state machine stands at the top of domain/delivery.ts.
create table delivery (
  message_id uuid not null,
  subscription_id uuid not null,
  organization_id uuid not null,
  state text not null check (state in ('due', 'claimed', 'delivered', 'failed', 'skipped', 'cancelled')),
  trigger text not null check (trigger in ('scheduled', 'manual', 'recovery', 'test')),
  attempts integer not null,
  schedule_step integer not null,
  due_at bigint not null,
  node_id uuid,
  -- The message whose first attempt must start before the first attempt of this one.
  after_id uuid,
  primary key (message_id, subscription_id),
  check ((state = 'claimed') = (node_id is not null))
) partition by range (message_id);

-- What is due in this lane?
create index deliveries_due on delivery (subscription_id, due_at, message_id) where state = 'due';
-- What is next for an ordered subscription, and which messages wait?
create index deliveries_due_in_order on delivery (subscription_id, message_id) where state = 'due';
-- Which messages were never sent to this subscription?
create index deliveries_set_aside on delivery (subscription_id, message_id) where state in ('skipped', 'cancelled');
-- Does anybody hold a delivery of this subscription, and what did a dead node hold?
create index deliveries_claimed on delivery (subscription_id, node_id) where state = 'claimed';
-- Which messages failed?
create index deliveries_failed on delivery (organization_id, message_id) where state = 'failed';

create table attempt (
  id uuid not null,
  organization_id uuid not null,
  message_id uuid not null,
  subscription_id uuid not null,
  url text not null,
  succeeded integer not null check (succeeded in (0, 1)),
  response_status integer not null,
  response_body text,
  error text,
  started_at bigint not null,
  duration_ms bigint not null,
  attempt_number integer not null,
  trigger text not null,
  next_attempt_at bigint,
  primary key (id)
) partition by range (id);

create index attempts_of_message on attempt (message_id, id);
create index attempts_of_subscription on attempt (subscription_id, id);

create table recovery (
  id uuid primary key,
  organization_id uuid not null references organization (id),
  subscription_id uuid not null references subscription (id),
  status text not null check (status in ('running', 'completed')),
  since bigint not null,
  until bigint not null,
  total integer not null,
  recovered integer not null,
  cursor uuid not null,
  created_at bigint not null
);

create index recoveries_of_subscription on recovery (subscription_id, id);
create index recoveries_running on recovery (id) where status = 'running';

-- Deleted collections and connections stay, unseen, until what they held has been removed step by step.
create table collection (
  id uuid primary key,
  organization_id uuid not null references organization (id),
  readable_id text collate "C" not null,
  name text not null,
  sync_config text,
  created_at bigint not null,
  modified_at bigint not null,
  deleted_at bigint
);

create index collections_of_organization on collection (organization_id, id);
create unique index collection_by_readable_id on collection (organization_id, readable_id) where deleted_at is null;
create index collections_deleted on collection (id) where deleted_at is not null;

create table source_connection (
  id uuid primary key,
  organization_id uuid not null,
  collection_id uuid not null references collection (id),
  name text not null,
  description text,
  source text not null,
  config text not null,
  -- Encrypted.
  credentials text,
  auth_method text not null check (auth_method in ('direct', 'oauth_token', 'oauth_browser')),
  authenticated_at bigint,
  sync_id uuid,
  entity_count integer not null default 0 check (entity_count >= 0),
  created_at bigint not null,
  modified_at bigint not null,
  deleted_at bigint
);

create index source_connections_of_organization on source_connection (organization_id, id);
create index source_connections_of_collection on source_connection (collection_id, id);
create index source_connections_deleted on source_connection (id) where deleted_at is not null;

-- The state machine stands at the top of domain/sync-job.ts.
create table sync_job (
  id uuid primary key,
  organization_id uuid not null,
  source_connection_id uuid not null references source_connection (id),
  sync_id uuid not null,
  state text not null check (state in ('pending', 'running', 'cancelling', 'completed', 'failed', 'cancelled')),
  created_at bigint not null,
  started_at bigint,
  ended_at bigint,
  entities_inserted integer not null default 0,
  entities_updated integer not null default 0,
  entities_deleted integer not null default 0,
  entities_skipped integer not null default 0,
  entities_failed integer not null default 0,
  chunks_written integer not null default 0,
  error text,
  node_id uuid,
  last_message_id uuid,
  check ((state in ('completed', 'failed', 'cancelled')) = (ended_at is not null)),
  check ((state = 'failed') = (error is not null)),
  check (state <> 'pending' or started_at is null),
  check (state not in ('running', 'cancelling', 'completed') or started_at is not null)
);

create index jobs_of_connection on sync_job (source_connection_id, id);
-- One connection has one unfinished job at most.
create unique index job_under_way on sync_job (source_connection_id) where state in ('pending', 'running', 'cancelling');
-- What is to be run, and what did a dead node leave?
create index jobs_unfinished on sync_job (state, id) where state in ('pending', 'running', 'cancelling');
-- Has it ever completed?
create index jobs_completed on sync_job (source_connection_id) where state = 'completed';

create table entity (
  source_connection_id uuid not null references source_connection (id),
  id text collate "C" not null,
  type text collate "C" not null,
  name text not null,
  url text,
  hash text not null,
  updated_at bigint not null,
  -- The job that stored it or found it unchanged last: what a completed job has not seen is gone from the source.
  seen_by uuid not null,
  primary key (source_connection_id, id)
);

create index entities_by_job on entity (source_connection_id, seen_by);
create index entities_by_type on entity (source_connection_id, type, updated_at);

-- Words in any form, none of them left out, without accents; what is between them is no part of them.
create text search dictionary stem (template = snowball, language = english);
create text search configuration words (copy = simple);
alter text search configuration words alter mapping for asciiword, word, hword, hword_part, hword_asciipart,
  asciihword, numword, numhword, hword_numpart with stem;

create function words_of (text text) returns tsvector language sql immutable parallel safe as $$
  select to_tsvector('weft.words', regexp_replace(regexp_replace(normalize(text, NFD), E'[\u0300-\u036F]', '', 'g'),
    E'[][!"#$%&\'()*+,./:;<=>?@\\\\^_`{|}~\u2000-\u206F\u3000-\u303F-]+', ' ', 'g'))
$$;

create table chunk (
  id bigint generated always as identity primary key,
  source_connection_id uuid not null,
  entity_id text collate "C" not null,
  position integer not null,
  text text not null,
  words tsvector generated always as (weft.words_of(text)) stored,
  unique (source_connection_id, entity_id, position),
  foreign key (source_connection_id, entity_id) references entity (source_connection_id, id)
);

create index chunks_by_word on chunk using gin (words);
