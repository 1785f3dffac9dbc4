-- The schema of Weft on SQLite. Ids are UUIDv7 as text, so the order of ids is the order of time. Times are integer
-- milliseconds. Payloads are text, exactly as they were received. Large columns come last in their tables: SQLite reads through
-- them to reach a later column.

-- Organizations and keys

create table organization (
  id text primary key,
  -- The caller's own id for it.
  uid text,
  name text not null,
  -- JSON: strings by name.
  metadata text not null default '{}' check (json_valid(metadata)),
  -- Deliveries per second for all subscriptions together; null for no limit.
  rate_limit integer check (rate_limit > 0),
  -- Whether events are accepted whose type is not in the catalogue.
  unknown_event_types text not null default 'refuse' check (unknown_event_types in ('accept', 'refuse')),
  created_at integer not null,
  modified_at integer not null,
  -- A deleted organization is hidden, and its row stays until everything that belonged to it is removed step by step.
  deleted_at integer
) strict, without rowid;

create unique index organization_by_uid on organization (uid) where uid is not null;
create index organizations_deleted on organization (id) where deleted_at is not null;

create table api_key (
  id text primary key,
  organization_id text not null references organization (id) on delete cascade,
  name text not null,
  prefix text not null,
  hash text not null unique,
  -- The hash of the key before the last rotation, and until when that key is accepted too.
  old_hash text,
  old_hash_until integer,
  -- JSON: an array of names.
  scopes text not null check (json_valid(scopes)),
  created_at integer not null,
  expires_at integer,
  check ((old_hash is null) = (old_hash_until is null))
) strict;

create index api_keys_of_organization on api_key (organization_id, id);
create unique index api_keys_by_old_hash on api_key (old_hash) where old_hash is not null;

-- Tokens of an application that were revoked before they expired.
create table revoked_token (
  organization_id text not null references organization (id),
  -- Which tokens: all of them, those of one session, or one token.
  name text not null,
  -- Tokens that were issued up to this time are refused from `refused_from` on.
  issued_until integer not null,
  refused_from integer not null,
  -- When the last of these tokens expires by itself; null when that is not known.
  needed_until integer,
  primary key (organization_id, name, issued_until)
) strict, without rowid;

create index revoked_tokens_by_need on revoked_token (needed_until) where needed_until is not null;

-- A row for each master key that something is sealed with. `sealed` is a known text sealed with the key: a program without the
-- key cannot open it and refuses to start. The id is derived from the key.
create table sealing_key (
  id text primary key,
  sealed text not null,
  -- The newest key is the one that a rotation seals everything with.
  created_at integer not null,
  -- A key is refused from this time on, since a rotation has sealed everything with another.
  retired_at integer
) strict, without rowid;

-- API calls

create table idempotency (
  organization_id text not null,
  key text not null,
  request_hash text not null,
  created_at integer not null,
  -- Both are null while the request is being handled. The responses of most routes are sealed, since they may contain a new key.
  status integer,
  body text,
  primary key (organization_id, key),
  check ((status is null) = (body is null))
) strict, without rowid;

create index idempotency_by_age on idempotency (created_at);

