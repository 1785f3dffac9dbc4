-- The schema of Weft on PostgreSQL. Ids are UUIDv7, so the order of ids is the order of time. Times are integer milliseconds.
-- Payloads are text, exactly as they were received. Messages, deliveries and attempts are partitioned by id, and so by time:
-- the program creates the partitions ahead of time and drops the old ones (partitions.ts).

-- Organizations and keys

create table organization (
  id uuid primary key,
  -- The caller's own id for it.
  uid text collate "C",
  name text not null,
  -- JSON: strings by name.
  metadata text not null default '{}',
  -- Deliveries per second for all subscriptions together; null for no limit.
  rate_limit integer check (rate_limit > 0),
  -- Whether events are accepted whose type is not in the catalogue.
  unknown_event_types text not null default 'refuse' check (unknown_event_types in ('accept', 'refuse')),
  -- Every change to its subscriptions increases it, so that a node knows when to read them again.
  routes_version bigint not null default 0,
  created_at bigint not null,
  modified_at bigint not null,
  -- A deleted organization is hidden, and its row stays until everything that belonged to it is removed step by step.
  deleted_at bigint
);

create unique index organization_by_uid on organization (uid) where uid is not null;
create index organizations_deleted on organization (id) where deleted_at is not null;

create table api_key (
  id uuid primary key,
  organization_id uuid not null references organization (id) on delete cascade,
  name text not null,
  prefix text not null,
  hash text not null unique,
  -- The hash of the key before the last rotation, and until when that key is accepted too.
  old_hash text,
  old_hash_until bigint,
  -- JSON: an array of names.
  scopes text not null,
  created_at bigint not null,
  expires_at bigint,
  check ((old_hash is null) = (old_hash_until is null))
);

create index api_keys_of_organization on api_key (organization_id, id);
create unique index api_keys_by_old_hash on api_key (old_hash) where old_hash is not null;

-- Tokens of an application that were revoked before they expired.
create table revoked_token (
  organization_id uuid not null references organization (id),
  -- Which tokens: all of them, those of one session, or one token.
  name text collate "C" not null,
  -- Tokens that were issued up to this time are refused from `refused_from` on.
  issued_until bigint not null,
  refused_from bigint not null,
  -- When the last of these tokens expires by itself; null when that is not known.
  needed_until bigint,
  primary key (organization_id, name, issued_until)
);

create index revoked_tokens_by_need on revoked_token (needed_until) where needed_until is not null;

-- A row for each master key that something is sealed with. `sealed` is a known text sealed with the key: a program without the
-- key cannot open it and refuses to start. The id is derived from the key.
create table sealing_key (
  id text primary key,
  sealed text not null,
  -- The newest key is the one that a rotation seals everything with.
  created_at bigint not null,
  -- A key is refused from this time on, since a rotation has sealed everything with another.
  retired_at bigint
);

-- API calls

create table idempotency (
  organization_id uuid not null,
  key text collate "C" not null,
  request_hash text not null,
  created_at bigint not null,
  -- Both are null while the request is being handled. The responses of most routes are sealed, since they may contain a new key.
  status integer,
  body text,
  primary key (organization_id, key),
  check ((status is null) = (body is null))
);

create index idempotency_by_age on idempotency (created_at);

-- Who changed what, from where, and with which response.
create table audit_entry (
  id uuid primary key,
  organization_id uuid not null,
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
  fields text not null,
  request_id text not null,
  -- Null until the response is known.
  status integer,
  -- How many calls the entry stands for, and when the last of them was.
  count integer not null check (count > 0),
  created_at bigint not null,
  last_at bigint
);

create index audit_of_organization on audit_entry (organization_id, id);

-- Event types

-- Event types that the operator defined, beside those of Weft's own producers.
create table event_type (
  name text collate "C" primary key,
  description text not null,
  archived integer not null check (archived in (0, 1)),
  deprecated integer not null check (deprecated in (0, 1)),
  -- JSON: JSON Schemas by version.
  schemas text,
  feature_flag text,
  group_name text,
  created_at bigint not null,
  updated_at bigint not null
);

