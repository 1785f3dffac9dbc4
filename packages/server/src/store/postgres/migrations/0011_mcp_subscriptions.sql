-- Subscriptions of agents, which they make through MCP.
alter table subscription drop constraint subscription_target_check;
alter table subscription add constraint subscription_target_check
  check (target in ('webhook', 'listener', 'slack', 'discord', 'pagerduty', 'email', 'mcp'));
-- The id under which an agent knows it; null for other targets.
alter table subscription add column mcp_id text collate "C";
-- The identity of its caller, and their API key; without a key under `weft dev`.
alter table subscription add column mcp_principal text collate "C";
alter table subscription add column mcp_key_id uuid;
-- JSON: its arguments in canonical form.
alter table subscription add column mcp_arguments text;
-- When it ends (Unix ms); 0 ends it at once.
alter table subscription add column expires_at bigint;
-- Why Weft ends it early; null otherwise.
alter table subscription add column mcp_ended text check (mcp_ended in ('access_revoked', 'event_removed'));
alter table subscription add check ((target = 'mcp') = (mcp_id is not null));
alter table subscription add check ((mcp_id is null) = (expires_at is null));

-- Which subscription does an agent mean?
create unique index subscription_by_mcp_id on subscription (organization_id, mcp_id) where mcp_id is not null and deleted_at is null;
-- Which subscriptions of agents have ended?
create index subscriptions_ending on subscription (expires_at) where expires_at is not null and deleted_at is null;
-- Which subscriptions depend on an API key?
create index subscriptions_of_key on subscription (mcp_key_id) where mcp_key_id is not null and deleted_at is null;

-- URLs that proved to want the events of a principal.
create table mcp_callback (
  organization_id uuid not null references organization (id) on delete cascade,
  principal text collate "C" not null,
  url text collate "C" not null,
  verified_until bigint not null,
  primary key (organization_id, principal, url)
);

create index mcp_callbacks_ending on mcp_callback (verified_until);

-- The order of the requests about one subscription of an agent, so that the last one wins.
create table mcp_turn (
  organization_id uuid not null references organization (id) on delete cascade,
  mcp_id text collate "C" not null,
  turn bigint not null,
  touched_at bigint not null,
  primary key (organization_id, mcp_id)
);

create index mcp_turns_ending on mcp_turn (touched_at);