-- Who changed what, from where, and with which response.
create table audit_entry (
  id text primary key,
  organization_id text not null,
  kind text not null
    check (kind in ('change', 'replay', 'sign_in', 'sign_in_failed', 'refused', 'secret_read')),
  actor_kind text not null check (actor_kind in ('api_key', 'admin_key', 'organization_token', 'application_token', 'anonymous')),
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

create index audit_of_organization on audit_entry (organization_id, id);

-- Event types

-- Event types that the operator defined, beside those of Weft's own producers.
create table event_type (
  name text primary key,
  description text not null,
  archived integer not null check (archived in (0, 1)),
  deprecated integer not null check (deprecated in (0, 1)),
  -- JSON: JSON Schemas by version.
  schemas text check (schemas is null or json_valid(schemas)),
  feature_flag text,
  group_name text,
  created_at integer not null,
  updated_at integer not null
) strict, without rowid;

-- Subscriptions

create table subscription (
  id text primary key,
  organization_id text not null references organization (id),
  -- The caller's own id for it.
  uid text,
  target text not null check (target in ('webhook', 'listener', 'slack', 'discord', 'pagerduty', 'email')),
  -- Without the secret part of the address.
  url text not null,
  description text,
  -- JSON: strings by name.
  metadata text not null default '{}' check (json_valid(metadata)),
  -- JSON: an array of patterns.
  event_types text not null check (json_valid(event_types)),
  -- JSON: an array of names; null for messages of any channel.
  channels text check (channels is null or json_valid(channels)),
  -- JSON.
  filters text check (filters is null or json_valid(filters)),
  -- Sealed, since they may contain credentials.
  headers text not null,
  -- JSON: an array of delays; null for the retry schedule of the installation.
  retry_delays_ms text check (retry_delays_ms is null or json_valid(retry_delays_ms)),
  -- 1 when each message is sent only after the one before it.
  ordered integer not null default 0 check (ordered in (0, 1)),
  -- Deliveries per second; null for no limit.
  rate_limit integer check (rate_limit > 0),
  -- The template of an alert; null for Weft's own sentences.
  template text,
  -- Sealed: the secret part of the address, a URL or a routing key; null when it has none.
  credential text,
  -- When its listener sent its last sign of life; null for other targets.
  listener_heard_at integer,
  disabled_reason text check (disabled_reason in ('by_request', 'gone', 'failing')),
  -- Null while it is enabled.
  disabled_at integer,
  created_at integer not null,
  updated_at integer not null,
  deleted_at integer,
  check (target not in ('webhook', 'listener') or (template is null and credential is null)),
  check ((target = 'listener') = (listener_heard_at is not null)),
  check ((disabled_reason is null) = (disabled_at is null))
) strict;

create index subscriptions_of_organization on subscription (organization_id, id) where deleted_at is null;
create unique index subscription_by_uid on subscription (organization_id, uid) where uid is not null and deleted_at is null;
-- The subscriptions that a message could have been sent to include those that were deleted since.
create index subscriptions_deleted on subscription (organization_id, id, deleted_at) where deleted_at is not null;
-- Which subscriptions does the engine leave to listeners, and which listeners have sent no sign of life for long?
create index listeners on subscription (id) where target = 'listener' and deleted_at is null;

-- Which subscriptions receive an event type? One look-up for each pattern that matches it.
create table subscription_pattern (
  organization_id text not null,
  pattern text not null,
  subscription_id text not null references subscription (id) on delete cascade,
  primary key (organization_id, pattern, subscription_id)
) strict, without rowid;

create index patterns_of_subscription on subscription_pattern (subscription_id);

create table signing_secret (
  subscription_id text not null references subscription (id) on delete cascade,
  position integer not null check (position > 0),
  -- Sealed.
  secret text not null,
  created_at integer not null,
  expires_at integer,
  primary key (subscription_id, position)
) strict, without rowid;

create table subscription_health (
  subscription_id text primary key references subscription (id) on delete cascade,
  -- The outcomes of the last attempts.
  recent text not null,
  failing_since integer
) strict, without rowid;

-- Why a lane on a node sends less or nothing. There are few rows, written now and then; a state that has ended has no row.
create table throttle_state (
  subscription_id text not null references subscription (id) on delete cascade,
  node_id text not null,
  state text not null check (state in ('circuit_open', 'half_open', 'slowed_down', 'rate_limited')),
  reason text not null,
  since integer not null,
  next_try_at integer,
  primary key (subscription_id, node_id)
) strict, without rowid;

create index throttle_states_of_node on throttle_state (node_id);

-- How many deliveries a rate limit still allows, as of `filled_at`.
create table rate_bucket (
  subscription_id text primary key references subscription (id) on delete cascade,
  tokens real not null,
  filled_at integer not null
) strict;

-- Messages

create table message (
  id text primary key,
  organization_id text not null references organization (id),
  event_type text not null,
  event_id text,
  -- JSON: arrays of names.
  channels text,
  tags text,
  -- Null for a JSON object.
  content_type text,
  -- The subscription that a test event was created for: no other receives it, not even in a recovery.
  test_subscription_id text,
  deliver_at integer,
  created_at integer not null,
  -- When the payload is to be deleted, and when it was; it is empty from then on.
  payload_until integer,
  payload_deleted_at integer,
  payload text not null
) strict;

create index messages_of_organization on message (organization_id, id);
create index messages_by_event_type on message (organization_id, event_type, id);
create unique index message_by_event_id on message (organization_id, event_id) where event_id is not null;
create index messages_by_payload_until on message (payload_until) where payload_until is not null;

-- Events that an application published in a transaction of its own on this file, until they become messages and deliveries.
create table outbox (
  id text primary key,
  organization_id text not null references organization (id),
  event_type text not null,
  event_id text,
  created_at integer not null,
  payload text not null
) strict, without rowid;

create unique index outbox_by_event_id on outbox (organization_id, event_id) where event_id is not null;

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

-- Deliveries and attempts

create table node (
  id text primary key,
  lease_until integer not null,
  -- When the lease was found to have expired. The row stays a while, since a commit of the node may still arrive.
  expired_at integer
) strict, without rowid;

-- The state machine is described in domain/delivery.ts.
create table delivery (
  message_id text not null references message (id),
  subscription_id text not null references subscription (id),
  organization_id text not null,
  state text not null check (state in ('due', 'claimed', 'delivered', 'failed', 'skipped', 'cancelled')),
  trigger text not null check (trigger in ('scheduled', 'manual', 'recovery', 'test')),
  attempts integer not null check (attempts >= 0),
  schedule_step integer not null check (schedule_step >= 0),
  due_at integer not null,
  node_id text,
  -- The message whose first attempt must start before the first attempt of this one.
  after_id text,
  -- The last recovery that made the delivery due again, and when.
  recovery_id text,
  recovered_at integer,
  primary key (message_id, subscription_id),
  check ((state = 'claimed') = (node_id is not null)),
  check ((recovery_id is null) = (recovered_at is null))
) strict, without rowid;

-- Which deliveries of a lane are due?
create index deliveries_due on delivery (subscription_id, due_at, message_id) where state = 'due';
-- Which delivery of an ordered subscription is next, and which messages wait?
create index deliveries_due_in_order on delivery (subscription_id, message_id) where state = 'due';
-- Which due deliveries were requested by hand? A resend or a test event is found behind any backlog, since it is the trial of
-- an open circuit.
create index deliveries_due_by_hand on delivery (subscription_id, due_at, message_id)
  where state = 'due' and trigger in ('manual', 'test');
-- Does any node hold a delivery of this subscription, and which ones did an expired node hold? Every delivery passes through
-- this index, so one index serves both queries; it is as small as the number of claimed deliveries.
create index deliveries_claimed on delivery (subscription_id, node_id) where state = 'claimed';
-- Which messages were never sent to this subscription?
create index deliveries_set_aside on delivery (subscription_id, message_id) where state in ('skipped', 'cancelled');
-- Which messages failed?
create index deliveries_failed on delivery (organization_id, message_id) where state = 'failed';
create index deliveries_of_recovery on delivery (recovery_id, state) where recovery_id is not null;

create table attempt (
  id text primary key,
  organization_id text not null,
  message_id text not null references message (id),
  subscription_id text not null references subscription (id),
  attempt_number integer not null check (attempt_number > 0),
  trigger text not null check (trigger in ('scheduled', 'manual', 'recovery', 'test')),
  url text not null,
  succeeded integer not null check (succeeded in (0, 1)),
  response_status integer not null,
  started_at integer not null,
  duration_ms integer not null,
  next_attempt_at integer,
  error text,
  response_body text
) strict, without rowid;

create index attempts_of_message on attempt (message_id, id);
create index attempts_of_subscription on attempt (subscription_id, id);
-- Which attempts to this subscription failed? Successes never enter this index.
create index attempts_failed on attempt (subscription_id, id) where succeeded = 0;

-- How many attempts began in a minute. The commits that record attempts count them; statistics are read from here.
create table attempt_count_by_minute (
  -- The start of the minute.
  starts_at integer not null,
  -- A subscription, or an organization for all of its subscriptions. Counts of a deleted subject are not shown.
  subject_id text not null,
  -- Nodes that count at the same time seldom use the same shard, so that none waits for another.
  shard integer not null,
  succeeded integer not null check (succeeded in (0, 1)),
  -- The interval of domain/latency.ts that the duration is in.
  latency integer not null,
  attempts integer not null,
  primary key (starts_at, subject_id, shard, succeeded, latency)
) strict, without rowid;

-- Old minutes are rolled up into hours.
create table attempt_count_by_hour (
  -- The start of the hour.
  starts_at integer not null,
  subject_id text not null,
  shard integer not null,
  succeeded integer not null check (succeeded in (0, 1)),
  latency integer not null,
  attempts integer not null,
  primary key (starts_at, subject_id, shard, succeeded, latency)
) strict, without rowid;

-- Background tasks

create table recovery (
  id text primary key,
  organization_id text not null references organization (id),
  subscription_id text not null references subscription (id),
  status text not null check (status in ('running', 'paused', 'completed', 'failed', 'cancelled')),
  scope text not null check (scope in ('undelivered', 'never_sent', 'replay')),
  -- JSON: the filter of a replay.
  filter text check ((filter is null) = (scope <> 'replay')),
  since integer not null,
  until integer not null,
  -- Null while the deliveries are counted: `counted` is how many were found up to the cursor.
  total integer,
  counted integer not null,
  recovered integer not null,
  -- Outcomes of deliveries that a later recovery made due again; the outcomes of all others are their states.
  delivered integer not null,
  failed integer not null,
  cursor text not null,
  created_at integer not null,
  updated_at integer not null
) strict, without rowid;

create index recoveries_of_subscription on recovery (subscription_id, id);
create index recoveries_of_organization on recovery (organization_id, id);
create index recoveries_running on recovery (id) where status = 'running';
create index recoveries_running_of_subscription on recovery (subscription_id, id) where status = 'running';

-- Background tasks other than recoveries.
create table background_task (
  id text primary key,
  -- Null for the operator's own tasks.
  organization_id text references organization (id),
  kind text not null check (kind in ('payload_purge', 'delivery_survey', 'event_type_survey')),
  status text not null check (status in ('running', 'finished')),
  -- JSON: the subject of the task, and how far it has come.
  progress text not null check (json_valid(progress)),
  created_at integer not null,
  updated_at integer not null,
  check ((kind = 'payload_purge') = (organization_id is not null))
) strict, without rowid;

create index background_tasks_of_organization on background_task (organization_id, id);
create index background_tasks_running on background_task (id) where status = 'running';

-- The change log

-- What one commit changed, in the order of the commits. A position is one more than the newest, which is never deleted: a
-- counter for autoincrement would cost every commit a page.
create table change_log_entry (
  position integer primary key,
  organization_id text not null,
  committed_at integer not null,
  -- JSON: ids by kind.
  changes text not null check (json_valid(changes))
) strict;

create index change_log_entries_of_organization on change_log_entry (organization_id, position);

-- Collections, source connections, sync jobs, entities and chunks

-- Deleted collections and connections are hidden, and their rows stay until what they contained is removed step by step.
create table collection (
  id text primary key,
  organization_id text not null references organization (id),
  readable_id text not null,
  name text not null,
  -- JSON.
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
  -- JSON.
  config text not null check (json_valid(config)),
  auth_method text not null check (auth_method in ('direct', 'oauth_token', 'oauth_browser')),
  -- Sealed.
  credentials text,
  -- Counts the changes of the credentials, so that a writer replaces only those that it has read.
  credentials_version integer not null default 0,
  authenticated_at integer,
  tokens_expire_at integer,
  needs_reauth_at integer,
  -- The job that renews the tokens, and until when no other job may.
  renewal_job_id text,
  renewal_until integer,
  sync_id text,
  -- Where the next job continues to read. Sealed, since the cursors of some sources grant access like a key.
  sync_cursor text,
  entity_count integer not null default 0 check (entity_count >= 0),
  schedule_cron text,
  schedule_time_zone text,
  -- 1 when it is synced whenever the source changes; the watch that notices a change sets `next_run_at`.
  schedule_continuous integer not null default 0 check (schedule_continuous in (0, 1)),
  next_run_at integer,
  -- While it is set, no sync starts by itself.
  paused_at integer,
  created_at integer not null,
  modified_at integer not null,
  deleted_at integer,
  check (schedule_continuous = 0 or schedule_cron is null),
  check ((schedule_cron is null) = (schedule_time_zone is null)),
  check ((renewal_job_id is null) = (renewal_until is null))
) strict, without rowid;

create index source_connections_of_organization on source_connection (organization_id, id);
create index source_connections_of_collection on source_connection (collection_id, id);
create index source_connections_scheduled on source_connection (next_run_at)
  where next_run_at is not null and paused_at is null and deleted_at is null;
create index source_connections_watched on source_connection (id)
  where schedule_continuous = 1 and paused_at is null and deleted_at is null;
create index source_connections_deleted on source_connection (id) where deleted_at is not null;

-- The way of a browser to a provider and back, which authenticates a source connection.
create table source_authorization (
  id text primary key,
  organization_id text not null,
  source_connection_id text not null references source_connection (id),
  -- SHA-256 in hexadecimal, for look-ups.
  code_hash text not null unique,
  state_hash text not null unique,
  -- Sealed: code, state, verifier and client.
  secrets text not null,
  redirect_url text,
  sync_immediately integer not null check (sync_immediately in (0, 1)),
  created_at integer not null,
  expires_at integer not null,
  opened_at integer,
  used_at integer,
  check (used_at is null or opened_at is not null)
) strict, without rowid;

create index authorizations_of_connection on source_authorization (source_connection_id, id);

-- The state machine is described in domain/sync-job.ts.
create table sync_job (
  id text primary key,
  organization_id text not null,
  source_connection_id text not null references source_connection (id),
  sync_id text not null,
  state text not null check (state in ('pending', 'running', 'cancelling', 'completed', 'failed', 'cancelled')),
  node_id text,
  -- How often the job has begun to read its source: it begins again after the source was unavailable.
  tries integer not null default 1 check (tries >= 1),
  entities_inserted integer not null default 0,
  entities_updated integer not null default 0,
  entities_deleted integer not null default 0,
  entities_skipped integer not null default 0,
  entities_failed integer not null default 0,
  chunks_written integer not null default 0,
  error text,
  -- The message of its last event; the message of the next event follows it in order.
  last_message_id text,
  created_at integer not null,
  started_at integer,
  ended_at integer,
  check ((state in ('completed', 'failed', 'cancelled')) = (ended_at is not null)),
  check ((state = 'failed') = (error is not null)),
  check (state <> 'pending' or started_at is null),
  check (state not in ('running', 'cancelling', 'completed') or started_at is not null)
) strict, without rowid;

create index jobs_of_connection on sync_job (source_connection_id, id);
-- A connection has at most one unfinished job.
create unique index job_under_way on sync_job (source_connection_id) where state in ('pending', 'running', 'cancelling');
-- Which jobs are pending, and which did an expired node leave?
create index jobs_unfinished on sync_job (state, id) where state in ('pending', 'running', 'cancelling');
-- Has a job of this connection ever completed?
create index jobs_completed on sync_job (source_connection_id) where state = 'completed';

create table entity (
  source_connection_id text not null references source_connection (id),
  id text not null,
  type text not null,
  name text not null,
  url text,
  hash text not null,
  -- The last job that stored the entity or found it unchanged: what a completed job has not seen is gone from the source.
  seen_by text not null,
  -- Which try of that job it was; negative when the entity was there and could not be read.
  seen_try integer not null,
  updated_at integer not null,
  primary key (source_connection_id, id)
) strict, without rowid;

create index entities_by_job on entity (source_connection_id, seen_by, seen_try);
create index entities_by_type on entity (source_connection_id, type, updated_at);

create table chunk (
  id integer primary key,
  source_connection_id text not null,
  entity_id text not null,
  position integer not null,
  text text not null,
  -- Pairs of characters, by which text of languages without spaces between words is found.
  pairs text,
  unique (source_connection_id, entity_id, position),
  foreign key (source_connection_id, entity_id) references entity (source_connection_id, id)
) strict;

-- The index that chunks are searched by, with chunk.id as its rowid. `scope` is one word that stands for the collection: a
-- query reads the part of its collection alone.
create virtual table chunk_index using fts5 (
  scope,
  text,
  content = '',
  contentless_delete = 1,
  tokenize = 'porter unicode61 remove_diacritics 2'
);

-- Deletions leave marks, which later merges remove. Merges for the marks alone delayed a commit by a tenth of a second
-- (measured; a hundredth without them).
insert into chunk_index (chunk_index, rank) values ('deletemerge', 0);

create trigger chunk_indexed after insert on chunk begin
  insert into chunk_index (rowid, scope, text)
  select new.id, 'c' || replace(collection_id, '-', ''), new.text || coalesce(' ' || new.pairs, '') from source_connection
  where source_connection.id = new.source_connection_id;
end;

create trigger chunk_unindexed after delete on chunk begin
  delete from chunk_index where rowid = old.id;
end;

-- The disk

-- Write checks change this one row, so that a full disk is noticed before an event is refused.
create table write_check (
  id integer primary key check (id = 1),
  filler blob
) strict;

insert into write_check (id) values (1);