-- The event types of the program's own producers, with what SQL can check of a payload. The program keeps them up to date.
create table own_event_type (
  name text collate "C" primary key,
  -- The members that a payload must have, and the value that some of them must have.
  required text[] not null,
  constants json not null
);

-- Subscriptions

create table subscription (
  id uuid primary key,
  organization_id uuid not null references organization (id),
  -- The caller's own id for it.
  uid text collate "C",
  target text not null check (target in ('webhook', 'listener', 'slack', 'discord', 'pagerduty', 'email')),
  -- Without the secret part of the address.
  url text not null,
  description text,
  -- JSON: strings by name.
  metadata text not null default '{}',
  -- JSON: an array of patterns.
  event_types text not null,
  -- JSON: an array of names; null for messages of any channel.
  channels text,
  -- JSON.
  filters text,
  -- Sealed, since they may contain credentials.
  headers text not null,
  -- JSON: an array of delays; null for the retry schedule of the installation.
  retry_delays_ms text,
  -- 1 when each message is sent only after the one before it.
  ordered integer not null default 0 check (ordered in (0, 1)),
  -- Deliveries per second; null for no limit.
  rate_limit integer check (rate_limit > 0),
  -- The template of an alert; null for Weft's own sentences.
  template text,
  -- Sealed: the secret part of the address, a URL or a routing key; null when it has none.
  credential text,
  -- When its listener sent its last sign of life; null for other targets.
  listener_heard_at bigint,
  disabled_reason text check (disabled_reason in ('by_request', 'gone', 'failing')),
  -- Null while it is enabled.
  disabled_at bigint,
  created_at bigint not null,
  updated_at bigint not null,
  deleted_at bigint,
  -- By the clock of the database: other nodes read again what changed after their last look.
  changed_at timestamptz not null default clock_timestamp(),
  check (target not in ('webhook', 'listener') or (template is null and credential is null)),
  check ((target = 'listener') = (listener_heard_at is not null)),
  check ((disabled_reason is null) = (disabled_at is null))
);

create index subscriptions_of_organization on subscription (organization_id, id) where deleted_at is null;
create unique index subscription_by_uid on subscription (organization_id, uid) where uid is not null and deleted_at is null;
-- The subscriptions that a message could have been sent to include those that were deleted since.
create index subscriptions_deleted on subscription (organization_id, id, deleted_at) where deleted_at is not null;
-- Which subscriptions does the engine leave to listeners, and which listeners have sent no sign of life for long?
create index listeners on subscription (id) where target = 'listener' and deleted_at is null;
create index subscriptions_changed on subscription (changed_at);

-- Which subscriptions receive an event type? One look-up for each pattern that matches it.
create table subscription_pattern (
  organization_id uuid not null,
  pattern text collate "C" not null,
  subscription_id uuid not null references subscription (id) on delete cascade,
  primary key (organization_id, pattern, subscription_id)
);

create index patterns_of_subscription on subscription_pattern (subscription_id);

create table signing_secret (
  subscription_id uuid not null references subscription (id) on delete cascade,
  position integer not null check (position > 0),
  -- Sealed.
  secret text not null,
  created_at bigint not null,
  expires_at bigint,
  primary key (subscription_id, position)
);

create table subscription_health (
  subscription_id uuid primary key references subscription (id) on delete cascade,
  -- The outcomes of the last attempts.
  recent text not null,
  failing_since bigint
);

-- Why a lane on a node sends less or nothing. There are few rows, written now and then; a state that has ended has no row.
create table throttle_state (
  subscription_id uuid not null references subscription (id) on delete cascade,
  node_id uuid not null,
  state text not null check (state in ('circuit_open', 'half_open', 'slowed_down', 'rate_limited')),
  reason text not null,
  since bigint not null,
  next_try_at bigint,
  primary key (subscription_id, node_id)
);

