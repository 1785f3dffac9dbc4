-- Organizations and keys, messages, subscriptions, deliveries, attempts, recoveries.
-- Ids are UUIDv7 as text, so id order is time order. Times are integer milliseconds. Payloads are text, as received.

create table organization (
  id text primary key,
  name text not null,
  created_at integer not null,
  modified_at integer not null
) strict, without rowid;

create table api_key (
  id text primary key,
  organization_id text not null references organization (id) on delete cascade,
  name text not null,
  prefix text not null,
  hash text not null unique,
  scopes text not null check (json_valid(scopes)),
  created_at integer not null,
  expires_at integer
) strict;

create index api_keys_of_organization on api_key (organization_id, id);

create table message (
  id text primary key,
  organization_id text not null references organization (id),
  event_type text not null,
  event_id text,
  payload text not null,
  created_at integer not null,
  -- The subscription that a test event was made for: nobody else gets it, also not in a recovery.
  test_of text
) strict;

create index messages_of_organization on message (organization_id, id);
create index messages_by_event_type on message (organization_id, event_type, id);
create unique index message_by_event_id on message (organization_id, event_id) where event_id is not null;

create table idempotency (
  organization_id text not null,
  key text not null,
  request_hash text not null,
  created_at integer not null,
  -- Both null while the request is under way. The answers of stored requests are encrypted: a new key may be in one.
  status integer,
  body text,
  primary key (organization_id, key),
  check ((status is null) = (body is null))
) strict, without rowid;

create index idempotency_by_age on idempotency (created_at);

create table subscription (
  id text primary key,
  organization_id text not null references organization (id),
  url text not null,
  event_types text not null check (json_valid(event_types)),
  description text,
  filters text check (filters is null or json_valid(filters)),
  -- Encrypted: they may carry credentials.
  headers text not null,
  retry_delays_ms text check (retry_delays_ms is null or json_valid(retry_delays_ms)),
  disabled_reason text check (disabled_reason in ('by_request', 'gone', 'failing')),
  created_at integer not null,
  updated_at integer not null,
  deleted_at integer
) strict;

create index subscriptions_of_organization on subscription (organization_id, id) where deleted_at is null;

-- Which subscriptions want an event type: one lookup for each of its patterns.
create table subscription_pattern (
  organization_id text not null,
  pattern text not null,
  subscription_id text not null references subscription (id) on delete cascade,
  primary key (organization_id, pattern, subscription_id)
) strict, without rowid;

create index patterns_of_subscription on subscription_pattern (subscription_id);

create table subscription_health (
  subscription_id text primary key references subscription (id) on delete cascade,
  recent text not null,
  failing_since integer
) strict, without rowid;

create table signing_secret (
  subscription_id text not null references subscription (id) on delete cascade,
  position integer not null,
  -- Encrypted.
  secret text not null,
  created_at integer not null,
  expires_at integer,
  primary key (subscription_id, position)
) strict, without rowid;

create table node (
  id text primary key,
  lease_until integer not null
) strict, without rowid;

-- The state machine stands at the top of domain/delivery.ts.
create table delivery (
  message_id text not null references message (id),
  subscription_id text not null references subscription (id),
  organization_id text not null,
  state text not null check (state in ('due', 'claimed', 'delivered', 'failed', 'skipped', 'cancelled')),
  trigger text not null check (trigger in ('scheduled', 'manual', 'recovery', 'test')),
  attempts integer not null,
  schedule_step integer not null,
  due_at integer not null,
  node_id text,
  primary key (message_id, subscription_id),
  check ((state = 'claimed') = (node_id is not null))
) strict, without rowid;

-- What is due in this lane?
create index deliveries_due on delivery (subscription_id, due_at, message_id) where state = 'due';
-- What does this node hold?
create index deliveries_claimed on delivery (node_id, subscription_id) where state = 'claimed';
-- Which messages failed?
create index deliveries_failed on delivery (organization_id, message_id) where state = 'failed';

create table attempt (
  id text primary key,
  organization_id text not null,
  message_id text not null references message (id),
  subscription_id text not null references subscription (id),
  url text not null,
  succeeded integer not null check (succeeded in (0, 1)),
  response_status integer not null,
  response_body text,
  error text,
  started_at integer not null,
  duration_ms integer not null,
  attempt_number integer not null,
  trigger text not null,
  next_attempt_at integer
) strict, without rowid;

create index attempts_of_message on attempt (message_id, id);
create index attempts_of_subscription on attempt (subscription_id, id);

create table recovery (
  id text primary key,
  organization_id text not null references organization (id),
  subscription_id text not null references subscription (id),
  status text not null check (status in ('running', 'completed')),
  since integer not null,
  until integer not null,
  total integer not null,
  recovered integer not null,
  cursor text not null,
  created_at integer not null
) strict, without rowid;

create index recoveries_of_subscription on recovery (subscription_id, id);
create index recoveries_running on recovery (id) where status = 'running';
