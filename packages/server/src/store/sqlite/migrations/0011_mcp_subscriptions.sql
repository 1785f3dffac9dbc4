-- Subscriptions of agents, which they make through MCP. SQLite cannot change a check, so the table is replaced.
create table subscription_with_agents (
  id text primary key,
  organization_id text not null references organization (id),
  -- The caller's own id for it.
  uid text,
  target text not null check (target in ('webhook', 'listener', 'slack', 'discord', 'pagerduty', 'email', 'mcp')),
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
  -- How requests authenticate to the receiver, as sealed JSON; null when they do not.
  access text,
  -- The end of its client certificate (Unix ms), and when an operational event announced that; null without one, or before.
  certificate_expires_at integer,
  certificate_announced_at integer,
  -- Whether requests to the subscription contain the trace context of their message.
  sends_trace_context integer not null default 0 check (sends_trace_context in (0, 1)),
  -- Counts the versions of its settings that clients of Svix have set.
  version integer not null default 1,
  -- The id under which an agent knows it; null for other targets.
  mcp_id text,
  -- The identity of its caller, and their API key; without a key under `weft dev`.
  mcp_principal text,
  mcp_key_id text,
  -- JSON: its arguments in canonical form.
  mcp_arguments text check (mcp_arguments is null or json_valid(mcp_arguments)),
  -- When it ends (Unix ms); 0 ends it at once.
  expires_at integer,
  -- Why Weft ends it early; null otherwise.
  mcp_ended text check (mcp_ended in ('access_revoked', 'event_removed')),
  check (target not in ('webhook', 'listener') or (template is null and credential is null)),
  check ((target = 'listener') = (listener_heard_at is not null)),
  check ((disabled_reason is null) = (disabled_at is null)),
  check ((target = 'mcp') = (mcp_id is not null)),
  check ((mcp_id is null) = (expires_at is null))
) strict;

insert into subscription_with_agents (id, organization_id, uid, target, url, description, metadata, event_types, channels, filters, headers, retry_delays_ms, ordered, rate_limit,
    template, credential, listener_heard_at, disabled_reason, disabled_at, created_at, updated_at, deleted_at,
    access, certificate_expires_at, certificate_announced_at, sends_trace_context,
    version)
  select id, organization_id, uid, target, url, description, metadata, event_types, channels, filters, headers, retry_delays_ms, ordered, rate_limit,
    template, credential, listener_heard_at, disabled_reason, disabled_at, created_at, updated_at, deleted_at,
    access, certificate_expires_at, certificate_announced_at, sends_trace_context,
    version
  from subscription;
drop table subscription;
alter table subscription_with_agents rename to subscription;

create index subscriptions_of_organization on subscription (organization_id, id) where deleted_at is null;
create unique index subscription_by_uid on subscription (organization_id, uid) where uid is not null and deleted_at is null;
-- The subscriptions that a message could have been sent to include those that were deleted since.
create index subscriptions_deleted on subscription (organization_id, id, deleted_at) where deleted_at is not null;
-- Which subscriptions does the engine leave to listeners, and which listeners have sent no sign of life for long?
create index listeners on subscription (id) where target = 'listener' and deleted_at is null;
create index subscription_expiring_certificate on subscription (certificate_expires_at)
  where certificate_expires_at is not null and certificate_announced_at is null and deleted_at is null;
-- Which subscription does an agent mean?
create unique index subscription_by_mcp_id on subscription (organization_id, mcp_id) where mcp_id is not null and deleted_at is null;
-- Which subscriptions of agents have ended?
create index subscriptions_ending on subscription (expires_at) where expires_at is not null and deleted_at is null;
-- Which subscriptions depend on an API key?
create index subscriptions_of_key on subscription (mcp_key_id) where mcp_key_id is not null and deleted_at is null;

-- URLs that proved to want the events of a principal.
create table mcp_callback (
  organization_id text not null references organization (id) on delete cascade,
  principal text not null,
  url text not null,
  verified_until integer not null,
  primary key (organization_id, principal, url)
) strict, without rowid;

create index mcp_callbacks_ending on mcp_callback (verified_until);

-- The order of the requests about one subscription of an agent, so that the last one wins.
create table mcp_turn (
  organization_id text not null references organization (id) on delete cascade,
  mcp_id text not null,
  turn integer not null,
  touched_at integer not null,
  primary key (organization_id, mcp_id)
) strict, without rowid;

create index mcp_turns_ending on mcp_turn (touched_at);