create index throttle_states_of_node on throttle_state (node_id);

-- How many deliveries a rate limit still allows, as of `filled_at`.
create table rate_bucket (
  subscription_id uuid primary key references subscription (id) on delete cascade,
  tokens double precision not null,
  filled_at bigint not null
);

-- Messages

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
  -- JSON: arrays of names.
  channels text,
  tags text,
  -- Null for a JSON object.
  content_type text,
  -- The subscription that a test event was created for: no other receives it, not even in a recovery.
  test_subscription_id uuid,
  deliver_at bigint,
  created_at bigint not null,
  -- When the payload is to be deleted, and when it was; it is empty from then on.
  payload_until bigint,
  payload_deleted_at bigint,
  payload text not null,
  primary key (id)
) partition by range (id);

create index messages_of_organization on message (organization_id, id);
create index messages_by_event_type on message (organization_id, event_type, id);
create index messages_by_payload_until on message (payload_until) where payload_until is not null;

-- Event ids are unique here, because a unique index of a partitioned table must contain the partition key.
create table event_id (
  organization_id uuid not null,
  event_id text collate "C" not null,
  message_id uuid not null,
  primary key (organization_id, event_id)
);

create index event_ids_by_age on event_id (message_id);

-- Events that applications published in transactions of their own, until they become messages and deliveries. Rows come and
-- go, so the table is vacuumed early.
create table outbox (
  id uuid primary key,
  organization_id uuid not null,
  event_type text not null,
  event_id text collate "C",
  created_at bigint not null,
  payload text not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- Fan-outs that are too large for the commit that accepted their message, and those that must wait behind them.
create table fan_out (
  organization_id uuid not null,
  message_id uuid not null,
  -- The message whose first attempts must start before those of this one.
  after_id uuid,
  -- Subscriptions up to this one have their delivery; null before the first.
  after_subscription_id uuid,
  primary key (organization_id, message_id)
);

-- Deliveries and attempts

create table node (
  id uuid primary key,
  lease_until bigint not null,
  -- When the lease was found to have expired. The row stays a while, since a commit of the node may still arrive.
  expired_at bigint,
  -- The number of the last batch that the node committed: it tells the node whether a batch without a response was stored.
  last_commit bigint not null default 0,
  -- The ids of the master keys that the node has, the one that it seals with first.
  sealing_keys text not null
);

-- The state machine is described in domain/delivery.ts.
create table delivery (
  message_id uuid not null,
  subscription_id uuid not null,
  organization_id uuid not null,
  state text not null check (state in ('due', 'claimed', 'delivered', 'failed', 'skipped', 'cancelled')),
  trigger text not null check (trigger in ('scheduled', 'manual', 'recovery', 'test')),
  attempts integer not null check (attempts >= 0),
  schedule_step integer not null check (schedule_step >= 0),
  due_at bigint not null,
  node_id uuid,
  -- The message whose first attempt must start before the first attempt of this one.
  after_id uuid,
  -- The last recovery that made the delivery due again, and when.
  recovery_id uuid,
  recovered_at bigint,
  primary key (message_id, subscription_id),
  check ((state = 'claimed') = (node_id is not null)),
  check ((recovery_id is null) = (recovered_at is null))
) partition by range (message_id);

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
  id uuid not null,
  organization_id uuid not null,
  message_id uuid not null,
  subscription_id uuid not null,
  attempt_number integer not null check (attempt_number > 0),
  trigger text not null check (trigger in ('scheduled', 'manual', 'recovery', 'test')),
  url text not null,
  succeeded integer not null check (succeeded in (0, 1)),
  response_status integer not null,
  started_at bigint not null,
  duration_ms bigint not null,
  next_attempt_at bigint,
  error text,
  response_body text,
  primary key (id)
) partition by range (id);

create index attempts_of_message on attempt (message_id, id);
create index attempts_of_subscription on attempt (subscription_id, id);
-- Which attempts to this subscription failed? Successes never enter this index.
create index attempts_failed on attempt (subscription_id, id) where succeeded = 0;

-- How many attempts began in a minute. The commits that record attempts count them; statistics are read from here.
create table attempt_count_by_minute (
  -- The start of the minute.
  starts_at bigint not null,
  -- A subscription, or an organization for all of its subscriptions. Counts of a deleted subject are not shown.
  subject_id uuid not null,
  -- Nodes that count at the same time seldom use the same shard, so that none waits for another.
  shard integer not null,
  succeeded integer not null check (succeeded in (0, 1)),
  -- The interval of domain/latency.ts that the duration is in.
  latency integer not null,
  attempts bigint not null,
  primary key (starts_at, subject_id, shard, succeeded, latency)
-- The newest rows change with every batch and need room in their pages.
) with (fillfactor = 60);

-- Old minutes are rolled up into hours.
create table attempt_count_by_hour (
  -- The start of the hour.
  starts_at bigint not null,
  subject_id uuid not null,
  shard integer not null,
  succeeded integer not null check (succeeded in (0, 1)),
  latency integer not null,
  attempts bigint not null,
  primary key (starts_at, subject_id, shard, succeeded, latency)
);

-- Background tasks

create table recovery (
  id uuid primary key,
  organization_id uuid not null references organization (id),
  subscription_id uuid not null references subscription (id),
  status text not null check (status in ('running', 'paused', 'completed', 'failed', 'cancelled')),
  scope text not null check (scope in ('undelivered', 'never_sent', 'replay')),
  -- JSON: the filter of a replay.
  filter text,
  since bigint not null,
  until bigint not null,
  -- Null while the deliveries are counted: `counted` is how many were found up to the cursor.
  total integer,
  counted integer not null,
  recovered integer not null,
  -- Outcomes of deliveries that a later recovery made due again; the outcomes of all others are their states.
  delivered integer not null,
  failed integer not null,
  cursor uuid not null,
  created_at bigint not null,
  updated_at bigint not null,
  check ((filter is null) = (scope <> 'replay'))
);

create index recoveries_of_subscription on recovery (subscription_id, id);
create index recoveries_of_organization on recovery (organization_id, id);
create index recoveries_running on recovery (id) where status = 'running';
create index recoveries_running_of_subscription on recovery (subscription_id, id) where status = 'running';

-- Background tasks other than recoveries.
create table background_task (
  id uuid primary key,
  -- Null for the operator's own tasks.
  organization_id uuid references organization (id),
  kind text not null check (kind in ('payload_purge', 'delivery_survey', 'event_type_survey')),
  status text not null check (status in ('running', 'finished')),
  -- JSON: the subject of the task, and how far it has come.
  progress text not null,
  created_at bigint not null,
  updated_at bigint not null,
  check ((kind = 'payload_purge') = (organization_id is not null))
);

create index background_tasks_of_organization on background_task (organization_id, id);
create index background_tasks_running on background_task (id) where status = 'running';

-- The change log

-- What one transaction changed. No number tells which of two transactions committed first, but a snapshot that sees one of
-- them and not the other does: a stream continues with what its last snapshot did not see.
create table change_log_entry (
  organization_id uuid not null,
  transaction_id xid8 not null default pg_current_xact_id(),
  -- The number of the entry in its transaction: a large change is stored as several entries.
  part integer not null,
  committed_at bigint not null default cast(extract(epoch from clock_timestamp()) * 1000 as bigint),
  -- JSON: ids by kind.
  changes text not null,
  primary key (organization_id, transaction_id, part)
);

create index change_log_entries_by_age on change_log_entry (committed_at);

-- Collections, source connections, sync jobs, entities and chunks

-- Deleted collections and connections are hidden, and their rows stay until what they contained is removed step by step.
create table collection (
  id uuid primary key,
  organization_id uuid not null references organization (id),
  readable_id text collate "C" not null,
  name text not null,
  -- JSON.
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
  -- JSON.
  config text not null,
  auth_method text not null check (auth_method in ('direct', 'oauth_token', 'oauth_browser')),
  -- Sealed.
  credentials text,
  -- Counts the changes of the credentials, so that a writer replaces only those that it has read.
  credentials_version integer not null default 0,
  authenticated_at bigint,
  tokens_expire_at bigint,
  needs_reauth_at bigint,
  -- The job that renews the tokens, and until when no other job may.
  renewal_job_id uuid,
  renewal_until bigint,
  sync_id uuid,
  -- Where the next job continues to read. Sealed, since the cursors of some sources grant access like a key.
  sync_cursor text,
  entity_count integer not null default 0 check (entity_count >= 0),
  schedule_cron text,
  schedule_time_zone text,
  -- 1 when it is synced whenever the source changes; the watch that notices a change sets `next_run_at`.
  schedule_continuous integer not null default 0 check (schedule_continuous in (0, 1)),
  next_run_at bigint,
  -- While it is set, no sync starts by itself.
  paused_at bigint,
  created_at bigint not null,
  modified_at bigint not null,
  deleted_at bigint,
  check (schedule_continuous = 0 or schedule_cron is null),
  check ((schedule_cron is null) = (schedule_time_zone is null)),
  check ((renewal_job_id is null) = (renewal_until is null))
);

create index source_connections_of_organization on source_connection (organization_id, id);
create index source_connections_of_collection on source_connection (collection_id, id);
create index source_connections_scheduled on source_connection (next_run_at)
  where next_run_at is not null and paused_at is null and deleted_at is null;
create index source_connections_watched on source_connection (id)
  where schedule_continuous = 1 and paused_at is null and deleted_at is null;
create index source_connections_deleted on source_connection (id) where deleted_at is not null;

-- The way of a browser to a provider and back, which authenticates a source connection.
create table source_authorization (
  id uuid primary key,
  organization_id uuid not null,
  source_connection_id uuid not null references source_connection (id),
  -- SHA-256 in hexadecimal, for look-ups.
  code_hash text not null unique,
  state_hash text not null unique,
  -- Sealed: code, state, verifier and client.
  secrets text not null,
  redirect_url text,
  sync_immediately integer not null check (sync_immediately in (0, 1)),
  created_at bigint not null,
  expires_at bigint not null,
  opened_at bigint,
  used_at bigint,
  check (used_at is null or opened_at is not null)
);

create index authorizations_of_connection on source_authorization (source_connection_id, id);

-- The state machine is described in domain/sync-job.ts.
create table sync_job (
  id uuid primary key,
  organization_id uuid not null,
  source_connection_id uuid not null references source_connection (id),
  sync_id uuid not null,
  state text not null check (state in ('pending', 'running', 'cancelling', 'completed', 'failed', 'cancelled')),
  node_id uuid,
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
  last_message_id uuid,
  created_at bigint not null,
  started_at bigint,
  ended_at bigint,
  check ((state in ('completed', 'failed', 'cancelled')) = (ended_at is not null)),
  check ((state = 'failed') = (error is not null)),
  check (state <> 'pending' or started_at is null),
  check (state not in ('running', 'cancelling', 'completed') or started_at is not null)
);

create index jobs_of_connection on sync_job (source_connection_id, id);
-- A connection has at most one unfinished job.
create unique index job_under_way on sync_job (source_connection_id) where state in ('pending', 'running', 'cancelling');
-- Which jobs are pending, and which did an expired node leave?
create index jobs_unfinished on sync_job (state, id) where state in ('pending', 'running', 'cancelling');
-- Has a job of this connection ever completed?
create index jobs_completed on sync_job (source_connection_id) where state = 'completed';

create table entity (
  source_connection_id uuid not null references source_connection (id),
  id text collate "C" not null,
  type text collate "C" not null,
  name text not null,
  url text,
  hash text not null,
  -- The last job that stored the entity or found it unchanged: what a completed job has not seen is gone from the source.
  seen_by uuid not null,
  -- Which try of that job it was; negative when the entity was there and could not be read.
  seen_try integer not null,
  updated_at bigint not null,
  primary key (source_connection_id, id)
);

create index entities_by_job on entity (source_connection_id, seen_by, seen_try);
create index entities_by_type on entity (source_connection_id, type, updated_at);

-- The search finds words in any form, without accents. No word is left out, and characters between words are ignored.
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
  -- Pairs of characters, by which text of languages without spaces between words is found.
  pairs text,
  words tsvector generated always as (weft.words_of(text)) stored,
  unique (source_connection_id, entity_id, position),
  foreign key (source_connection_id, entity_id) references entity (source_connection_id, id)
);

create index chunks_by_word on chunk using gin (words);
create index chunks_by_pair on chunk using gin (to_tsvector('simple', pairs)) where pairs is not null;

-- The disk

-- Write checks change this one row, so that a full disk is noticed before an event is refused.
create table write_check (
  id smallint primary key check (id = 1),
  filler text
);

alter table write_check alter column filler set storage external;

insert into write_check (id) values (1);

-- Publishing in a transaction

-- A UUIDv7 for a time: PostgreSQL has such a function only from version 18 on. 12 bits count 4096ths of the millisecond, so
-- that the ids of one connection ascend.
create function new_id (microseconds bigint) returns uuid language sql volatile as $$
  select cast(lpad(to_hex(microseconds / 1000), 12, '0') || '7' ||
    lpad(to_hex(microseconds % 1000 * 4096 / 1000), 3, '0') ||
    substr(replace(cast(gen_random_uuid() as text), '-', ''), 17) as uuid)
$$;

-- The function with which applications publish an event in their own transaction: docs/publish-in-a-transaction.md.
create function publish (organization uuid, event_type text, payload text, event_id text default null)
returns uuid language plpgsql volatile security definer set search_path to pg_catalog, weft, pg_temp as $publish$
#variable_conflict use_column
declare
  payload_bytes_max constant integer := 262144;
  event_id_length_max constant integer := 256;
  event_type_length_max constant integer := 256;
  unknown_event_types text;
  document json;
  wanted weft.own_event_type;
  mistakes text;
  known record;
  microseconds constant bigint := cast(extract(epoch from clock_timestamp()) * 1000000 as bigint);
  id constant uuid := weft.new_id(microseconds);
begin
  if publish.organization is null or publish.event_type is null or publish.payload is null then
    raise exception 'weft.publish: organization, event_type and payload are needed, and one of them is null.'
      using errcode = 'null_value_not_allowed', hint = 'Only event_id may be null.';
  end if;
  select organization.unknown_event_types into unknown_event_types from organization
  where organization.id = publish.organization;
  if not found then
    raise exception 'weft.publish: there is no organization %.', publish.organization
      using errcode = 'foreign_key_violation', hint = 'GET /organizations lists those that there are.';
  end if;
  select * into wanted from own_event_type where name = publish.event_type;
  if not found and not exists (select from event_type where name = publish.event_type) then
    if unknown_event_types = 'refuse' then
      raise exception 'weft.publish: the event type % is not in the catalogue.', quote_literal(left(publish.event_type, 200))
        using errcode = 'invalid_parameter_value', hint = 'Create the event type with POST /webhooks/event-types, or set '
          'unknown_event_types of the organization to accept.';
    end if;
    if publish.event_type !~ '^[a-zA-Z0-9._-]+$' or char_length(publish.event_type) > event_type_length_max then
      raise exception 'weft.publish: % is not a name of an event type.', quote_literal(left(publish.event_type, 200))
        using errcode = 'invalid_parameter_value', hint = 'A name has at most 256 letters, digits, - _ and .';
    end if;
  end if;
  if octet_length(convert_to(publish.payload, 'UTF8')) > payload_bytes_max then
    raise exception 'weft.publish: the payload has % bytes; at most % are accepted.',
      octet_length(convert_to(publish.payload, 'UTF8')), payload_bytes_max
      using errcode = 'program_limit_exceeded', hint = 'Send what the receiver needs to look the rest up.';
  end if;
  if char_length(publish.event_id) not between 1 and event_id_length_max then
    raise exception 'weft.publish: the event id has % characters; 1 to % are accepted.',
      char_length(publish.event_id), event_id_length_max
      using errcode = 'invalid_parameter_value', hint = 'Leave it out, or give each event an id of its own.';
  end if;
  begin
    document := cast(publish.payload as json);
  exception when invalid_text_representation then
    raise exception 'weft.publish: the payload is not JSON: %.', sqlerrm
      using errcode = 'invalid_parameter_value', hint = 'Give the text of one JSON object; cast json and jsonb to text.';
  end;
  if json_typeof(document) <> 'object' then
    raise exception 'weft.publish: the payload is JSON of type %, and no object.', json_typeof(document)
      using errcode = 'invalid_parameter_value', hint = 'Give the text of one JSON object.';
  end if;
  -- Postgres cannot look into an object with \u0000 or half a character in it: without escapes it can, and no member that
  -- is looked for needs one.
  if strpos(publish.payload, '\u') > 0 then
    document := cast(regexp_replace(publish.payload, '\\(u....|.)', '_', 'g') as json);
  end if;
  select string_agg(mistake, '; ') into mistakes from (
    select 'there is no ' || member as mistake from unnest(wanted.required) as member
    where member not in (select json_object_keys(document))
    union all
    select key || ' must be "' || value || '"' from json_each_text(wanted.constants)
    where key in (select json_object_keys(document)) and (document ->> key) is distinct from value
  ) as checked;
  if mistakes is not null then
    raise exception 'weft.publish: the payload is no %: %.', publish.event_type, mistakes
      using errcode = 'invalid_parameter_value', hint = 'GET /webhooks/event-types has the schema and an example.';
  end if;
  -- The event id is taken by whoever commits it first. Others wait here, and then see what it was.
  while publish.event_id is not null loop
    insert into event_id (organization_id, event_id, message_id) values (publish.organization, publish.event_id, id)
    on conflict do nothing;
    exit when found;
    select event_id.message_id, coalesce(outbox.event_type, message.event_type) as event_type,
      coalesce(outbox.payload, message.payload) as payload into known
    from event_id left join outbox on outbox.id = message_id left join message on message.id = message_id
    where event_id.organization_id = publish.organization and event_id.event_id = publish.event_id;
    -- It may have been forgotten meanwhile, and then is free.
    continue when not found;
    if known.event_type is distinct from publish.event_type or known.payload is distinct from publish.payload then
      raise exception 'weft.publish: the event id % belongs to an event with another type or payload.',
        quote_literal(publish.event_id)
        using errcode = 'unique_violation', hint = 'Give each event an id of its own.';
    end if;
    return known.message_id;
  end loop;
  insert into outbox (id, organization_id, event_type, event_id, payload, created_at)
  values (id, publish.organization, publish.event_type, publish.event_id, publish.payload, microseconds / 1000);
  return id;
end
$publish$;

-- PostgreSQL lets every role execute a new function. Without this line the rights to the schema alone would protect them.
revoke all on all functions in schema weft from public;

-- This role may publish and nothing else. Where Weft's own user may not create roles, an administrator does the same by hand:
-- docs/publish-in-a-transaction.md.
do $$
begin
  if not exists (select from pg_roles where rolname = 'weft_publisher') then
    create role weft_publisher nologin;
  end if;
exception
  -- A migration of another database of this server may have created it at the same moment.
  when insufficient_privilege or duplicate_object or unique_violation then null;
end $$;

do $$
begin
  if exists (select from pg_roles where rolname = 'weft_publisher') then
    grant usage on schema weft to weft_publisher;
    grant execute on function publish (uuid, text, text, text) to weft_publisher;
  end if;
end $$;
